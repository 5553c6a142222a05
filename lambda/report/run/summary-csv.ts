import { byCodeUnit } from '../../core/model/order.ts';
import type { Summary } from '../../core/proposal/schema.ts';
import type { RiskFacts } from '../../core/risk/risk.ts';
import { byRemovedRisk, type RunEntry, type RunOverview, type SharedEntry } from './run-overview.ts';

const COLUMNS = [
  'accountId',
  'principalType',
  'principalName',
  'principalArn',
  'outcome',
  'actionsGrantedBefore',
  'actionsGrantedAfter',
  'actionsRemoved',
  'servicesGrantedBefore',
  'servicesGrantedAfter',
  'charactersBefore',
  'charactersAfter',
  'retained',
  'residue',
  'policiesNotRefined',
  'sameOutcomeAs',
  'path',
  'reason',
  'warnings',
] as const;

/** Further columns, if the risk of some proposal is known. */
const RISK_COLUMNS = [
  'highImpactRemoved',
  'permissionsRemoved',
  'writeRemoved',
  'taggingRemoved',
  'readRemoved',
  'listRemoved',
  'unknownRemoved',
  'highImpactRemaining',
] as const;

/**
 * A run as a table for a spreadsheet (RFC 4180: commas, CRLF, quotes doubled): a row for each proposal, the riskiest first, then a
 * row for each principal without a proposal, then a row for each shared policy and group.
 * `outcome` is the proposal's kind, or why there is none. Rows with the same `sameOutcomeAs` have the identical outcome.
 * If proposals have them, the removed actions by kind and the remaining high-impact actions are further columns, then `state`
 * and `stateReason` of proposals that should no longer be applied, `decisions`, `accountName`, and last `owner`, each if any is known.
 *
 * A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula, and IAM names may begin so. Such a
 * cell therefore gets an apostrophe in front.
 * Source: https://owasp.org/www-community/attacks/CSV_Injection
 */
export function renderSummaryCsv(run: RunOverview): string {
  const entries = [...run.entries].sort(
    (a, b) =>
      byRemovedRisk(a, b) ||
      byCodeUnit(a.principal.accountId, b.principal.accountId) ||
      byCodeUnit(a.principal.name, b.principal.name) ||
      byCodeUnit(a.path, b.path),
  );
  const shares = run.shared ?? [];
  const hasRisk = [...entries, ...shares].some(({ risk }) => risk !== undefined);
  const hasStates = [...entries, ...shares].some(({ state }) => state !== undefined);
  const hasDecisions = [...entries, ...shares].some(({ decisions }) => decisions !== undefined);
  const hasNames = [...entries, ...run.others, ...shares].some(
    ({ accountName }) => accountName !== undefined,
  );
  const hasOwners = entries.some(({ owner }) => owner !== undefined);
  const more = ({ accountName, owner, risk, state, decisions = [] }: Known) => [
    ...(hasRisk ? riskCells(risk) : []),
    ...(hasStates ? [state?.name, state?.reason] : []),
    ...(hasDecisions ? [decisions.join('; ')] : []),
    ...(hasNames ? [accountName] : []),
    ...(hasOwners ? [owner] : []),
  ];
  const proposals = entries.map(
    ({ principal, kind, numbers, retained, residue, refused, signature, path, warnings = [], ...known }) => [
      principal.accountId,
      principal.type,
      principal.name,
      principal.arn,
      kind,
      ...figureCells(numbers),
      retained,
      residue,
      refused.length,
      signature,
      path,
      refused.map(({ policy, reason }) => `${policy}: ${reason}`).join('; '),
      warnings.join(' '),
      ...more(known),
    ],
  );
  const others = [...run.others]
    .sort((a, b) => byCodeUnit(a.resource, b.resource) || byCodeUnit(a.reason, b.reason))
    .map(({ resource, accountName, outcome, reason }) => [
      ...whoOf(resource),
      outcome,
      ...Array<undefined>(12),
      reason,
      undefined,
      ...more({ accountName }),
    ]);
  const shared = [...shares].sort(byRemovedRisk).map((entry) => [...sharedRow(entry), ...more(entry)]);
  return [
    [
      ...COLUMNS,
      ...(hasRisk ? RISK_COLUMNS : []),
      ...(hasStates ? ['state', 'stateReason'] : []),
      ...(hasDecisions ? ['decisions'] : []),
      ...(hasNames ? ['accountName'] : []),
      ...(hasOwners ? ['owner'] : []),
    ],
    ...proposals,
    ...others,
    ...shared,
  ]
    .map((cells) => `${cells.map(cell).join(',')}\r\n`)
    .join('');
}

/** What the further columns tell of a row. */
type Known = Partial<Pick<RunEntry, 'accountName' | 'owner' | 'risk' | 'state' | 'decisions'>>;

/** `reason` is the advice, or why there is no proposal. The actions are those that each principal is granted by it. */
function sharedRow({ subject, outcome, numbers, path, reason, refused = [], warnings = [] }: SharedEntry) {
  const kind = subject.type === 'policy' ? 'refine-shared-policy' : 'refine-group';
  return [
    subject.accountId,
    subject.type,
    subject.name,
    subject.arn,
    outcome === 'proposed' ? kind : outcome,
    ...figureCells(numbers),
    undefined,
    undefined,
    refused.length,
    undefined,
    path,
    reason,
    warnings.join(' '),
  ];
}

function figureCells(numbers: Summary | null | undefined): readonly (number | undefined)[] {
  return [
    numbers?.actionsGrantedBefore,
    numbers?.actionsGrantedAfter,
    numbers ? numbers.actionsGrantedBefore - numbers.actionsGrantedAfter : undefined,
    numbers?.servicesGrantedBefore,
    numbers?.servicesGrantedAfter,
    numbers?.charactersBefore,
    numbers?.charactersAfter,
  ];
}

/** The removed actions by kind, and the number of remaining high-impact actions; empty if the risk is not known. */
function riskCells(risk: RiskFacts | undefined): readonly (number | undefined)[] {
  if (risk === undefined) return Array<undefined>(8);
  const { removed, remaining } = risk;
  const { permissions, write, tagging, read, list, unknown } = removed.levels;
  return [removed.highImpact, permissions, write, tagging, read, list, unknown, remaining?.highImpact];
}

/** Account, type, name and ARN of a principal, from its ARN; any other text is only copied into the last cell. */
function whoOf(resource: string): readonly string[] {
  const match = /^arn:[^:]*:iam::(\d+):(role|user)\/(?:.*\/)?([^/]+)$/.exec(resource);
  return [match?.[1] ?? '', match?.[2] ?? '', match?.[3] ?? '', resource];
}

function cell(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
