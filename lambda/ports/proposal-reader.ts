import type { DriftState } from '../core/drift/proposal-state.ts';
import type {
  Disposition,
  FindingType,
  Generalize,
  ProposalCatalogue,
  ProposalKind,
  Summary,
} from '../core/proposal/schema.ts';
import type { GrantSource, PrincipalRef } from '../core/model/principal.ts';

/**
 * What is said elsewhere about a stored proposal: in a notice, in the overview of a run. Documents and lists of actions
 * are left out, because a thousand proposals with them do not fit into memory.
 */
export interface ProposalFacts {
  /** `proposals/<accountId>/<role|user>/<name>/<proposalId>/` */
  readonly prefix: string;
  readonly proposalId: string;
  readonly kind: ProposalKind;
  readonly principal: PrincipalRef;
  /** By the principal's tag or, where the account is asked, by its contact; absent where nobody is known. */
  readonly owner?: string | undefined;
  readonly findingId: string;
  readonly findingType: FindingType;
  /** The same text for principals whose documents change in the identical way. */
  readonly signature: string;
  /** Proposals to refine permissions only, and so are the next two. */
  readonly summary: Summary | undefined;
  readonly catalogue: ProposalCatalogue | undefined;
  readonly generalize: Generalize | undefined;
  readonly policies: readonly PolicyFacts[];
  /** How many actions are kept on purpose, and how many stay granted through others. */
  readonly retained: number;
  readonly residue: number;
  /** Proposals to remove an access key only. */
  readonly accessKeyId: string | undefined;
  /** Why it is no longer current; absent while it is. */
  readonly state?: { readonly name: Exclude<DriftState, 'current'>; readonly reason: string } | undefined;
  /** What is to be known of a current one before it is put in place: one clause. */
  readonly remark?: string | undefined;
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
