/** Where a sweep goes on that had to stop. */
export interface SweepContinuation {
  readonly analyzerArn: string;
  /** Undefined starts at the first page. */
  readonly nextToken: string | undefined;
  /** How often this sweep had to start over because its token was no longer valid. */
  readonly restarts: number;
}

/** Carries the rest of a sweep to a later invocation. */
export interface SweepQueue {
  continueLater(continuation: SweepContinuation): Promise<void>;
}
