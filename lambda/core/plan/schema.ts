import type { JsonValue } from '../model/json.ts';
import type { Tag } from '../model/principal.ts';
import type { HolderRef } from '../model/subject.ts';

/**
 * How a proposal is applied and undone: the member `plan` of `proposal.json`, the same for every subject.
 * `rollback` has the inverted steps of `apply` in reverse order. Repeating a step changes nothing. `checks` names
 * everything that the steps touch, with its state before and after; whoever executes the plan first reads all of it,
 * and continues only if each is in one of these two states.
 */
export interface Plan {
  readonly checks: readonly PlanCheck[];
  readonly apply: readonly PlanStep[];
  readonly rollback: readonly PlanStep[];
  /** Documents that the steps use and that are in no policy of the proposal. */
  readonly documents: readonly PlanDocument[];
  /** Why `rollback` cannot restore everything; null if it can. */
  readonly irreversible: string | null;
  /**
   * What has to be freed before the first step, because the plan exceeds a quota at some moment; empty if it never
   * does.
   */
  readonly freeFirst: readonly string[];
  /** What people have to do after the plan is applied, in this order. */
  readonly afterwards: readonly string[];
}

export interface PlanDocument {
  readonly file: string;
  readonly document: JsonValue;
}

/**
 * A policy document by reference. `file` is its name in the proposal's folder (see `names.ts`); `digest` is
 * SHA-256, in hexadecimal, of its canonical form (see `canonicalDocument`).
 */
export interface DocumentRef {
  readonly file: string;
  readonly digest: string;
}

/** One thing that the plan touches, with its state before and after. */
export type PlanCheck =
  | SubjectCheck
  | LastUseCheck
  | HoldersCheck
  | InlineCheck
  | DefaultVersionCheck
  | AttachmentCheck
  | DenialCheck
  | CopyCheck
  | AccessKeyCheck
  | PasswordCheck;

/**
 * The role, user or group itself: its name can be reused, its id cannot. This check has no state of its own and guards
 * the others.
 */
export interface SubjectCheck {
  readonly check: 'subject';
  /** Unique id (`AROA…`, `AIDA…`, `AGPA…`); absent if the input does not have it. */
  readonly id?: string;
  /** When it was analysed: one that was created later only has the same name. */
  readonly createdBefore?: string;
}

/** The fact that a removal is based on, read again right before it. It guards the other checks. */
export interface LastUseCheck {
  readonly check: 'last-use';
  readonly of: 'role' | 'password' | 'access-key';
  readonly accessKeyId?: string;
  /** The date in the finding; null if it has none. */
  readonly lastUsedAt: string | null;
  /** When it was analysed; null if the input has no time. */
  readonly analysedAt: string | null;
}

/**
 * The holders that a change of a policy or a group reaches. Only these were analysed, and a later holder may use what
 * is removed. This check has no state of its own and guards the others. ARNs, sorted.
 */
export interface HoldersCheck extends Holders {
  readonly check: 'holders';
  /** Absent if the input has none. */
  readonly ids?: readonly HolderId[];
}

/** The unique id of a holder: its name can be reused, its id cannot. */
export interface HolderId extends HolderRef {
  readonly id: string;
}

/** The holders of a policy, or the group itself if the subject is a group; with the members of each group. */
export interface Holders {
  readonly roles: readonly string[];
  readonly users: readonly string[];
  readonly groups: readonly { readonly name: string; readonly members: readonly string[] }[];
}

interface NeedsCopies {
  /**
   * ARNs of the copies with parts of this policy: it may be in its `after` state only while they are attached.
   */
  readonly needs: readonly string[];
}

/** An inline policy of the subject. Null: it does not exist in that state. */
export interface InlineCheck extends NeedsCopies {
  readonly check: 'inline-policy';
  readonly policyName: string;
  readonly before: DocumentRef | null;
  readonly after: DocumentRef | null;
}

