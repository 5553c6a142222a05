import type { Decision } from '../core/decision/decision.ts';

/** Reads what people decided about proposals. */
export interface DecisionSource {
  /**
   * The decisions about an account and everything in it that are still in force.
   * @throws AdapterError if they cannot be read; the caller must not go on as if nothing had been decided
   */
  inForce(accountId: string): Promise<readonly Decision[]>;
}

/** Stores decisions. */
export interface DecisionStore {
  /** All decisions, expired ones too. `version` identifies this state; undefined if nothing is stored. */
  read(): Promise<{ readonly decisions: readonly Decision[]; readonly version: string | undefined }>;
  /**
   * @returns false if somebody else has written since `version` was read; then nothing is written
   * @throws AdapterError
   */
  write(decisions: readonly Decision[], version: string | undefined): Promise<boolean>;
}
