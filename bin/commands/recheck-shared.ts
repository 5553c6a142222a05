import path from 'node:path';
import type { AccountIndex } from '../../lambda/adapters/account/account-index.ts';
import type { FolderRepository } from '../../lambda/adapters/files/folder-repository.ts';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import type { Verdict } from '../../lambda/core/lifecycle/judge-drift.ts';
import type { SharedProposal } from '../../lambda/core/proposal/schema.ts';
import type { FindingSource } from '../../lambda/ports/findings.ts';
import { type SharedEntry, sharedRunEntry } from '../../lambda/report/run/run-overview.ts';
import { sharedJudge } from '../../lambda/use-cases/lifecycle/judge-shared-proposal.ts';
import { totals } from '../output/recheck-table.ts';
import { printable } from '../output/terminal.ts';
import { renderTextTable } from '../output/text-table.ts';

/** What `recheck` found out about one proposal about a shared policy or a group. */
export interface SharedRechecked {
  /** `shared/<accountId>/<policy|group>/<name>/<proposalId>/` */
  readonly path: string;
  readonly proposal: SharedProposal;
  readonly entry: SharedEntry;
  readonly verdict: Verdict;
}

interface Input {
  readonly repository: FolderRepository;
  /** Of the proposals to judge. */
  readonly prefixes: readonly string[];
  readonly policies: AccountIndex;
  readonly findings: FindingSource;
  /** As they were given, for what is said about them. */
  readonly accountDetails: string;
  readonly out: string;
}

/**
 * Judges every proposal under `shared/` and marks those that are not current.
 * @returns with a line for each that could not be judged
 * @throws AdapterError when a state cannot be written
 */
export async function recheckShared(
  input: Input,
): Promise<{ readonly results: readonly SharedRechecked[]; readonly complaints: readonly string[] }> {
  const { repository, prefixes, policies, findings, accountDetails, out } = input;
  const judges = new Map<string, ReturnType<typeof sharedJudge>>();
  const results: SharedRechecked[] = [];
  const complaints: string[] = [];
  for (const prefix of prefixes) {
    try {
      const proposal = repository.readShared(prefix);
      const { accountId } = proposal.subject;
      const judge = judges.get(accountId) ?? sharedJudge(policies.inventory(accountId), findings);
      judges.set(accountId, judge);
      const judgement = await judge(proposal);
      if (judgement.kind === 'unknown') {
        throw new InputError(
          judgement.by === 'finding'
            ? `${path.join(out, prefix)}: not judged: ${judgement.reason}`
            : `${path.join(out, prefix)}: not judged by ${accountDetails}: ${judgement.reason}; export account ${accountId}, without --filter`,
        );
      }
      const { verdict } = judgement;
      repository.mark(prefix, {
        schemaVersion: 1,
        proposalId: proposal.proposalId,
        state: verdict.state,
        reason: verdict.reason,
      });
      const entry = {
        ...sharedRunEntry(proposal, { folder: prefix, hasReport: repository.hasReport(prefix) }),
        ...(verdict.state === 'current' ? {} : { state: { name: verdict.state, reason: verdict.reason } }),
      };
      results.push({ path: prefix, proposal, entry, verdict });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      complaints.push(error.message);
    }
  }
  return { results, complaints };
}

/** What `--json` prints of one: the members of a proposal about a principal, and `subject` instead of that. */
export function plainShared({ path: prefix, proposal, verdict }: SharedRechecked): object {
  return {
    path: prefix,
    proposalId: proposal.proposalId,
    principal: null,
    subject: proposal.subject.arn,
    kind: proposal.kind,
    state: verdict.state,
    reason: verdict.reason,
    remarks: verdict.remarks,
    catalogue: null,
  };
}

/** One line a proposal, and totals. `columns` is the terminal's width; without it nothing is wrapped. */
export function sharedRecheckTable(
  results: readonly SharedRechecked[],
  columns: number | undefined,
): string | undefined {
  if (results.length === 0) return undefined;
  const table = renderTextTable({
    head: ['Shared', 'Proposal', 'State', 'Why'],
    rows: results.map(({ proposal, verdict: { state, reason, remarks } }) => [
      printable(`${proposal.subject.type} ${proposal.subject.name}`),
      `refine ${proposal.proposalId.slice(0, 8)}`,
      state,
      printable([...(state === 'current' ? [] : [reason]), ...remarks.map(({ text }) => text)].join('; ')),
    ]),
    right: new Set(),
    columns,
    squeeze: [
      { column: 3, least: 24 },
      { column: 0, least: 16 },
      { column: 3, least: 16 },
    ],
  });
  return `${table}\n\n${totals(
    'shared proposal',
    results.map(({ verdict }) => verdict.state),
  )}`;
}
