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
  };
}

/** Tells people; one call is one message. */
export interface Notifier {
  publish(notice: Notice): Promise<void>;
}
