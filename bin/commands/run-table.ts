import Table from 'cli-table3';
import color from 'picocolors';
import { byCodeUnit } from '../../lambda/core/model/order.ts';
import type { Proposal } from '../../lambda/core/proposal/schema.ts';
import type { AccountOutcome } from '../../lambda/use-cases/refine-account.ts';

interface Row {
  readonly principal: string;
  readonly outcome: string[];
  readonly actions: string[];
  readonly note: string[];
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
  readonly #totals = { proposals: 0, unchanged: 0, skipped: 0, failed: 0, before: 0, after: 0 };

  get hasFailures(): boolean {
    return this.#complaints.length > 0;
  }

  add(outcome: AccountOutcome): void {
    switch (outcome.kind) {
      case 'proposed':
        this.#addProposal(outcome.proposal);
        this.#addRefused(outcome.proposal.principal.arn, outcome.refused);
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
          'the export lacks it; was it deleted, or exported from another account?',
        );
        return;
      case 'failed':
        this.#fail(outcome.resource, outcome.reason);
        return;
      default:
        outcome satisfies never;
    }
  }

  /** What failed or was refused, one line each. */
  complaints(files: { readonly accountDetails: string }): readonly string[] {
    return this.#complaints.map((complaint) => `${files.accountDetails}: ${complaint}`);
  }

  render(): string {
    const table = new Table({
      head: ['Principal', 'Proposal', 'Actions granted', 'Remarks'],
      colAligns: ['left', 'left', 'right', 'left'],
      style: { head: [], border: [], compact: true },
      colWidths: [null, null, null, Math.max(30, columns() - 90)],
      wordWrap: true,
      chars: PLAIN,
    });
    const rows = [...this.#rows.values()].sort((a, b) => byCodeUnit(a.principal, b.principal));
    for (const row of rows) {
      const lines = (texts: readonly string[]): string => texts.filter((text) => text !== '').join('\n');
      table.push([row.principal, lines(row.outcome), lines(row.actions), [...new Set(row.note)].join('; ')]);
    }
    return `${table.toString()}\n\n${this.#summary()}`;
  }

  #addProposal(proposal: Proposal): void {
    this.#totals.proposals += 1;
    const { arn } = proposal.principal;
    if (proposal.kind !== 'refine-permissions') {
      const key = proposal.accessKeyId === undefined ? '' : ` ${proposal.accessKeyId}`;
      this.#note(arn, KIND[proposal.kind] + key, '', '');
      return;
    }
    const { actionsGrantedBefore: before, actionsGrantedAfter: after } = proposal.summary;
    this.#totals.before += before;
    this.#totals.after += after;
    const remarks = [
      counted(proposal.retained.length, 'action retained', 'actions retained'),
      counted(proposal.residue.length, 'unused action through groups', 'unused actions through groups'),
    ];
    this.#note(
      arn,
      KIND[proposal.kind],
      `${number(before)} → ${number(after)}`,
      remarks.filter((r) => r !== '').join('; '),
    );
  }

  #addRefused(arn: string, refused: readonly { readonly policy: string; readonly reason: string }[]): void {
    for (const { policy, reason } of refused) {
      this.#note(arn, '', '', `policy ${policy} refused`);
      this.#complaints.push(`${arn}: policy ${policy} was not refined: ${reason}`);
    }
  }

  #fail(arn: string, reason: string): void {
    this.#totals.failed += 1;
    this.#note(arn, 'failed', '', reason);
    this.#complaints.push(`${arn}: ${reason}`);
  }

  #note(arn: string, outcome: string, actions: string, note: string): void {
    const row = this.#rows.get(arn) ?? { principal: shortName(arn), outcome: [], actions: [], note: [] };
    this.#rows.set(arn, row);
    row.outcome.push(outcome);
    row.actions.push(actions);
    if (note !== '') row.note.push(note);
  }

  #summary(): string {
    const { proposals, unchanged, skipped, failed, before, after } = this.#totals;
    const share = before === 0 ? '' : ` (${String(Math.round(((before - after) * 100) / before))} % fewer)`;
    return [
      color.bold(`${number(proposals)} proposals for ${number(this.#rows.size)} principals`),
      `${number(unchanged)} unchanged, ${number(skipped)} skipped, ${number(failed)} failed`,
      `actions granted: ${number(before)} → ${number(after)}${share}`,
    ].join('; ');
  }
}

const PLAIN = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

function columns(): number {
  return process.stderr.columns ?? 140;
}

/** `role ci-deployer`: the account and the path stand in the proposals. */
function shortName(arn: string): string {
  const [, type = '', name = arn] = /:(role|user)\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
  return `${type} ${name}`.trim();
}

function counted(count: number, one: string, many: string): string {
  return count === 0 ? '' : `${number(count)} ${count === 1 ? one : many}`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
