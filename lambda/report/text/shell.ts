import type { ApiCall } from '../../core/plan/schema.ts';
import type { Proposal } from '../../core/proposal/schema.ts';

/**
 * A text as one word of a POSIX shell. A text with other than harmless characters is put in single quotes, within
 * which no character has a meaning for the shell; a single quote is written as `'\''`.
 */
export function shellQuote(text: string): string {
  return /^[A-Za-z0-9_/:.@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** An option of the AWS CLI with its value. IAM accepts names that begin with a dash, which would be read as options. */
function shellOption(option: string, value: string): string {
  return `${option}${value.startsWith('-') ? '=' : ' '}${shellQuote(value)}`;
}

/**
 * One IAM call as an AWS CLI command for a POSIX shell, one option on each line.
 * Source: https://docs.aws.amazon.com/cli/latest/reference/iam/index.html
 */
export function awsCommand(call: ApiCall): string {
  const options = Object.entries(call.parameters).flatMap(([name, value]) => option(name, value));
  return [`aws iam ${kebab(call.call)}`, ...options].join(' \\\n  ');
}

function option(name: string, value: ApiCall['parameters'][string]): readonly string[] {
  const flag = `--${kebab(name)}`;
  if (typeof value === 'boolean') return value ? [flag] : [];
  if (typeof value !== 'string') {
    // JSON text rather than the shorthand: a tag's value may hold commas and quotes.
    const tags = value.map((tag) => ({ Key: tag.key, Value: tag.value }));
    return tags.length === 0 ? [] : [`${flag} ${shellQuote(JSON.stringify(tags))}`];
  }
  return [shellOption(flag, value)];
}

/** `PutRolePolicy` → `put-role-policy`. */
function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter, at: number) => (at === 0 ? '' : '-') + letter.toLowerCase());
}

/**
 * The command that archives the finding of a proposal, for a person to run. Empty if no analyzer made the finding, and for
 * shared proposals, whose findings are about the holders.
 * Source: https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_UpdateFindings.html
 */
export function archiveCommand(proposal: Proposal): readonly string[] {
  if ('subject' in proposal || proposal.finding.analyzerArn === null) return [];
  const { analyzerArn, id } = proposal.finding;
  const region = analyzerArn.split(':')[3] ?? '';
  return [
    `aws accessanalyzer update-findings --region ${shellQuote(region)} --analyzer-arn ${shellQuote(analyzerArn)} --ids ${shellQuote(id)} --status ARCHIVED`,
  ];
}
