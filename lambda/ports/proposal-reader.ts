import type { DriftState } from '../core/drift/proposal-state.ts';
import type {
  Disposition,
  FindingType,
  Generalize,
  ProposalCatalogue,
  ProposalKind,
  Summary,
} from '../core/proposal/schema.ts';
import type { Advice } from '../core/joint/better-of.ts';
import type { JointKind, JointSubject } from '../core/joint/schema.ts';
import type { GrantSource, PrincipalRef } from '../core/model/principal.ts';

/**
 * What is said elsewhere about a stored proposal: in a notice, in the overview of a run. Documents and lists of actions
 * are left out, because a thousand proposals with them do not fit into memory.
 */
export type ProposalFacts = PrincipalFacts | SharedFacts;

interface CommonFacts {
  readonly proposalId: string;
  /** Absent where nobody is known. */
  readonly owner?: string | undefined;
  readonly policies: readonly PolicyFacts[];
  /** How many actions are kept on purpose. */
  readonly retained: number;
  /** Why it is no longer current; absent while it is. */
  readonly state?: { readonly name: Exclude<DriftState, 'current'>; readonly reason: string } | undefined;
}

/** Of a proposal about a principal. */
export interface PrincipalFacts extends CommonFacts {
  /** `proposals/<accountId>/<role|user>/<name>/<proposalId>/` */
  readonly prefix: string;
  readonly kind: ProposalKind;
  readonly principal: PrincipalRef;
  readonly findingId: string;
  readonly findingType: FindingType;
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
  /** What is to be known of a current one before it is put in place: one clause. */
  readonly remark?: string | undefined;
}

/** Of a proposal about what several principals share: a customer managed policy, or a group. */
export interface SharedFacts extends CommonFacts {
  /** `shared/<accountId>/<policy|group>/<name>/<proposalId>/` */
  readonly prefix: string;
  readonly kind: JointKind;
  readonly subject: JointSubject;
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

/** What a proposal is about. */
export function subjectIn(facts: ProposalFacts): PrincipalRef | JointSubject {
  return isShared(facts) ? facts.subject : facts.principal;
}

/** Those about principals: each has a finding of its own, the others rest on these. */
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
