import type { OpinionName } from '../contract/settings.ts';
import type { Universe } from '../core/catalogue/universe.ts';
import type { ProposalState, DriftState } from '../core/lifecycle/proposal-state.ts';
import type { PrincipalRef, GrantSource } from '../core/model/principal.ts';
import type {
  FindingType,
  PrincipalProposal,
  Proposal,
  ProposalCatalogue,
  ProposalKind,
  SharedKind,
  SharedSubject,
  Summary,
  DraftOf,
} from '../core/proposal/schema.ts';
import type { LastUseReading } from '../core/proposal/last-use-reading.ts';
import type { Disposition, Generalize } from '../core/model/proposed-policy.ts';
import type { RiskFacts } from '../core/risk/risk.ts';
import type { Advice } from '../core/proposal/better-of.ts';
import type { OpinionResult } from './opinions.ts';

/** One file of a proposal. `name` is relative to the proposal's folder, for example `policies/0-Orders.before.json`. */
export interface ProposalFile {
  readonly name: string;
  readonly contentType: 'application/json' | 'text/html';
  readonly body: string;
}

/** Facts about the run that stored a proposal: object metadata, never content. */
export interface Provenance {
  readonly findingId: string;
  readonly runId: string;
  readonly storedAt: string;
  readonly engineVersion: string;
}

export interface StoredProposal {
  /** `proposals/<accountId>/<role|user>/<name>/<proposalId>/`, or under `shared/` likewise. */
  readonly prefix: string;
  readonly outcome: 'stored' | 'exists';
  /** The last-use reading, if the stored one has more than was to be stored. */
  readonly lastUse?: LastUseReading | undefined;
}

/** Reads AWS's present records of the use of the removed actions; undefined if there is none. */
export type ReadUse = () => Promise<LastUseReading | undefined>;

/** A complete proposal, and its other files. */
export interface FinishedProposal<P = Proposal> {
  readonly proposal: P;
  readonly files: readonly ProposalFile[];
  /** The files of the same proposal as another process has stored it, which may have learnt other dates. */
  readonly filesOf?: (stored: Proposal) => readonly ProposalFile[];
}

/** Completes a proposal that is not stored yet: IAM and other services may be asked, so nobody calls it in vain. */
export type FinishProposal<P = Proposal> = () => Promise<FinishedProposal<P>>;

/** A check of AWS rejected this proposal before, which is final. */
export interface Withheld {
  readonly outcome: 'withheld';
  /** What AWS said, without a full stop. */
  readonly reason: string;
}

/**
 * Keeps proposals. The files are written first and `proposal.json` last, under a condition that it is not there yet: a
 * proposal without its other files never exists. The same proposal twice is `exists`, not an error; whoever is too late
 * leaves the files of the one that is there. What `finish` throws
 * is thrown on, and nothing is stored then.
 */
export interface ProposalStore<P extends Proposal = Proposal, Outcome = StoredProposal> {
  /**
   * @param readUse called if the proposal is already stored and AWS's present records can be added to its state
   * @throws AdapterError if it cannot be stored
   */
  put(
    draft: DraftOf<P>,
    finish: FinishProposal<P>,
    provenance: Provenance,
    readUse?: ReadUse,
  ): Promise<Outcome>;
}

/** One proposal in the repository, whatever it is about. */
export interface ListedProposal {
  /** `proposals/<accountId>/<role|user>/<name>/<proposalId>/`, or under `shared/` likewise. */
  readonly prefix: string;
  readonly proposalId: string;
  /** Whether anything was ever said about it: it may be that it is current again. */
  readonly hasState: boolean;
  /** The version of its `state.json`; absent if there is none. */
  readonly stateVersion?: string | undefined;
  /**
   * When the proposal and its state were stored; milliseconds since 1970. Absent if the store does not have the
   * times.
   */
  readonly storedAt?: number | undefined;
  readonly stateAt?: number | undefined;
}

/**
 * `withheld.json`, stored instead of a proposal that a check of AWS rejected, schema version 1. It has no policy
 * document and no time: the same disagreement gives the same bytes.
 */
