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
