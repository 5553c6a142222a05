import type { PatternChange, ProposedPolicy } from '../../core/model/proposed-policy.ts';
import type {
  PrincipalProposal,
  Proposal,
  RefineProposal,
  SharedProposal,
  Summary,
} from '../../core/proposal/schema.ts';
import type { RiskOf } from '../../core/risk/risk.ts';
import { actionsPhrase } from '../text/risk-words.ts';
import { renderJson, type JsonValue } from '../../core/model/json.ts';
import { applyView, commandBlocks } from './how-to-apply.ts';
import { count } from '../../core/model/wording.ts';
import { counted, share, oneLine } from '../text/format.ts';
import { diffLinesOf, type LineDiff } from '../text/line-diff.ts';
import {
  byReason,
  dispositionName,
  isChanging,
  principalKind,
  proofSentence,
  sharedProofSentence,
  sourceName,
} from '../text/wording.ts';

/**
 * Characters that the body of a pull request may have, less some for a reviewer's own words.
 * Source: https://docs.github.com/en/graphql/reference/input-objects#createpullrequestinput
 */
const LONGEST = 60_000;
/** Patterns named in a row of a table before the others are only counted. */
const MOST_NAMED = 12;

/**
 * A proposal as Markdown for a pull request or an issue: the verdict, each policy with its changes and their reasons, the
 * diff, and the commands. Data cannot end its code span or fence, because these are longer than
 * any run of backticks within. A text that would be too long ends after the last part that fits, and says so.
 */
export function renderMarkdown(proposal: Proposal): string {
  const parts = partsOf(proposal);
  const shown: string[] = [];
  let length = 0;
  for (const part of parts) {
    if (length + part.length > LONGEST) {
      shown.push('*The rest does not fit into a pull request: see `proposal.json` and `report.html`.*');
      break;
    }
    shown.push(part);
    length += part.length + 2;
  }
  return `${shown.join('\n\n')}\n`;
}

function partsOf(proposal: Proposal): readonly string[] {
  if ('subject' in proposal) return sharedParts(proposal);
  return proposal.kind === 'refine-permissions' ? refineParts(proposal) : removalParts(proposal);
}

function refineParts(proposal: RefineProposal): readonly string[] {
  const { summary, principal, retained, residue, finding, catalogue } = proposal;
  const lost = summary.actionsGrantedBefore - summary.actionsGrantedAfter;
  return [
    `## Remove unused permissions of ${principal.type} ${code(principal.name)}`,
    `${code(principal.arn)} loses **${count(lost)} of the ${counted(summary.actionsGrantedBefore, 'action')}** (${share(lost, summary.actionsGrantedBefore)}) that its policies grant, all reported unused.`,
    ...warningParts(proposal),
    `✅ **Proven exact.** ${proofSentence(proposal)}`,
    ...riskParts(proposal),
    summaryTable(summary),
    ...proposal.notes.map((note) => `- ${plain(note)}`),
    ...exceptionList(
      'Unused, kept on purpose',
      retained.map(({ action, reason }) => [action, reason]),
    ),
    ...exceptionList(
      'Unused, still granted',
      residue.map(({ action, through, reason }) => [action, `${through}: ${reason}`]),
    ),
    ...proposal.policies.flatMap(policyParts),
    ...commandParts(proposal),
    `Finding ${code(finding.id)} · action catalogue ${code(`${catalogue.source} ${catalogue.version}`)} · proposal ${code(proposal.proposalId)}${owner(proposal)}`,
  ];
}

function sharedParts(proposal: SharedProposal): readonly string[] {
  const { subject, holders, summary, retained, catalogue, advice } = proposal;
  const lost = summary.actionsGrantedBefore - summary.actionsGrantedAfter;
  const what = subject.type === 'policy' ? 'shared policy' : 'group';
  return [
    `## Remove unused permissions of the ${what} ${code(subject.name)}`,
    `${code(subject.arn)} reaches ${counted(holders.principals, 'principal')}, and each loses **${count(lost)} of the ${counted(summary.actionsGrantedBefore, 'action')}** (${share(lost, summary.actionsGrantedBefore)}) that it grants, all reported unused for every one of them.`,
    ...warningParts(proposal),
    `✅ **Proven exact.** ${sharedProofSentence(proposal)}`,
    ...riskParts(proposal),
    summaryTable(summary),
    `- ${plain(advice.reason)}`,
    ...proposal.notes.map((note) => `- ${plain(note)}`),
    ...exceptionList(
      'Unused, kept on purpose',
      retained.map(({ action, reason }) => [action, reason]),
    ),
    ...proposal.policies.flatMap(policyParts),
    ...commandParts(proposal),
    `Action catalogue ${code(`${catalogue.source} ${catalogue.version}`)} · proposal ${code(proposal.proposalId)}`,
  ];
}

function warningParts({ warnings = [] }: Proposal): readonly string[] {
  return warnings.map((warning) => `⚠️ **Stop.** ${plain(warning)}`);
}

/** The removed and the remaining actions by kind, and the riskiest of both. */
function riskParts({ risk }: RefineProposal | SharedProposal): readonly string[] {
  if (risk === undefined) return [];
  const line = (title: string, one: RiskOf): string =>
    `- **${title}:** ${actionsPhrase(one)}${one.highImpact.length > 0 ? ` (${named(one.highImpact)})` : ''}`;
  return [[line('Removed', risk.removed), line('Remaining', risk.remaining)].join('\n')];
}