export interface WithheldRecord {
  readonly schemaVersion: 1;
  readonly proposalId: string;
  readonly opinion: OpinionName;
  /** What AWS said, without a full stop. */
  readonly reason: string;
}

/** The objects under one prefix. */
export interface RepositoryListing {
  /** Those that are complete, in the order of their keys. */
  readonly proposals: readonly ListedProposal[];
  /** States of proposals that no longer exist. A state is written later than its proposal, so it expires later. */
  readonly leftOver: readonly ListedProposal[];
  /** Prefixes of proposals that AWS rejected. */
  readonly withheld: readonly string[];
}

/** The stored proposals and their states. All methods throw `AdapterError`. */
export interface ProposalRepository {
  /**
   * One call for some hundred of them.
   * @param below the folder of one subject, or of all that one account shares
   */
  list(below: string): Promise<RepositoryListing>;
  /** Undefined when it was deleted meanwhile. */
  read(prefix: string): Promise<Proposal | undefined>;
  readState(prefix: string): Promise<ProposalState | undefined>;
  /** The finding that it was made from, from the object's metadata; undefined if it was deleted meanwhile. */
  findingOf(prefix: string): Promise<string | undefined>;
  /** Has the next sweeps look whether the overview shows the proposal as it is. Comes before it is said to be current. */
  noteReopened(prefix: string): Promise<void>;
  /**
   * @param version of the state that was read; undefined if there was none
   * @returns the version of the new state; undefined if somebody else has written a state since, in which case
   * nothing is written
   */
  mark(prefix: string, state: ProposalState, version: string | undefined): Promise<string | undefined>;
  /** Undefined if it was deleted meanwhile, which is how a person requests another check by AWS. */
  readWithheld(prefix: string): Promise<WithheldRecord | undefined>;
  withhold(prefix: string, record: WithheldRecord): Promise<void>;
}

/**
 * What is said elsewhere about a stored proposal: in a notice, in the overview of a run. Documents and lists of actions
 * are left out, because a thousand proposals with them do not fit into memory.
 */
export type ProposalFacts = PrincipalFacts | SharedFacts;

interface CommonFacts {
  readonly proposalId: string;
  /** Absent if no owner is known. */
  readonly owner?: string | undefined;
  readonly policies: readonly PolicyFacts[];
  /** What the removed and the remaining actions can do; absent where the proposal says nothing of it. */
  readonly risk?: RiskFacts | undefined;
  /** How many actions are kept on purpose. */
  readonly retained: number;
  /** What stops it: a sentence each; absent where nothing does. */
  readonly warnings?: readonly string[] | undefined;
  /** Of a current one: who accepted it, and who keeps something of its subject; absent where nothing was decided. */
  readonly decisions?: readonly string[] | undefined;
  /** Why it is no longer current; absent while it is. */
  readonly state?: { readonly name: Exclude<DriftState, 'current'>; readonly reason: string } | undefined;
  /** In the overview: nobody was notified of it, or it is unknown whether anybody was. */
  readonly untold?: true | undefined;
}

/** Of a proposal about a principal. */
export interface PrincipalFacts extends CommonFacts {
  /** `proposals/<accountId>/<role|user>/<name>/<proposalId>/` */
  readonly prefix: string;
  readonly kind: ProposalKind;
  readonly principal: PrincipalRef;
  readonly findingId: string;
  readonly findingType: FindingType;
  /** When the finding was last updated (ISO 8601); absent if unknown, and in an overview. */
  readonly reportedAt?: string | undefined;
  /** The same text for principals whose documents change in the identical way. */
  readonly signature: string;
  /** Proposals to refine permissions only, and so are the next two. */
  readonly summary: Summary | undefined;
  readonly catalogue: ProposalCatalogue | undefined;
  readonly generalize: Generalize | undefined;
  /** How many unused actions stay granted through others. */
  readonly residue: number;
  /** Proposals to remove an access key only. */
  readonly accessKeyId: string | undefined;
  /** What people should know about a current proposal before they apply it: one clause. */
  readonly remark?: string | undefined;
}

