import { PROPOSAL_NAME } from '../../lambda/report/text/wording.ts';
import { count } from '../../lambda/core/model/wording.ts';
import { counted } from '../../lambda/report/text/format.ts';
import type { RiskFacts } from '../../lambda/core/risk/risk.ts';
import { byRemovedRisk, type SharedEntry } from '../../lambda/report/run/run-overview.ts';
import { changing, HARDLY_WORTH, highImpactPhrase } from '../../lambda/report/text/risk-words.ts';
import color from 'picocolors';
import { byCodeUnit } from '../../lambda/core/model/order.ts';
import type { Decision } from '../../lambda/core/decision/decision.ts';
import { decidedAbout } from './decided.ts';
import type { ProposedRecord, RunRecord } from './run-record.ts';
import { printable } from './terminal.ts';
import { renderTextTable } from './text-table.ts';

interface Row {
  readonly principal: string;
  readonly outcome: string[];
  readonly actions: string[];
  readonly note: string[];
  /** How many findings about its permissions led to a proposal, for example of several analyzers. */
  refinements: number;
  /** The risk of its riskiest proposal. */
  risk: RiskFacts | undefined;
}

/** The terminal that the table is printed on. */
interface Screen {
  /**
   * Width of the terminal. If undefined, the output is not a terminal: nothing is wrapped, and each principal has one
   * line.
   */
  readonly columns: number | undefined;
  readonly hasColors: boolean;
}

/** The files of a run, named in lines about failures. */
export interface RunFiles {
  readonly accountDetails: string;
  readonly findings: string;
}

/** The summary of an offline run: one line for each principal, and totals. */
export class RunTable {
  readonly #decisions: readonly Decision[];
  readonly #rows = new Map<string, Row>();
  readonly #complaints: string[] = [];
  readonly #remarks: string[] = [];
  readonly #totals = { proposals: 0, unchanged: 0, skipped: 0, failed: 0 };
  /** What each principal is granted; the proposal that leaves most counts if there are several. */
  readonly #actions = new Map<string, { readonly before: number; readonly after: number }>();

  /** @param decisions shown in the lines of the proposals */
  constructor(decisions: readonly Decision[] = []) {
    this.#decisions = decisions;
  }

  get hasFailures(): boolean {
    return this.#complaints.length > 0;
  }

  /** What failed or was refused, one line each: the file, the position, what is wrong and what to do. */
  get complaints(): readonly string[] {
    return this.#complaints;
  }

  /** Other remarks, one line each. */
  get remarks(): readonly string[] {
    return this.#remarks;
  }

  /** Adds the outcomes of one finding, which are several if it names several access keys. */
  add(outcomes: readonly RunRecord[], files: RunFiles): void {
    for (const outcome of outcomes) this.#addOutcome(outcome, files);
  }

  #addOutcome(outcome: RunRecord, files: RunFiles): void {
    this.#complaints.push(...(outcome.complaints ?? []).map((text) => `${files.accountDetails}: ${text}`));
    this.#remarks.push(...(outcome.remarks ?? []));
    switch (outcome.kind) {
      case 'proposed':
        this.#addProposal(outcome);
        this.#addRefused(outcome.entry.principal.arn, outcome.refused, files);
        return;
      case 'unchanged':
        this.#totals.unchanged += 1;
        this.#note(outcome.principal.arn, 'unchanged', '', outcome.reason);
        this.#addRefused(outcome.principal.arn, outcome.refused, files);
        return;
      case 'skipped':
        this.#totals.skipped += 1;
        this.#note(outcome.resource, 'skipped', '', outcome.reason);
        return;
      case 'gone':
        this.#fail(
          outcome.resource,
          files.findings,
          `${files.accountDetails} lacks this principal; was it deleted, or exported from another account?`,
        );
        return;
      case 'failed':
        this.#fail(outcome.resource, files.findings, outcome.reason);
        return;
      default:
        outcome satisfies never;
    }
  }

  render(screen: Screen): string {
    const { bold } = color.createColors(screen.hasColors);
    const rows = [...this.#rows.values()]
      .sort((a, b) => byRemovedRisk(a, b) || byCodeUnit(a.principal, b.principal))
      .map(({ principal, outcome, actions, note, refinements }) => [
        principal,
        joined(outcome),
        joined(actions),
        joined([...(refinements > 1 ? [`${count(refinements)} findings`] : []), ...new Set(note)], '; '),
      ]);
    const table = renderTextTable({
      head: HEAD,
      rows,
      right: RIGHT,
      columns: screen.columns,
      squeeze: SQUEEZE,
    });
    return `${table}\n\n${bold(this.#headline())}\n${this.#summary()}`;
  }

  #addProposal({ entry, accessKeyId, fittings, cautions }: ProposedRecord): void {
    this.#totals.proposals += 1;
    const { principal, kind, numbers, retained, residue, risk } = entry;
    const decided = decidedAbout(entry, this.#decisions);
    if (numbers === null) {
      const row = this.#note(
        principal.arn,
        PROPOSAL_NAME[kind] + (accessKeyId === undefined ? '' : ` ${accessKeyId}`),
        '',
        decided.join('; '),
      );
      row.risk = riskier(row.risk, risk);
      return;
    }
    const { actionsGrantedBefore: before, actionsGrantedAfter: after } = numbers;
    const other = this.#actions.get(principal.arn);
    if (!other || other.after < after) this.#actions.set(principal.arn, { before, after });
    const remarks = [
      ...cautions,
      ...decided,
      removedPhrase(risk),
      someOf(retained, 'action retained', 'actions retained'),
      someOf(residue, 'unused action still granted', 'unused actions still granted'),
      ...fittings,
    ];
    const row = this.#note(
      principal.arn,
      PROPOSAL_NAME[kind],
      `${count(before)} → ${count(after)}`,
      remarks.filter((r) => r !== '').join('; '),
    );
    row.refinements += 1;
    row.risk = riskier(row.risk, risk);
  }

  #addRefused(
    arn: string,
    refused: readonly { readonly policy: string; readonly reason: string }[],
    { accountDetails }: RunFiles,
  ): void {
    for (const { policy, reason } of refused) {
      this.#note(arn, '', '', `policy ${policy} refused`);
      this.#complaints.push(`${accountDetails}: ${arn}: policy ${policy} was not refined: ${reason}`);
    }
  }

  #fail(arn: string, file: string, reason: string): void {
    this.#totals.failed += 1;
    this.#note(arn, 'failed', '', reason);
    this.#complaints.push(`${file}: ${arn}: ${reason}`);
  }

  #note(arn: string, outcome: string, actions: string, note: string): Row {
    const row = this.#rows.get(arn) ?? {
      principal: shortName(arn),
      outcome: [],
      actions: [],
      note: [],
      refinements: 0,
      risk: undefined,
    };
    this.#rows.set(arn, row);
    row.outcome.push(outcome);
    row.actions.push(actions);
    if (note !== '') row.note.push(printable(note));
    return row;
  }

  #headline(): string {
    const { proposals } = this.#totals;
    return `${someOf(proposals, 'proposal', 'proposals') || 'no proposals'} for ${counted(this.#rows.size, 'principal')}`;
  }

  #summary(): string {
    const { unchanged, skipped, failed } = this.#totals;
    let [before, after] = [0, 0];
    for (const one of this.#actions.values()) {
      before += one.before;
      after += one.after;
    }
    const share = before === 0 ? '' : ` (${String(Math.round(((before - after) * 100) / before))} % fewer)`;
    return [
      `${count(unchanged)} unchanged, ${count(skipped)} skipped, ${count(failed)} failed`,
      `actions granted: ${count(before)} → ${count(after)}${share}`,
    ].join('; ');
  }
}

