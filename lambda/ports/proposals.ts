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
  Advice,
} from '../core/proposal/schema.ts';
import type { LastUseReading } from '../core/proposal/last-use-reading.ts';
import type { Disposition, Generalize } from '../core/model/proposed-policy.ts';
import type { RiskFacts } from '../core/risk/risk.ts';
import type { OpinionResult } from './opinions.ts';

/** One file of a proposal. `name` is relative to the proposal's folder, for example `policies/0-Orders.before.json`. */
export interface ProposalFile {
  readonly name: string;
  readonly contentType: 'application/json' | 'text/html';
  readonly body: string;
}

/** The run that stored a proposal: goes into the object's metadata, never into its content. */
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
  /** The last-use reading of the stored proposal, if it has more dates than the one that was to be stored. */
  readonly lastUse?: LastUseReading | undefined;
}

/** Reads when AWS last recorded a use of the removed actions; undefined if there is no record. */
export type ReadUse = () => Promise<LastUseReading | undefined>;

/** A complete proposal, and its other files. */
export interface FinishedProposal<P = Proposal> {
  readonly proposal: P;
  readonly files: readonly ProposalFile[];
  /** The files for the same proposal as another process stored it, which may have read other dates. */
  readonly filesOf?: (stored: Proposal) => readonly ProposalFile[];
}

/**
 * Completes a proposal that is not stored yet. It may call IAM and other services, so it is called only when needed.
 */
export type FinishProposal<P = Proposal> = () => Promise<FinishedProposal<P>>;

/** A check of AWS rejected this proposal earlier, which is final. */
export interface Withheld {
  readonly outcome: 'withheld';
  /** What AWS said, without a full stop. */
  readonly reason: string;
}

/**
 * Stores proposals. `proposal.json` is written last, on the condition that it does not exist, so there is never a
 * proposal without its other files. Storing the same proposal twice is `exists`, not an error, and leaves the existing
 * files. If `finish` throws, nothing is stored and the error is passed on.
 */
export interface ProposalStore<P extends Proposal = Proposal, Outcome = StoredProposal> {
  /**
   * @param readUse called if the proposal is already stored and the current dates of last use can be added to its
   * state
   * @throws AdapterError if it cannot be stored
   */
  put(
    draft: DraftOf<P>,
    finish: FinishProposal<P>,
    provenance: Provenance,
    readUse?: ReadUse,
  ): Promise<Outcome>;
}

/** One proposal in the repository, about a principal or something shared. */
export interface ListedProposal {
  /** `proposals/<accountId>/<role|user>/<name>/<proposalId>/`, or under `shared/` likewise. */
  readonly prefix: string;
  readonly proposalId: string;
  /** Whether it has a `state.json`, which may say that it is current again. */
  readonly hasState: boolean;
  /** The version of its `state.json`; absent if there is none. */
  readonly stateVersion?: string | undefined;
  /**
   * When the proposal and its state were stored; milliseconds since 1970. Absent if the store does not record times.
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
  /** The complete proposals, sorted by key. */
  readonly proposals: readonly ListedProposal[];
  /** States whose proposals no longer exist. A state is written after its proposal, so it expires later. */
  readonly leftOver: readonly ListedProposal[];
  /** Prefixes of proposals that AWS rejected. */
  readonly withheld: readonly string[];
}

/** The stored proposals and their states. All methods throw `AdapterError`. */
export interface ProposalRepository {
  /**
   * Makes one call for several hundred proposals.
   * @param below the folder of one subject, or of all shared policies and groups of one account
   */
  list(below: string): Promise<RepositoryListing>;
  /** Undefined if it was deleted meanwhile. */
  read(prefix: string): Promise<Proposal | undefined>;
  readState(prefix: string): Promise<ProposalState | undefined>;
  /** The id of the finding that it was made from, from the object's metadata; undefined if it was deleted meanwhile. */
  findingOf(prefix: string): Promise<string | undefined>;
  /**
   * Makes the next sweeps check whether the overview shows the proposal correctly. Call it before marking it current.
   */
  noteReopened(prefix: string): Promise<void>;
  /**
   * @param version the version of the state that was read; undefined if there was none
   * @returns the version of the new state; undefined if somebody else has written a state since, and nothing was
   * written
   */
  mark(prefix: string, state: ProposalState, version: string | undefined): Promise<string | undefined>;
  /** Undefined if it was deleted meanwhile, which is how a person requests another check by AWS. */
  readWithheld(prefix: string): Promise<WithheldRecord | undefined>;
  withhold(prefix: string, record: WithheldRecord): Promise<void>;
}

/**
 * The facts about a stored proposal that notices and overviews show. Documents and lists of actions are left out,
 * because a thousand proposals with them would not fit into memory.
 */
export type ProposalFacts = PrincipalFacts | SharedFacts;