function summaryTable(summary: Summary): string {
  return table(
    ['', 'Before', 'After'],
    [
      ['Actions granted', count(summary.actionsGrantedBefore), count(summary.actionsGrantedAfter)],
      ['Services granted', count(summary.servicesGrantedBefore), count(summary.servicesGrantedAfter)],
      ['Characters of policy', count(summary.charactersBefore), count(summary.charactersAfter)],
    ],
  );
}

function removalParts(proposal: Extract<PrincipalProposal, { kind: `remove-${string}` }>): readonly string[] {
  const { principal } = proposal;
  const what =
    proposal.kind === 'remove-role'
      ? 'is reported unused.'
      : proposal.kind === 'remove-password'
        ? 'has a console password that is reported unused.'
        : `has the access key ${code(proposal.accessKeyId ?? '')}, which is reported unused.`;
  return [
    `## Remove unused access of ${principal.type} ${code(principal.name)}`,
    `${principalKind(principal)} ${code(principal.arn)} ${what}`,
    ...proposal.notes.map((note) => `- ${plain(note)}`),
    ...commandParts(proposal),
    `Finding ${code(proposal.finding.id)} · proposal ${code(proposal.proposalId)}${owner(proposal)}`,
  ];
}

function owner({ owner: name }: PrincipalProposal): string {
  return name === undefined ? '' : ` · owner ${code(name)}`;
}

function exceptionList(title: string, items: readonly (readonly [string, string])[]): readonly string[] {
  if (items.length === 0) return [];
  const lines = byReason(items, ([, reason]) => reason).map(
    ([reason, group]) => `- ${named(group.map(([action]) => action))}: ${plain(reason)}`,
  );
  return [`### ${title}`, lines.join('\n')];
}

function policyParts(policy: ProposedPolicy): readonly string[] {
  const heading = `### ${code(policy.name)} (${sourceName(policy.source)}): ${dispositionName(policy.disposition).text}`;
  const reason = `${plain(policy.reason.charAt(0).toUpperCase() + policy.reason.slice(1))}.`;
  if (!isChanging(policy)) return [heading, reason];
  const rows = policy.changes.filter(({ outcome }) => outcome !== 'kept');
  return [
    heading,
    reason,
    ...(rows.length > 0
      ? [table(['Statement', 'Pattern', 'Outcome', 'Becomes', 'Why'], changeRows(rows))]
      : []),
    ...(policy.after.length > 0
      ? [
          fence(
            'diff',
            unifiedText(
              diffLinesOf(
                textOf(policy.before),
                policy.after.map(({ document }) => textOf(document)).join('\n'),
              ),
            ),
          ),
        ]
      : []),
  ];
}

/** Patterns of one statement with the same outcome for the same reason share a row; each split wildcard has its own. */
function changeRows(changes: readonly PatternChange[]): readonly (readonly string[])[] {
  const groups = byReason(changes, (change) =>
    [
      change.statement,
      change.outcome,
      change.reason,
      change.outcome === 'narrowed' ? change.pattern : '',
    ].join('\n'),
  );
  return groups.flatMap(([, group]) => {
    const [first] = group;
    if (!first) return [];
    return [
      [
        `${String(first.statement + 1)}${first.sid ? ` ${code(first.sid)}` : ''}`,
        named(group.map(({ pattern }) => pattern)),
        first.outcome,
        first.to.length > 0 ? named(first.to) : '',
        plain(first.reason),
      ],
    ];
  });
}

function commandParts(proposal: Proposal): readonly string[] {
  const view = applyView(proposal);
  return [
    '### How to apply and undo',
    'This command first checks that everything is still as it was analysed:',
    fence('sh', view.guarded),
    view.about,
    ...view.freeFirst.map((text) => `**Before the first step:** ${plain(text)}`),
    ...commandBlocks(view).map(
      ({ title, text }) => `<details><summary>${title}</summary>\n\n${fence('sh', text)}\n\n</details>`,
    ),
    ...(view.denials === undefined
      ? []
      : [
          `<details><summary>A week later: who was denied something</summary>\n\n${fence('sql', view.denials.trimEnd())}\n\n</details>`,
        ]),
    ...view.remarks.map((remark) => `- ${plain(remark)}`),
  ];
}

function unifiedText(diff: LineDiff): string {
  return diff.hunks
    .flatMap(({ skipped, lines }) => [
      ...(skipped > 0 ? [`@@ ${counted(skipped, 'unchanged line')} @@`] : []),
      ...lines.map(({ kind, text }) => `${kind === 'removed' ? '-' : kind === 'added' ? '+' : ' '}${text}`),
    ])
    .join('\n');
}

function textOf(document: JsonValue): string {
  return typeof document === 'string' ? document : renderJson(document);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function named(texts: readonly string[]): string {
  const shown = texts.slice(0, MOST_NAMED).map(code).join(', ');
  const rest = texts.length - MOST_NAMED;
  return rest > 0 ? `${shown} and ${count(rest)} more` : shown;
}

/**
 * A code span. Its fence is longer than any run of backticks within. In a table, a bar ends the cell even inside a span,
 * so it is escaped by a backslash.
 */
function code(text: string): string {
  const inner = oneLine(text).replaceAll('|', '\\|');
  const mark = '`'.repeat(longestRun(inner) + 1);
  const space = inner.startsWith('`') || inner.endsWith('`') || inner === '' ? ' ' : '';
  return `${mark}${space}${inner}${space}${mark}`;
}

function fence(language: string, text: string): string {
  const mark = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${mark}${language}\n${text}\n${mark}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}

/** Prose of the proposal, which may quote names. It is escaped, so that nothing in it is Markdown, HTML or a mention. */
function plain(text: string): string {
  return oneLine(text)
    .replace(/[\\`*_[\]<>|#~]/g, (c) => `\\${c}`)
    .replaceAll('@', '@\u200b');
}
