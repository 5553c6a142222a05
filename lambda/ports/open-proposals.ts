import type { FindingReference } from './finding-source.ts';

/** The proposals that people are still shown as current. */
export interface OpenProposals {
  /**
   * The findings that they were made for, each once, as if the given analyzer had made them.
   * @throws AdapterError
   */
  findings(analyzerArn: string): Promise<readonly FindingReference[]>;
}