interface CommonFacts {
  readonly proposalId: string;
  /** Absent if no owner is known. */
  readonly owner?: string | undefined;
  readonly policies: readonly PolicyFacts[];
  /** What the removed and the remaining actions can do; absent if the proposal does not say. */
  readonly risk?: RiskFacts | undefined;
  /** How many actions are kept on purpose. */
  readonly retained: number;
  /** Warnings that must be settled before it is applied, a sentence each; absent if there are none. */
  readonly warnings?: readonly string[] | undefined;
  /** If it is current: who accepted it, and who keeps something of its subject; absent if nothing was decided. */
  readonly decisions?: readonly string[] | undefined;
  /** Why it is no longer current; absent while it is. */
  readonly state?: { readonly name: Exclude<DriftState, 'current'>; readonly reason: string } | undefined;
  /** In the overview only: nobody was notified of it, or it is unknown whether anybody was. */
  readonly unannounced?: true | undefined;
}

/** The facts about a proposal about a principal. */
export interface PrincipalFacts extends CommonFacts {
  /** `proposals/<accountId>/<role|user>/<name>/<proposalId>/` */
  readonly prefix: string;
  readonly kind: ProposalKind;
  readonly principal: PrincipalRef;
  readonly findingId: string;
  readonly findingType: FindingType;
  /** When the finding was last updated (ISO 8601); absent if unknown, and in an overview. */
  readonly reportedAt?: string | undefined;
  /** Equal for principals whose documents change in the same way. */
  readonly signature: string;
  /** This and the next two: only of proposals to refine permissions. */
  readonly summary: Summary | undefined;
  readonly catalogue: ProposalCatalogue | undefined;
  readonly generalize: Generalize | undefined;
  /** How many unused actions stay granted by policies that the proposal does not change. */
  readonly residue: number;
  /** Only of proposals to remove an access key. */
  readonly accessKeyId: string | undefined;
  /** What to know about a current proposal before applying it: one clause. */
  readonly remark?: string | undefined;
}

/** The facts about a proposal about something shared: a customer managed policy, or a group. */
export interface SharedFacts extends CommonFacts {
  /** `shared/<accountId>/<policy|group>/<name>/<proposalId>/` */
  readonly prefix: string;
  readonly kind: SharedKind;
  readonly subject: SharedSubject;
  /** How many roles and users it affects, each counted once. */
  readonly principals: number;
  /** The actions that the policy or group grants each of them. */
  readonly summary: Summary;
  readonly catalogue: ProposalCatalogue;
  readonly generalize: Generalize;
  /** Whether this proposal or a copy for each holder is better, and a sentence that says why. */
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

/** Whether both agree in everything that can change after a proposal is stored, except owner and notification. */
export function equalFacts(a: ProposalFacts, b: ProposalFacts): boolean {
  return (
    a.state?.name === b.state?.name &&
    a.state?.reason === b.state?.reason &&
    JSON.stringify(a.warnings ?? []) === JSON.stringify(b.warnings ?? []) &&
    JSON.stringify(a.decisions ?? []) === JSON.stringify(b.decisions ?? []) &&
    (isShared(a) || isShared(b) || (a.findingId === b.findingId && a.remark === b.remark))
  );
}

/** Only the facts about principals. */
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
  /** It was deleted, or never existed. */
  | { readonly kind: 'gone' };

/** Reads stored proposals by the key of their `proposal.json`. */
export interface ProposalReader {
  /** @throws AdapterError; permanent (malformed) if the object is not a proposal */
  read(key: string): Promise<ProposalReading>;
}

/** A reader that can also check which of many proposals have expired. */
export interface ProposalLookup extends ProposalReader {
  /** Whether the object exists; makes one small request. @throws AdapterError */
  has(key: string): Promise<boolean>;
}

/** Renders the files for people, such as `report.html`. Pure and deterministic. */
export interface ReportWriter {
  /** @param opinions the requested second opinions, in their order */
  write(proposal: Proposal, universe: Universe, opinions?: readonly OpinionResult[]): readonly ProposalFile[];
}

/** The stored overview of all proposals: its data, and the page that shows it. */
export interface Overview {
  /**
   * All rows, including proposals that are no longer current.
   * @throws AdapterError; permanent (malformed) if the object is something else
   */
  read(): Promise<{
    readonly rows: readonly ProposalFacts[];
    /** Identifies this state; undefined if there is no overview. */
    readonly version: string | undefined;
  }>;
  /**
   * @returns false if somebody else has written since `version` was read, or while the page was written
   * @throws AdapterError
   */
  write(rows: readonly ProposalFacts[], page: string, version: string | undefined): Promise<boolean>;
}

/**
 * Stores the input of a refinement that the verifier rejected, so that it can be replayed. It contains policy
 * documents, so it is stored with the proposals and never logged.
 */
export interface FailureStore {
  /** @returns the key of the input */
  keep(findingId: string, replay: string): Promise<string>;
}
