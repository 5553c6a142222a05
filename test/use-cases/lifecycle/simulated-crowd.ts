import { proposalPrefix } from '../../../lambda/contract/object-keys.ts';
import type { PrincipalFacts } from '../../../lambda/ports/proposals.ts';
import { OWNER } from './simulated-setting.ts';

const ACCOUNT = '222233334444';

/**
 * The rows of many roles of another account, as an overview shows them whose account has left the organization: their
 * findings are gone and their proposals have expired, and nobody was told of either. It takes several slices of a sweep
 * to send them, and a batch of their notices is more than a notifier has time for.
 */
export function crowd(count: number): readonly PrincipalFacts[] {
  return Array.from({ length: count }, (_, place) => {
    const number = String(place).padStart(4, '0');
    const name = `Crowd${number}`;
    const proposalId = number.repeat(8);
    return {
      prefix: proposalPrefix({ accountId: ACCOUNT, type: 'role', name }, proposalId),
      proposalId,
      kind: 'remove-role',
      principal: {
        ...{ arn: `arn:aws:iam::${ACCOUNT}:role/${name}`, type: 'role', name, path: '/' },
        accountId: ACCOUNT,
      },
      owner: OWNER,
      findingId: `crowd-${number}`,
      findingType: 'UnusedIAMRole',
      signature: '',
      policies: [],
      retained: 0,
      residue: 0,
      ...{ summary: undefined, catalogue: undefined, generalize: undefined, accessKeyId: undefined },
    };
  });
}
