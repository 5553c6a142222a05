import type { ProposalFacts } from '../../lambda/ports/proposal-reader.ts';

/** Facts of a proposal that removes 30 of 84 actions, with whatever a test wants to differ. */
export function facts(name: string, different: Partial<ProposalFacts> = {}): ProposalFacts {
  const accountId = '123456789012';
  return {
    prefix: `proposals/${accountId}/role/${name}/0123456789abcdef0123456789abcdef/`,
    proposalId: '0123456789abcdef0123456789abcdef',
    kind: 'refine-permissions',
    principal: { arn: `arn:aws:iam::${accountId}:role/${name}`, type: 'role', name, path: '/', accountId },
    findingId: '8f1c2a5e-0b7d-4c39-9d52-6f0f4d1c7a10',
    findingType: 'UnusedPermission',
    signature: `outcome of ${name}`,
    catalogue: undefined,
    generalize: 'shortest',
    summary: {
      actionsGrantedBefore: 84,
      actionsGrantedAfter: 54,
      servicesGrantedBefore: 3,
      servicesGrantedAfter: 2,
      charactersBefore: 444,
      charactersAfter: 346,
    },
    policies: [],
    retained: 0,
    residue: 0,
    accessKeyId: undefined,
    ...different,
  };
}

export const CONTEXT = { partition: 'aws', region: 'eu-central-1', bucket: 'access-proposals' } as const;
