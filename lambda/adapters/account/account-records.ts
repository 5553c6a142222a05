import type { GrantDocument, Tag } from '../../core/model/principal.ts';

/** Parses a document on first use, because most documents of a large account are needed once or never. */
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
  /** Unique id; undefined if the source does not say. */
  readonly id?: string | undefined;
  readonly tags: readonly Tag[];
  readonly boundaryArn: string | undefined;
  /** Roles only: who may assume it, in words; undefined if the source does not say. */
  readonly assumedBy?: readonly string[] | undefined;
  /** ISO 8601; undefined if the source does not say. */
  readonly createdAt?: string | undefined;
  /** Roles only, ISO 8601: null if IAM records no use, undefined if the source does not say. */
  readonly lastUsedAt?: string | null | undefined;
}

export interface UserRecord extends RoleRecord {
  /** Names of groups. */
  readonly groups: readonly string[];
}

export interface GroupRecord extends HolderRecord {
  readonly name: string;
  /** Unique id; undefined if the source does not say. */
  readonly id?: string | undefined;
  /** Undefined if the source leaves it out. */
  readonly arn?: string | undefined;
}

export interface ManagedPolicyRecord {
  readonly arn: string;
  /** Unique id; undefined if the source does not say. */
  readonly id?: string | undefined;
  readonly path: string;
  readonly versionId: string;
  /** Ids of all versions, oldest first; undefined if the source does not say. */
  readonly versions: readonly string[] | undefined;
  /** IAM's count, if the source has it. The index counts too, and the larger number is used. */
  readonly attachments: number | undefined;
  readonly boundaryUses: number | undefined;
  /** When its newest version was created, ISO 8601; undefined if the source does not say. */
  readonly updatedAt?: string | undefined;
  /** The document of the default version. */
  readonly read: ReadDocument;
}
