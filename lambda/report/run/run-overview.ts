import type { DriftState } from '../../core/lifecycle/proposal-state.ts';
import { type AccountNames, nameOfAccount } from '../../core/model/account.ts';
import { type PrincipalRef, readPrincipalArn } from '../../core/model/principal.ts';
import type { SharedProposal, SharedSubject } from '../../core/proposal/schema.ts';
import { byRisk, type RiskFacts, riskFacts } from '../../core/risk/risk.ts';
import { renderJson } from '../../core/model/json.ts';
import type { Digest } from '../../ports/system.ts';
import type { Generalize } from '../../core/model/proposed-policy.ts';
import type {
  PrincipalProposal,
  ProposalCatalogue,
  ProposalKind,
  Summary,
} from '../../core/proposal/schema.ts';
import { PROPOSAL_OBJECT, REPORT_OBJECT } from '../../contract/object-keys.ts';
import { documentsAfter } from '../proposal/access.ts';

/** Everything that a run's `index.html` and `summary.csv` show. */
export interface RunOverview {
  /** Null if the proposals were made with several catalogues. */
  readonly catalogue: ProposalCatalogue | null;
  readonly generalize: Generalize | null;
  readonly engineVersion: string;
  /** ISO 8601, printed as it is. If left out, the page has no time, and the same run gives the same bytes. */
  readonly madeAt?: string;
  readonly entries: readonly RunEntry[];
  /** Principals and findings without a proposal, each with its reason. */
  readonly others: readonly RunOther[];
  /** Shared policies and groups; left out if the run did not examine them. */
  readonly shared?: readonly SharedEntry[];
  /** How many proposals `index.html` links one by one; the others are counted by account. If left out, all are linked. */
  readonly limit?: {
    readonly proposals: number;
    /** The `https://` address of the proposals of an account. */
    readonly folderOf: (accountId: string) => string;
  };
}

/** The outcome for one shared policy or group. */
export interface SharedEntry {
  readonly subject: SharedSubject;
  /** The name of its account, if known. */
  readonly accountName?: string | undefined;
  readonly outcome: 'proposed' | 'unchanged' | 'blocked' | 'failed';
  /** The advice if there is a proposal, else why there is none. */
  readonly reason: string;
  /** This and the following members exist only if there is a proposal. */
  readonly path?: string;
  readonly principals?: number;
  readonly numbers?: Summary;
  readonly better?: 'shared' | 'shared-first' | 'separate';
  readonly risk?: RiskFacts;
  readonly refused?: readonly { readonly policy: string; readonly reason: string }[];
  /** One sentence for each warning. */
  readonly warnings?: readonly string[];
  /** Why the proposal should no longer be applied; absent while it is current. */
  readonly state?: EntryState;
  /** Who accepted it, and what somebody keeps: a clause for each decision. */
  readonly decisions?: readonly string[];
}

/** One proposal of a run. */
export interface RunEntry {
  readonly principal: PrincipalRef;
  /** The owner, if known. */
  readonly owner?: string;
  /** The name of its account, if known. */
  readonly accountName?: string | undefined;
  readonly kind: ProposalKind;
  /**
   * The target of the link: a path relative to the index, with forward slashes and not percent-encoded, or an absolute
   * `https://` address (for a bucket, whose objects open only in the console).
   */
  readonly path: string;
  /** Null for an unused role, access key or password, which has no policy to refine. */
  readonly numbers: Summary | null;
  /** What the removed and the remaining actions can do. */
  readonly risk?: RiskFacts;
  /** Number of unused actions that are retained, and of those that are residue. */
  readonly retained: number;
  readonly residue: number;
  /** Policies of the principal that could not be refined. */
  readonly refused: readonly { readonly policy: string; readonly reason: string }[];
  /** The same text for the identical outcome; see {@link runEntry}. */
  readonly signature: string;
  /** Why the proposal should no longer be applied; absent while it is current. */
  readonly state?: EntryState;
  /** One sentence for each warning. */
  readonly warnings?: readonly string[];
  /** Further remarks, one clause each. */
  readonly remarks?: readonly string[];
  /** Who accepted it, and what somebody keeps: a clause for each decision. */
  readonly decisions?: readonly string[];
}

export interface EntryState {
  readonly name: Exclude<DriftState, 'current'> | 'rejected';
  readonly reason: string;
}

export interface RunOther {
  readonly outcome: 'unchanged' | 'skipped' | 'refused' | 'gone' | 'failed';
  /** ARN of the principal, or the finding's id if the principal is not known. */
  readonly resource: string;
  /** What its account is called, if known. */
  readonly accountName?: string | undefined;
  /** One sentence. Entries with the same sentence are shown together. */
  readonly reason: string;
}

interface RunLocation {
  /** The proposal's folder relative to the index, or its address. Ends with a slash. */
  readonly folder: string;
  /** Whether the folder has a `report.html`; otherwise the link goes to `proposal.json`. */
  readonly hasReport: boolean;
}

