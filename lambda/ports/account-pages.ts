import type { Tag } from '../core/model/principal.ts';

/** A policy's document as IAM returns it: percent-encoded, and decoded only when somebody asks for it. */
export interface EncodedPolicy {
  readonly name: string;
  readonly document: string;
}

export interface AttachedPolicy {
  readonly name: string;
  readonly arn: string;
}

interface PageHolder {
  readonly inline: readonly EncodedPolicy[];
  readonly attached: readonly AttachedPolicy[];
}

export interface PageRole extends PageHolder {
  readonly arn: string;
  readonly tags: readonly Tag[];
  /** Null where the principal has no permissions boundary. */
  readonly boundaryArn: string | null;
}

export interface PageUser extends PageRole {
  /** Names of groups. */
  readonly groups: readonly string[];
}

export interface PageGroup extends PageHolder {
  readonly name: string;
}

/** A managed policy with its default version. One that lacks a fact is left out of a page, and asked for by itself. */
export interface PagePolicy {
  readonly arn: string;
  readonly path: string;
  readonly versionId: string;
  readonly attachments: number;
  readonly boundaryUses: number;
  readonly document: string;
}

/** One page of an account's description, as far as it is used; plain data, so that it can be kept as JSON. */
export interface AccountPage {
  readonly roles: readonly PageRole[];
  readonly users: readonly PageUser[];
  readonly groups: readonly PageGroup[];
  readonly policies: readonly PagePolicy[];
  /** Where the next page begins; null behind the last. */
  readonly nextMarker: string | null;
}

/** Where whole accounts are read, page by page. */
export interface AccountPages {
  /**
   * @param marker null for the first page
   * @throws AdapterError
   */
  read(accountId: string, marker: string | null): Promise<AccountPage>;
}