/** Of a proposal about what several principals share: a customer managed policy, or a group. */
export interface SharedFacts extends CommonFacts {
  /** `shared/<accountId>/<policy|group>/<name>/<proposalId>/` */
  readonly prefix: string;
  readonly kind: SharedKind;
  readonly subject: SharedSubject;
  /** Roles and users that it reaches, each once. */
  readonly principals: number;
  /** What the policy or group grants each of them. */
  readonly summary: Summary;
  readonly catalogue: ProposalCatalogue;
  readonly generalize: Generalize;
  /** Whether it, or a copy for each of them, is better, and a sentence that says why. */
  readonly advice: Advice;
}

export function isShared(facts: ProposalFacts): facts is SharedFacts {
  return 'subject' in facts;
}

/** Whether a proposal is about one principal. */
export function isAboutPrincipal(proposal: Proposal): proposal is PrincipalProposal {
  return 'principal' in proposal;
}

/** What a proposal is about. */
export function subjectIn(facts: ProposalFacts): PrincipalRef | SharedSubject {
  return isShared(facts) ? facts.subject : facts.principal;
}

/**
 * Whether both have the same facts that can change after a proposal was stored. Owner and notification do not count.
 */
export function saysTheSame(a: ProposalFacts, b: ProposalFacts): boolean {
  return (
    a.state?.name === b.state?.name &&
    a.state?.reason === b.state?.reason &&
    JSON.stringify(a.warnings ?? []) === JSON.stringify(b.warnings ?? []) &&
    JSON.stringify(a.decisions ?? []) === JSON.stringify(b.decisions ?? []) &&
    (isShared(a) || isShared(b) || (a.findingId === b.findingId && a.remark === b.remark))
  );
}

/** The proposals about principals: each has its own finding, on which the shared ones rest. */
export function aboutPrincipals(items: readonly ProposalFacts[]): readonly PrincipalFacts[] {
  return items.filter((facts) => !isShared(facts));
}

export interface PolicyFacts {
  readonly source: GrantSource;
  readonly name: string;
  readonly disposition: Disposition;
  readonly reason: string;
  readonly removed: number;
}

export type ProposalReading =
  | { readonly kind: 'found'; readonly facts: ProposalFacts }
  /** Deleted since, or never there. */
  | { readonly kind: 'gone' };

/** Reads stored proposals by the key of their `proposal.json`. */
export interface ProposalReader {
  /** @throws AdapterError; permanent (malformed) when the object is not a proposal */
  read(key: string): Promise<ProposalReading>;
}

/** The same, for a caller that also asks which of many proposals have expired. */
export interface ProposalLookup extends ProposalReader {
  /** Whether it is there: one small request. @throws AdapterError */
  has(key: string): Promise<boolean>;
}

/** Makes the files for people (`report.html` and the like). Pure and deterministic. */
export interface ReportWriter {
  /** @param opinions the requested second opinions, in their order */
  write(proposal: Proposal, universe: Universe, opinions?: readonly OpinionResult[]): readonly ProposalFile[];
}

/** The overview of all proposals: what it is made from, and the page that shows it. */
export interface Overview {
  /**
   * All that it shows, what is no longer current among them.
   * @throws AdapterError; permanent (malformed) where it is something else
   */
  read(): Promise<{
    readonly rows: readonly ProposalFacts[];
    /** Names this state of it; undefined where there is none. */
    readonly version: string | undefined;
  }>;
  /**
   * @returns false where somebody else has written since `version` was read, or while the page was written
   * @throws AdapterError
   */
  write(rows: readonly ProposalFacts[], page: string, version: string | undefined): Promise<boolean>;
}

/**
 * Keeps the replayable input of a refinement that the verifier rejected. It holds policy documents, so it goes where
 * the proposals are kept and never into a log.
 */
export interface FailureStore {
  /** @returns the key of the input */
  keep(findingId: string, replay: string): Promise<string>;
}
