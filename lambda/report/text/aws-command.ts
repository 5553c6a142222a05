import type { ApiCall } from '../../core/plan/schema.ts';
import { shellOption, shellQuote } from './shell-quote.ts';

/**
 * One IAM call as an AWS command line for a POSIX shell, one option a line.
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
