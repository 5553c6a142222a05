import type { PrincipalType } from './principal.ts';

/** What a proposal can be about. */
export type SubjectType = PrincipalType | 'policy' | 'group';

/** What a proposal is about: a role, user, customer managed policy or group. `path` begins and ends with a slash. */
export interface Subject {
  readonly type: SubjectType;
  readonly arn: string;
  readonly name: string;
  readonly path: string;
  readonly accountId: string;
}

/** What policies can be attached to. */
type HolderType = Exclude<SubjectType, 'policy'>;

/** A role, user or group of the account, by the name that IAM's calls take. */
export interface HolderRef {
  readonly type: HolderType;
  readonly name: string;
}
