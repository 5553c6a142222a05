import type { PrincipalRef } from '../model/principal.ts';
import type { ProposalKind } from '../proposal/schema.ts';

/**
 * What a proposal is about; of all proposals about one subject, one can be current. A role is either idle or has unused
 * permissions, never both; a user may have an unused password, unused keys and unused permissions at once.
 */
export function subjectOf(proposal: {
  readonly principal: PrincipalRef;
  readonly kind: ProposalKind;
  readonly accessKeyId?: string | undefined;
}): string {
  const { principal, kind, accessKeyId } = proposal;
  return principal.type === 'role' ? principal.arn : [principal.arn, kind, accessKeyId ?? ''].join(' ');
}
