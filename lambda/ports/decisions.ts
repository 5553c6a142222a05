import type { Decision } from '../core/decision/decision.ts';

/** What people decided. */
export interface DecisionSource {
  /**
   * What is decided about an account and all that is in it, as far as it still holds.
   * @throws AdapterError when it cannot be read: nothing may be proposed then as if nothing had been decided
   */
  inForce(accountId: string): Promise<readonly Decision[]>;
}

/** Where decisions are kept. */
export interface DecisionStore {
  /** All of them, those that hold no longer among them, and a name for this state. */
  read(): Promise<{ readonly decisions: readonly Decision[]; readonly version: string | undefined }>;
  /**
   * @returns false where somebody else has written since `version` was read: nothing is written then
   * @throws AdapterError
   */
  write(decisions: readonly Decision[], version: string | undefined): Promise<boolean>;
}
