import type { ProposalKind, SharedKind } from '../core/proposal/schema.ts';

/** Text for people, the same facts for programs, and attributes for filter policies. */
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
    /** Whose proposals they are, where messages are grouped by owner and the owner is known. */
    readonly owner?: string;
    /** On the overview alone. */
    readonly overview?: true;
  };
}

/** Whose message it is, where there is one an owner; `owner` is undefined for what nobody owns. */
export interface Addressee {
  readonly owner: string | undefined;
}

/** Tells people; one call is one message. */
export interface Notifier {
  publish(notice: Notice): Promise<void>;
}

/** Tells a chat channel; the text is already in the chat's own schema. */
export interface ChatNotifier {
  publish(message: string): Promise<void>;
}

/** What the latest overview announced. */
export interface Announced {
  /** Over the keys of everything that was known then. */
  readonly digest: string;
  /** How many proposals it counted. */
  readonly proposals: number;
}

export interface AnnouncedMark {
  /** Undefined where there was no overview yet. */
  readonly announced: Announced | undefined;
  /** Names this state of the mark; undefined where there is none. */
  readonly version: string | undefined;
}

/** Remembers what has been announced, so that nothing is announced twice. */
export interface AnnouncedStore {
  /** @throws AdapterError; permanent (malformed) where it is something else */
  read(): Promise<AnnouncedMark>;
  /** @returns false where somebody else has written since `version` was read */
  write(announced: Announced, version: string | undefined): Promise<boolean>;
}

export type ContactAnswer =
  /** `email` is undefined where the account has no such contact. */
  | { readonly kind: 'known'; readonly email: string | undefined }
  /** It may not be read, so nobody knows whether there is one. */
  | { readonly kind: 'refused' };

/** Who answers for an account. */
export interface AccountContacts {
  /** @throws AdapterError with the decision to retry where nobody answers for now */
  contactOf(accountId: string): Promise<ContactAnswer>;
}

/**
 * What programs are told of one proposal: the `detail` of an event, version 1 (docs/events.md). Later versions may add
 * members; none of these changes.
 */
export interface ProposalEvent {
  readonly schemaVersion: 1;
  /** `current`: it was said to be none of the others, and that is not so any more. */
  readonly state: 'stored' | 'current' | 'applied' | 'resolved' | 'superseded' | 'withheld';
  /** Why, without a full stop; absent of `stored` and `current`. */
  readonly reason?: string;
  readonly proposalId: string;
  /** Absent of `withheld`. */
  readonly kind?: ProposalKind | SharedKind;
  readonly subject: {
    readonly accountId: string;
    /** Absent where nobody gave the account a name. */
    readonly accountName?: string;
    readonly type: 'role' | 'user' | 'policy' | 'group';
    readonly name: string;
    /** Absent of `withheld`. */
    readonly arn?: string;
  };
  /** Of proposals about a role or user that are not withheld. */
  readonly findingId?: string;
  readonly owner?: string;
  /** How many actions are granted before and after, of proposals that refine. */
  readonly actions?: { readonly before: number; readonly after: number };
  readonly bucket: string;
  /** Where in the bucket the proposal and its report lie, with a slash at the end. */
  readonly prefix: string;
}

/** Tells programs. */
export interface ProposalEvents {
  /** @throws AdapterError when some could not be sent; others may have been */
  send(events: readonly ProposalEvent[]): Promise<void>;
}
