/**
 * Keeps the replayable input of a refinement that the verifier rejected. It holds policy documents, so it goes where
 * the proposals are kept and never into a log.
 */
export interface FailureStore {
  /** @returns the key under which the input lies */
  keep(findingId: string, replay: string): Promise<string>;
}
