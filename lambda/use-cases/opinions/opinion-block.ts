import type { OpinionName } from '../../contract/opinions.ts';

/**
 * AWS's own check speaks against a proposal, so it is not stored. With `no-new-access` it contradicts our proof: that is
 * a failed verification. `replay` is JSON text that repeats the case; it holds policy documents, so it is stored and
 * never logged.
 */
export class OpinionBlock extends Error {
  override readonly name = 'OpinionBlock';
  constructor(
    message: string,
    readonly opinion: OpinionName,
    readonly replay: string | undefined,
  ) {
    super(message);
  }
}
