import type { FindingReference } from './finding-source.ts';

/** Where a sweep puts the findings it saw; up to any number, batching is the adapter's. */
export interface FindingQueue {
  send(references: readonly FindingReference[]): Promise<void>;
}
