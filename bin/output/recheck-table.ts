import { PROPOSAL_NAME } from '../../lambda/report/text/wording.ts';
import type { CatalogueDrift } from '../../lambda/core/lifecycle/catalogue-drift.ts';
import type { Remark } from '../../lambda/core/lifecycle/judge-drift.ts';
import type { DriftState } from '../../lambda/core/lifecycle/proposal-state.ts';
import type { RunEntry } from '../../lambda/report/run/run-overview.ts';
import { printable } from './terminal.ts';
import { renderTextTable } from './text-table.ts';

/** What `recheck` found out about one stored proposal. */
export interface Rechecked {
  /** `proposals/<accountId>/<role|user>/<name>/<proposalId>/` */
  readonly path: string;
  readonly proposalId: string;
  readonly entry: RunEntry;
  readonly state: DriftState;
  readonly reason: string;
  readonly remarks: readonly (Remark | { readonly kind: 'catalogue-grew'; readonly text: string })[];
  readonly catalogue: CatalogueDrift | undefined;
}

const STATES: readonly DriftState[] = ['current', 'applied', 'resolved', 'superseded'];
/** One line a proposal, and totals. `columns` is the terminal's width; without it nothing is wrapped. */
export function recheckTable(results: readonly Rechecked[], columns: number | undefined): string {
  const table = renderTextTable({
    head: ['Principal', 'Proposal', 'State', 'Why'],
    rows: results.map(({ entry, proposalId, state, reason, remarks }) => [
      printable(`${entry.principal.type} ${entry.principal.name}`),
      `${PROPOSAL_NAME[entry.kind]} ${proposalId.slice(0, 8)}`,
      state,
      printable(
        [state === 'current' ? '' : reason, ...remarks.map(({ text }) => text)].filter(isSaid).join('; '),
      ),
    ]),
    right: new Set(),
    columns,
    squeeze: [
      { column: 3, least: 24 },
      { column: 1, least: 16 },
      { column: 0, least: 16 },
      { column: 3, least: 16 },
    ],
  });
  return `${table}\n\n${totals(
    'proposal',
    results.map(({ state }) => state),
  )}`;
}

/** `2 proposals: 1 current, 1 applied, 0 resolved, 0 superseded` */
export function totals(one: string, states: readonly DriftState[]): string {
  const counts = STATES.map((state) => {
    const count = states.filter((other) => other === state).length;
    return `${count.toLocaleString('en-US')} ${state}`;
  });
  return `${states.length.toLocaleString('en-US')} ${one}${states.length === 1 ? '' : 's'}: ${counts.join(', ')}`;
}

function isSaid(text: string): boolean {
  return text !== '';
}
