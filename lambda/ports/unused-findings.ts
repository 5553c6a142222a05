import type { Finding } from './finding-source.ts';

/** What is known of the use of single principals. */
export interface UnusedFindings {
  /**
   * Every ACTIVE finding about a principal; none where it has none.
   * @throws AdapterError when it cannot be read for now
   */
  about(principalArn: string): Promise<readonly Finding[]>;
}