/**
 * The overview's entry of a proposal.
 *
 * Two principals have the same signature if the same documents of the same kinds of policies become the same documents.
 * Names of policies do not count. The principal's own account number does not count either, because the documents of roles
 * that are deployed to many accounts contain it in their ARNs.
 */
export function runEntry(proposal: PrincipalProposal, location: RunLocation, digest: Digest): RunEntry {
  const isRefinement = proposal.kind === 'refine-permissions';
  return {
    principal: proposal.principal,
    ...(proposal.owner === undefined ? {} : { owner: proposal.owner }),
    ...(proposal.accountName === undefined ? {} : { accountName: proposal.accountName }),
    kind: proposal.kind,
    path: location.folder + (location.hasReport ? REPORT_OBJECT : PROPOSAL_OBJECT),
    numbers: isRefinement ? proposal.summary : null,
    ...riskFacts(proposal),
    retained: isRefinement ? proposal.retained.length : 0,
    residue: isRefinement ? proposal.residue.length : 0,
    refused: isRefinement
      ? proposal.policies
          .filter(({ disposition }) => disposition === 'refused')
          .map(({ name, reason }) => ({ policy: name, reason }))
      : [],
    signature: outcomeSignature(proposal, digest),
    ...(isRefinement && (proposal.warnings ?? []).length > 0 ? { warnings: proposal.warnings ?? [] } : {}),
  };
}

/**
 * The numbers of each principal, once. If there are several proposals about one principal (from several findings), the one
 * that leaves the most actions counts.
 */
export function summariesOf<S extends Pick<Summary, 'actionsGrantedBefore' | 'actionsGrantedAfter'>>(
  entries: readonly {
    readonly principal: Pick<PrincipalRef, 'arn'>;
    readonly numbers: S | null | undefined;
  }[],
): readonly S[] {
  const byPrincipal = new Map<string, S>();
  for (const { principal, numbers } of entries) {
    const other = byPrincipal.get(principal.arn);
    if (numbers && (!other || other.actionsGrantedAfter < numbers.actionsGrantedAfter)) {
      byPrincipal.set(principal.arn, numbers);
    }
  }
  return [...byPrincipal.values()];
}

/** The same of a proposal about a shared policy or a group. */
export function sharedRunEntry(proposal: SharedProposal, location: RunLocation): SharedEntry {
  const { subject, accountName, holders, summary, advice, policies, warnings = [] } = proposal;
  return {
    subject,
    ...(accountName === undefined ? {} : { accountName }),
    outcome: 'proposed',
    reason: advice.reason,
    path: location.folder + (location.hasReport ? REPORT_OBJECT : PROPOSAL_OBJECT),
    principals: holders.principals,
    numbers: summary,
    ...riskFacts(proposal),
    better: advice.better,
    refused: policies
      .filter(({ disposition }) => disposition === 'refused')
      .map(({ name, reason }) => ({ policy: name, reason })),
    ...(warnings.length > 0 ? { warnings } : {}),
  };
}

/** Sorts by the risk of the removed actions, the riskiest first. Entries of unknown risk come last. */
export function byRemovedRisk(
  a: { readonly risk?: RiskFacts | undefined },
  b: { readonly risk?: RiskFacts | undefined },
): number {
  if (a.risk === undefined || b.risk === undefined) {
    return Number(a.risk === undefined) - Number(b.risk === undefined);
  }
  return byRisk(a.risk.removed, b.risk.removed);
}

/** The same overview with the names that accounts have now; of the others, what their proposals call them stays. */
export function withAccountNames(run: RunOverview, names: AccountNames): RunOverview {
  const named = <E extends { readonly accountName?: string | undefined }>(entry: E, accountId: string): E => {
    const accountName = nameOfAccount(accountId, names);
    return accountName === undefined ? entry : { ...entry, accountName };
  };
  const { entries, others, shared } = run;
  return {
    ...run,
    entries: entries.map((entry) => named(entry, entry.principal.accountId)),
    others: others.map((other) => named(other, readPrincipalArn(other.resource)?.accountId ?? '')),
    ...(shared === undefined ? {} : { shared: shared.map((entry) => named(entry, entry.subject.accountId)) }),
  };
}

/** See {@link runEntry}. */
function outcomeSignature(proposal: PrincipalProposal, digest: Digest): string {
  if (proposal.kind !== 'refine-permissions') return `${proposal.kind} ${proposal.proposalId}`;
  const policies = proposal.policies
    .map((policy) =>
      [policy.source, policy.disposition, policy.before, ...documentsAfter(policy)]
        .map((part) => renderJson(part, 0))
        .join('\n'),
    )
    .sort();
  const text = [proposal.principal.type, ...policies].join('\n\n');
  return digest(text.replaceAll(proposal.principal.accountId, 'ACCOUNT')).slice(0, 32);
}

/** The link of an entry as an attribute: every part of a path percent-encoded, because names may contain `+ = , @`. */
export function hrefOf(path: string): string {
  return path.startsWith('https://') ? path : path.split('/').map(encodeURIComponent).join('/');
}
