import type { OpinionName } from '../../contract/settings.ts';
import type { RefineProposal } from '../../core/proposal/schema.ts';

/**
 * AWS's own check rejects a proposal, so it is not stored. With `no-new-access` it contradicts the proof, which
 * counts as a failed verification. `replay` is JSON text to repeat the case with. It holds policy documents, so it is
 * stored and never logged.
 */
export class OpinionBlock extends Error {
  override readonly name = 'OpinionBlock';
  /** @param reason what AWS said, without a full stop */
  constructor(
    readonly about: Pick<RefineProposal, 'principal' | 'proposalId' | 'finding'>,
    readonly opinion: OpinionName,
    readonly reason: string,
    readonly replay: string | undefined,
  ) {
    super(
      `the finding ${about.finding.id} gets no proposal for ${about.principal.arn}, because AWS's own check speaks against it: ${reason}`,
    );
  }
}