/** A customer managed policy that gets a new default version, because all its holders are to lose the same actions. */
export interface DefaultVersionCheck extends NeedsCopies {
  readonly check: 'default-version';
  readonly policyArn: string;
  /** Unique id (`ANPA…`); absent if the input does not have it. */
  readonly policyId?: string;
  /** The default version that was analysed; absent if the source does not have it. */
  readonly versionId?: string;
  readonly before: DocumentRef;
  readonly after: DocumentRef;
}

/** A managed policy that is attached before and detached after. */
export interface AttachmentCheck extends NeedsCopies {
  readonly check: 'attached-policy';
  readonly policyArn: string;
  /** The holders that it is attached to, if not the subject. */
  readonly holder?: HolderRef;
  /** Unique id (`ANPA…`); absent if the input does not have it. */
  readonly policyId?: string;
  /** The default version that was analysed; absent if the source does not have it. */
  readonly versionId?: string;
  readonly before: DocumentRef;
}

/** An AWS managed policy that denies: not attached before, attached after. */
interface DenialCheck {
  readonly check: 'denial';
  readonly policyArn: string;
}

/** A managed policy that the plan creates and attaches; before, there is no policy of that name. */
export interface CopyCheck {
  readonly check: 'copy';
  readonly policyArn: string;
  readonly document: DocumentRef;
  /**
   * Names the proposal. IAM never changes a description, so it distinguishes our copy from another policy of the same
   * name.
   */
  readonly description: string;
}

/** An access key, Active before and Inactive after. */
interface AccessKeyCheck {
  readonly check: 'access-key';
  readonly accessKeyId: string;
}

/** A user's console password: exists before, deleted after. */
interface PasswordCheck {
  readonly check: 'password';
  /** When it was set; absent if the input has no time. A password that was set at another time is another password. */
  readonly createdAt?: string;
  /** When it was analysed: a password that was set later is another password. */
  readonly createdBefore?: string;
}

/** One step, its purpose, and its IAM calls. */
export type PlanStep = StepAction & { readonly why: string; readonly calls: readonly ApiCall[] };

/** What a step does to the subject of the proposal, or to the holder that it names. */
export type StepAction =
  | { readonly op: 'put-inline-policy'; readonly policyName: string; readonly document: DocumentRef }
  | { readonly op: 'delete-inline-policy'; readonly policyName: string; readonly expected: DocumentRef }
  | CreatePolicyAction
  | {
      readonly op: 'delete-policy';
      readonly policyArn: string;
      readonly document: DocumentRef;
      readonly description: string;
    }
  | AttachmentAction<'attach-policy'>
  | AttachmentAction<'detach-policy'>
  | VersionAction<'create-default-version'>
  | VersionAction<'restore-default-version'>
  | {
      readonly op: 'set-access-key-status';
      readonly accessKeyId: string;
      readonly status: 'Active' | 'Inactive';
    }
  | { readonly op: 'delete-password' };

export interface AttachmentAction<Op extends string> {
  readonly op: Op;
  readonly policyArn: string;
  /** The holder that it is attached to or detached from, if not the subject. */
  readonly holder?: HolderRef;
}

export interface CreatePolicyAction {
  readonly op: 'create-policy';
  readonly policyName: string;
  readonly policyArn: string;
  readonly path: string;
  readonly description: string;
  readonly tags: readonly Tag[];
  readonly document: DocumentRef;
}

/** `before` was the default version `versionId`, if known; `after` is the version that the plan adds. */
export interface VersionAction<Op extends string> {
  readonly op: Op;
  readonly policyArn: string;
  readonly versionId?: string;
  readonly before: DocumentRef;
  readonly after: DocumentRef;
}

/**
 * An IAM API call with its parameters in the form of the AWS CLI: a document is `file://` and its name in the
 * proposal's folder. `when` is present if the call depends on the state at that moment.
 */
export interface ApiCall {
  readonly call: string;
  readonly parameters: Readonly<Record<string, string | boolean | readonly Tag[]>>;
  readonly when?: string;
}

/** SHA-256 of a text's UTF-8 bytes, in lower-case hexadecimal. */
export type TextDigest = (text: string) => string;