const HEAD = ['Principal', 'Proposal', 'Actions granted', 'Remarks'];
const RIGHT = new Set([2]);
/** Columns to shrink: first the remarks, then the proposals, then the principals. */
const SQUEEZE = [
  { column: 3, least: 24 },
  { column: 1, least: 20 },
  { column: 0, least: 20 },
  { column: 3, least: 18 },
  { column: 1, least: 11 },
];

function riskier(a: RiskFacts | undefined, b: RiskFacts | undefined): RiskFacts | undefined {
  return byRemovedRisk({ risk: a }, { risk: b }) <= 0 ? a : b;
}

/** The removed actions that need review, or that none does. */
function removedPhrase(risk: RiskFacts | undefined): string {
  if (risk === undefined) return '';
  if (risk.isHardlyWorth) return HARDLY_WORTH;
  const { highImpact, levels } = risk.removed;
  if (highImpact > 0) return `${highImpactPhrase(highImpact)} removed`;
  return someOf(changing(levels), 'action that changes things removed', 'actions that change things removed');
}

function joined(texts: readonly string[], separator = ', '): string {
  return texts.filter((text) => text !== '').join(separator);
}

/** `role ci-deployer`; the account and the path are in the proposal. */
function shortName(arn: string): string {
  const [, type = '', name = arn] = /:(role|user)\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
  return printable(`${type} ${name}`.trim());
}

/** Empty if the value is 0. */
function someOf(value: number, one: string, many: string): string {
  return value === 0 ? '' : counted(value, one, many);
}

/** The part of the table about shared policies and groups; undefined if there are none. */
export function renderShared(
  entries: readonly SharedEntry[],
  columns: number | undefined,
): string | undefined {
  if (entries.length === 0) return undefined;
  const proposed = entries.filter(({ outcome }) => outcome === 'proposed');
  const total = `shared policies and groups: ${counted(proposed.length, 'proposal')}, ${String(entries.length - proposed.length)} without one`;
  if (proposed.length === 0) return total;
  const rows = proposed.map(({ subject, principals = 0, numbers, reason, warnings = [], decisions = [] }) => [
    printable(`${subject.type} ${subject.name}`),
    count(principals),
    `${count(numbers?.actionsGrantedBefore ?? 0)} → ${count(numbers?.actionsGrantedAfter ?? 0)}`,
    printable(
      [...warnings.map((warning) => `STOP: ${warning}`), ...decisions.map((one) => `${one}.`), reason].join(
        ' ',
      ),
    ),
  ]);
  const table = renderTextTable({
    head: ['Shared', 'Principals', 'Actions granted', 'One change or separate copies'],
    rows,
    right: new Set([1, 2]),
    columns,
    squeeze: [
      { column: 3, least: 24 },
      { column: 0, least: 20 },
      { column: 3, least: 18 },
    ],
  });
  return `${total}\n\n${table}`;
}

/** What failed, one line each. */
export function sharedComplaints(entries: readonly SharedEntry[], accountDetails: string): readonly string[] {
  return entries
    .filter(({ outcome }) => outcome === 'failed')
    .map(({ subject, reason }) => `${accountDetails}: ${subject.arn}: ${reason}`);
}
