export interface NotifyFailure {
  readonly step: 'read' | 'owner' | 'index' | 'compose' | 'publish' | 'chat' | 'time';
  /** The proposal, where it is about one. */
  readonly key: string | undefined;
  readonly error: unknown;
  /** Whose message it was, where messages are grouped by owner. */
  readonly owner?: string | undefined;
}

/** Notes what failed. A proposal that is named has not been told, and comes again. */
export type Fail = (
  step: NotifyFailure['step'],
  key: string | undefined,
  error: unknown,
  owner?: string,
) => void;

/** Milliseconds that are kept for what follows: the index and the messages. */
export const RESERVE = 20_000;
