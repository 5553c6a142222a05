import type { GrantDocument, Tag } from '../../core/model/principal.ts';

/** Documents are parsed on first use: most documents of a large account are needed once, or never. */
export type ReadDocument = () => GrantDocument;

export interface InlineRecord {
  readonly name: string;
  readonly read: ReadDocument;
}

export interface AttachedRecord {
  readonly name: string;
  readonly arn: string;
}

export interface HolderRecord {
  readonly inline: readonly InlineRecord[];
  readonly attached: readonly AttachedRecord[];
}

export interface RoleRecord extends HolderRecord {
  readonly arn: string;
  /** Unique id; undefined where the source does not say. */
  readonly id?: string | undefined;
  readonly tags: readonly Tag[];
  readonly boundaryArn: string | undefined;
  /** Of a role: who may assume it, in words; undefined where the source does not say. */
  readonly assumedBy?: readonly string[] | undefined;
  /** ISO 8601; undefined where the source does not say. */
  readonly createdAt?: string | undefined;
  /** Of a role: null where IAM records no use, undefined where the source does not say. */
  readonly lastUsedAt?: string | null | undefined;
}

export interface UserRecord extends RoleRecord {
  /** Names of groups. */
  readonly groups: readonly string[];
}

export interface GroupRecord extends HolderRecord {
  readonly name: string;
  /** Unique id; undefined where the source does not say. */
  readonly id?: string | undefined;
  /** Undefined where the source leaves it out. */
  readonly arn?: string | undefined;
}

export interface ManagedPolicyRecord {
  readonly arn: string;
  /** Unique id; undefined where the source does not say. */
  readonly id?: string | undefined;
  readonly path: string;
  readonly versionId: string;
  /** Every version id, oldest first; undefined where the source does not say. */
  readonly versions: readonly string[] | undefined;
  /** What IAM counts, where it says so. The index counts too, and the larger number holds. */
  readonly attachments: number | undefined;
  readonly boundaryUses: number | undefined;
  /** When its newest version was made, ISO 8601; undefined where the source does not say. */
  readonly updatedAt?: string | undefined;
  /** The document of the default version. */
  readonly read: ReadDocument;
}
