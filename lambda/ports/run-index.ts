import type { ProposalFacts } from './proposal-reader.ts';

/** The overview of all proposals (`index.html`), kept current. */
export interface RunIndex {
  /** Adds proposals, or puts them in the place of older ones about the same thing. Doing it twice changes nothing. */
  update(added: readonly ProposalFacts[]): Promise<void>;
  /** All that it shows, what is no longer current among them. @throws AdapterError */
  all(): Promise<readonly ProposalFacts[]>;
}
