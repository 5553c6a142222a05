import type { CatalogueDrift } from '../../lambda/core/lifecycle/catalogue-drift.ts';
import type { Remark } from '../../lambda/core/lifecycle/judge-drift.ts';
import type { DriftState } from '../../lambda/core/lifecycle/proposal-state.ts';
import type { Proposal } from '../../lambda/core/proposal/schema.ts';
import type { WithheldRecord } from '../../lambda/ports/proposals.ts';
import { count, counted } from '../../lambda/report/text/format.ts';
import { PROPOSAL_NAME } from '../../lambda/report/text/wording.ts';
import { printable } from './terminal.ts';
import { renderTextTable } from './text-table.ts';

/** What `recheck` found out about one stored proposal. */
export interface Rechecked {
  /** Key of the proposal's folder. */
  readonly path: string;
  readonly proposal: Proposal;
  readonly state: DriftState;
  readonly reason: string;
  readonly remarks: readonly (Remark | { readonly kind: 'catalogue-grew'; readonly text: string })[];
  readonly catalogue: CatalogueDrift | undefined;
  /** What was decided about it, a clause each; nothing of one that is no longer current. */
  readonly decisions: readonly string[];
}

/** A proposal that a check of AWS rejected. */
export interface WithheldProposal extends Pick<WithheldRecord, 'proposalId' | 'opinion' | 'reason'> {
  /** Key of its folder. */
  readonly path: string;
}

/** How many there are, and a line each. */
export function withheldLines(withheld: readonly WithheldProposal[]): string {
  return [
    `${counted(withheld.length, 'proposal')} withheld:`,
    ...withheld.map(({ path, proposalId, opinion, reason }) => {
      const [, , type = '', name = ''] = path.split('/');
      return printable(`  ${type} ${name}, ${proposalId.slice(0, 8)}: ${opinion}: ${reason}`);
    }),
  ].join('\n');
}

const STATES: readonly DriftState[] = ['current', 'applied', 'resolved', 'superseded'];

/** Columns that give way where the terminal is narrow, in their order. */
const SQUEEZE = [
  { column: 3, least: 24 },
  { column: 1, least: 16 },
  { column: 0, least: 16 },
  { column: 3, least: 16 },
];

/**
 * One line a proposal, and totals.
 * @param what `proposal`, or `shared proposal`
 * @param columns the terminal's width; without it nothing is wrapped
 */
export function recheckTable(
  what: 'proposal' | 'shared proposal',
  results: readonly Rechecked[],
  columns: number | undefined,
): string {
  const isShared = what === 'shared proposal';
  const table = renderTextTable({
    head: [isShared ? 'Shared' : 'Principal', 'Proposal', 'State', 'Why'],
    rows: results.map(({ proposal, state, reason, remarks, decisions }) => {
      const { type, name } = 'subject' in proposal ? proposal.subject : proposal.principal;
      const does = 'subject' in proposal ? 'refine' : PROPOSAL_NAME[proposal.kind];
      return [
        printable(`${type} ${name}`),
        `${does} ${proposal.proposalId.slice(0, 8)}`,
        state,
        printable(
          [...(state === 'current' ? [] : [reason]), ...decisions, ...remarks.map(({ text }) => text)].join(
            '; ',
          ),
        ),
      ];
    }),
    right: new Set(),
    columns,
    squeeze: SQUEEZE.filter(({ column }) => !isShared || column !== 1),
  });
  return `${table}\n\n${totals(
    what,
    results.map(({ state }) => state),
  )}`;
}

/** `2 proposals: 1 current, 1 applied, 0 resolved, 0 superseded` */
function totals(one: string, states: readonly DriftState[]): string {
  const counts = STATES.map((state) => {
    return `${count(states.filter((other) => other === state).length)} ${state}`;
  });
  return `${counted(states.length, one)}: ${counts.join(', ')}`;
}
