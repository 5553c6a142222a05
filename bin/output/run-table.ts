import color from 'picocolors';
import { byCodeUnit } from '../../lambda/core/model/order.ts';
import type { ProposedRecord, RunRecord } from './run-record.ts';
import { printable } from './terminal.ts';
import { renderTextTable } from './text-table.ts';

interface Row {
  readonly principal: string;
  readonly outcome: string[];
  readonly actions: string[];
  readonly note: string[];
}

/** What the table is printed on. */
export interface Screen {
  /** Width of the terminal; undefined when it is not one: then nothing is wrapped and each principal has one line. */
  readonly columns: number | undefined;
  readonly hasColors: boolean;
}

/** Where the facts of a run came from, for the lines about what failed. */
export interface RunFiles {
  readonly accountDetails: string;
  readonly findings: string;
}

const KIND = {
  'refine-permissions': 'refine',
  'remove-role': 'remove role',
  'remove-access-key': 'remove access key',
  'remove-password': 'remove password',
} as const;

/** The end of an offline run: one line a principal, and totals. */
export class RunTable {
  readonly #rows = new Map<string, Row>();
  readonly #complaints: string[] = [];
  readonly #files: RunFiles;
  readonly #totals = { proposals: 0, unchanged: 0, skipped: 0, failed: 0, before: 0, after: 0 };

  constructor(files: RunFiles) {
    this.#files = files;
  }

  get hasFailures(): boolean {
    return this.#complaints.length > 0;
  }

  /** What failed or was refused, one line each: the file, the place in it, what is wrong and what to do. */
  get complaints(): readonly string[] {
    return this.#complaints;
  }

  add(outcome: RunRecord): void {
    switch (outcome.kind) {
      case 'proposed':
        this.#addProposal(outcome);
        this.#addRefused(outcome.entry.principal.arn, outcome.refused);
        return;
      case 'unchanged':
        this.#totals.unchanged += 1;
        this.#note(outcome.principal.arn, 'unchanged', '', outcome.reason);
        this.#addRefused(outcome.principal.arn, outcome.refused);
        return;
      case 'skipped':
        this.#totals.skipped += 1;
        this.#note(outcome.resource, 'skipped', '', outcome.reason);
        return;
      case 'gone':
        this.#fail(
          outcome.resource,
          this.#files.findings,
          `${this.#files.accountDetails} lacks this principal; was it deleted, or exported from another account?`,
        );
        return;
      case 'failed':
        this.#fail(outcome.resource, this.#files.findings, outcome.reason);
        return;
      default:
        outcome satisfies never;
    }
  }

  render(screen: Screen): string {
    const { bold } = color.createColors(screen.hasColors);
    const rows = [...this.#rows.values()]
      .sort((a, b) => byCodeUnit(a.principal, b.principal))
      .map(({ principal, outcome, actions, note }) => [
        principal,
        joined(outcome),
        joined(actions),
        joined([...new Set(note)], '; '),
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

  #addProposal({ entry, accessKeyId, fittings, remarks: said }: ProposedRecord): void {
    this.#totals.proposals += 1;
    const { principal, kind, numbers, retained, residue } = entry;
    if (numbers === null) {
      this.#note(principal.arn, KIND[kind] + (accessKeyId === undefined ? '' : ` ${accessKeyId}`), '', '');
      return;
    }
    const { actionsGrantedBefore: before, actionsGrantedAfter: after } = numbers;
    this.#totals.before += before;
    this.#totals.after += after;
    const remarks = [
      ...said,
      counted(retained, 'action retained', 'actions retained'),
      counted(residue, 'unused action still granted', 'unused actions still granted'),
      ...fittings,
    ];
    this.#note(
      principal.arn,
      KIND[kind],
      `${number(before)} → ${number(after)}`,
      remarks.filter((r) => r !== '').join('; '),
    );
  }

  #addRefused(arn: string, refused: readonly { readonly policy: string; readonly reason: string }[]): void {
    for (const { policy, reason } of refused) {
      this.#note(arn, '', '', `policy ${policy} refused`);
      this.#complaints.push(
        `${this.#files.accountDetails}: ${arn}: policy ${policy} was not refined: ${reason}`,
      );
    }
  }

  #fail(arn: string, file: string, reason: string): void {
    this.#totals.failed += 1;
    this.#note(arn, 'failed', '', reason);
    this.#complaints.push(`${file}: ${arn}: ${reason}`);
  }

  #note(arn: string, outcome: string, actions: string, note: string): void {
    const row = this.#rows.get(arn) ?? { principal: shortName(arn), outcome: [], actions: [], note: [] };
    this.#rows.set(arn, row);
    row.outcome.push(outcome);
    row.actions.push(actions);
    if (note !== '') row.note.push(printable(note));
  }

  #headline(): string {
    const { proposals } = this.#totals;
    return `${counted(proposals, 'proposal', 'proposals') || 'no proposals'} for ${counted(this.#rows.size, 'principal', 'principals')}`;
  }

  #summary(): string {
    const { unchanged, skipped, failed, before, after } = this.#totals;
    const share = before === 0 ? '' : ` (${String(Math.round(((before - after) * 100) / before))} % fewer)`;
    return [
      `${number(unchanged)} unchanged, ${number(skipped)} skipped, ${number(failed)} failed`,
      `actions granted: ${number(before)} → ${number(after)}${share}`,
    ].join('; ');
  }
}

const HEAD = ['Principal', 'Proposal', 'Actions granted', 'Remarks'];
const RIGHT = new Set([2]);
/** Remarks give way first, then proposals, then principals. */
const SQUEEZE = [
  { column: 3, least: 24 },
  { column: 1, least: 20 },
  { column: 0, least: 20 },
  { column: 3, least: 18 },
  { column: 1, least: 11 },
];

function joined(texts: readonly string[], separator = ', '): string {
  return texts.filter((text) => text !== '').join(separator);
}

/** `role ci-deployer`: the account and the path stand in the proposals. */
function shortName(arn: string): string {
  const [, type = '', name = arn] = /:(role|user)\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
  return printable(`${type} ${name}`.trim());
}

function counted(count: number, one: string, many: string): string {
  return count === 0 ? '' : `${number(count)} ${count === 1 ? one : many}`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
