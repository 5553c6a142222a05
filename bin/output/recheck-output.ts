import path from 'node:path';
import type { FolderRepository } from '../../lambda/adapters/files/folder-repository.ts';
import { replaceFile } from '../../lambda/adapters/files/folder-store.ts';
import { explain } from '../../lambda/adapters/files/read-text.ts';
import { sha256 } from '../../lambda/adapters/node.ts';
import { INDEX_OBJECT } from '../../lambda/contract/object-keys.ts';
import type { Decision } from '../../lambda/core/decision/decision.ts';
import type { CatalogueDrift } from '../../lambda/core/lifecycle/catalogue-drift.ts';
import type { Remark } from '../../lambda/core/lifecycle/judge-drift.ts';
import type { DriftState } from '../../lambda/core/lifecycle/proposal-state.ts';
import type { Proposal } from '../../lambda/core/proposal/schema.ts';
import { type AccountNames, nameOfAccount } from '../../lambda/core/model/account.ts';
import { isAboutPrincipal, type WithheldRecord } from '../../lambda/ports/proposals.ts';
import { AdapterError } from '../../lambda/ports/system.ts';
import { renderIndex } from '../../lambda/report/run/index-page.ts';
import {
  type RunEntry,
  runEntry,
  type RunOverview,
  type SharedEntry,
  sharedRunEntry,
  withAccountNames,
} from '../../lambda/report/run/run-overview.ts';
import { count } from '../../lambda/core/model/wording.ts';
import { counted } from '../../lambda/report/text/format.ts';
import { PROPOSAL_NAME } from '../../lambda/report/text/wording.ts';
import { ENGINE_VERSION } from '../../lambda/runtime/engine-version.ts';
import { decidedState, withDecisions } from './decided.ts';
import type { StoredEntries } from './stored-entries.ts';
import { printable } from './terminal.ts';
import { renderTextTable } from './text-table.ts';

/** The result of `recheck` for one stored proposal. */
export interface Rechecked {
  /** Key of the proposal's folder. */
  readonly path: string;
  readonly proposal: Proposal;
  readonly state: DriftState;
  readonly reason: string;
  readonly remarks: readonly (Remark | { readonly kind: 'catalogue-grew'; readonly text: string })[];
  readonly catalogue: CatalogueDrift | undefined;
  /** The decisions about it, one clause each; empty if it is no longer current. */
  readonly decisions: readonly string[];
}

/** A proposal that a check of AWS rejected. */
export interface WithheldProposal extends Pick<WithheldRecord, 'proposalId' | 'opinion' | 'reason'> {
  /** Key of its folder. */
  readonly path: string;
}

/** The number of withheld proposals, and one line for each. */
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

/** Columns to shrink on a narrow terminal, in this order. */
const SQUEEZE = [
  { column: 3, least: 24 },
  { column: 1, least: 16 },
  { column: 0, least: 16 },
  { column: 3, least: 16 },
];

/**
 * A table with one line for each proposal, and totals.
 * @param what `proposal`, or `shared proposal`
 * @param columns the terminal's width; if undefined, nothing is wrapped
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

/** The output of `--json` for one proposal; `subject` only if it is about something shared. */
export function recheckJson(
  { path: prefix, proposal, state, reason, remarks, catalogue, decisions }: Rechecked,
  accountNames: AccountNames,
): object {
  const { accountId } = 'subject' in proposal ? proposal.subject : proposal.principal;
  return {
    path: prefix,
    proposalId: proposal.proposalId,
    ...('subject' in proposal
      ? { principal: null, subject: proposal.subject.arn }
      : { principal: proposal.principal.arn }),
    accountName: nameOfAccount(accountId, accountNames) ?? proposal.accountName,
    kind: proposal.kind,
    state,
    reason,
    remarks,
    catalogue: catalogue ?? null,
    decisions,
  };
}

/** Writes the overview. @throws AdapterError that names the file; the states have been written by then */
export function writeRecheckedIndex(
  out: string,
  {
    results,
    repository,
    unjudged,
    decisions,
    accountNames,
  }: {
    readonly results: readonly Rechecked[];
    readonly repository: FolderRepository;
    readonly unjudged: StoredEntries;
    readonly decisions: readonly Decision[];
    readonly accountNames: AccountNames;
  },
): void {
  const file = path.join(out, INDEX_OBJECT);
  const entries: RunEntry[] = [];
  const shared: SharedEntry[] = [];
  for (const { path: prefix, proposal, state, reason, remarks } of results) {
    const about = { folder: prefix, hasReport: repository.hasReport(prefix) };
    const said = state === 'current' ? decidedState(proposal, decisions) : { state: { name: state, reason } };
    const known = remarks.length === 0 ? {} : { remarks: remarks.map(({ text }) => text) };
    if (isAboutPrincipal(proposal)) entries.push({ ...runEntry(proposal, about, sha256), ...said, ...known });
    else shared.push({ ...sharedRunEntry(proposal, about), ...said });
  }
  const run: RunOverview = {
    // The proposals may come from runs with different catalogues and settings.
    catalogue: null,
    generalize: null,
    engineVersion: ENGINE_VERSION,
    entries: [
      ...entries,
      ...unjudged.entries.map((entry) => ({
        ...entry,
        remarks: [...(entry.remarks ?? []), 'not judged when the others were'],
      })),
    ],
    others: [],
    shared: [...shared, ...unjudged.shared],
  };
  try {
    replaceFile(file, renderIndex(withAccountNames(withDecisions(run, decisions), accountNames)));
  } catch (error) {
    throw new AdapterError(`${file}: ${explain(error)}`, 'permanent', 'unavailable', { cause: error });
  }
}
