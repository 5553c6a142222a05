import type { ProposalKind, SharedKind } from '../core/proposal/schema.ts';

/** One notification: text for people, the same facts for programs, and attributes for SNS filter policies. */
export interface Notice {
  /** Under 100 characters, ASCII, one line. */
  readonly subject: string;
  readonly text: string;
  /** JSON text for `sqs`, `lambda` and `https` subscribers. */
  readonly json: string;
  readonly attributes: {
    readonly accountIds: readonly string[];
    readonly kinds: readonly string[];
    readonly proposalCount: number;
    /** Who owns the proposals, if messages are grouped by owner and the owner is known. */
    readonly owner?: string;
    /** Set on the overview only. */
    readonly overview?: true;
  };
}

/** Whom a message is for, if there is one for each owner; `owner` is undefined for proposals without an owner. */
export interface Addressee {
  readonly owner: string | undefined;
}

/** Notifies people; one call is one message. */
export interface Notifier {
  publish(notice: Notice): Promise<void>;
}

/** Notifies a chat channel; the text is already in the chat's own schema. */
export interface ChatNotifier {
  publish(message: string): Promise<void>;
}

/** What the latest overview announced. */
export interface Announced {
  /** A digest of the keys of all proposals known at the time. */
  readonly digest: string;
  /** How many proposals it counted. */
  readonly proposals: number;
}

export interface AnnouncedMark {
  /** Undefined if no overview was sent yet. */
  readonly announced: Announced | undefined;
  /** Identifies this state of the mark; undefined if there is none. */
  readonly version: string | undefined;
}

/** Stores what was announced, so that nothing is announced twice. */
export interface AnnouncedStore {
  /** @throws AdapterError; permanent (malformed) if the object is something else */
  read(): Promise<AnnouncedMark>;
  /** @returns false if somebody else has written since `version` was read */
  write(announced: Announced, version: string | undefined): Promise<boolean>;
}

export type ContactAnswer =
  /** `email` is undefined if the account has no such contact. */
  | { readonly kind: 'known'; readonly email: string | undefined }
  /** Access was denied, so it is unknown whether there is one. */
  | { readonly kind: 'refused' };

/** The contacts of accounts. */
export interface AccountContacts {
  /** @throws AdapterError (retry) if AWS does not answer at present */
  contactOf(accountId: string): Promise<ContactAnswer>;
}

/**
 * The event about one proposal for programs: its `detail`, version 1 (docs/events.md). Later versions may add members;
 * those below do not change.
 */
export interface ProposalEvent {
  readonly schemaVersion: 1;
  /** `current`: it was in another state, and is current again. */
  readonly state: 'stored' | 'current' | 'applied' | 'resolved' | 'superseded' | 'withheld';
  /** Why, without a full stop; absent if the state is `stored` or `current`. */
  readonly reason?: string;
  readonly proposalId: string;
  /** Absent if the state is `withheld`. */
  readonly kind?: ProposalKind | SharedKind;
  readonly subject: {
    readonly accountId: string;
    /** Absent if the account has no name. */
    readonly accountName?: string;
    readonly type: 'role' | 'user' | 'policy' | 'group';
    readonly name: string;
    /** Absent if the state is `withheld`. */
    readonly arn?: string;
  };
  /** Only of proposals about a role or user that are not withheld. */
  readonly findingId?: string;
  readonly owner?: string;
  /** How many actions are granted before and after; only of proposals that refine. */
  readonly actions?: { readonly before: number; readonly after: number };
  readonly bucket: string;
  /** The prefix of the proposal and its report in the bucket, with a slash at the end. */
  readonly prefix: string;
}

/** Sends events to programs. */
export interface ProposalEvents {
  /** @throws AdapterError if some could not be sent; others may have been */
  send(events: readonly ProposalEvent[]): Promise<void>;
}
