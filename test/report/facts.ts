import type { PrincipalFacts, SharedFacts } from '../../lambda/ports/proposals.ts';

/** Facts of a proposal that removes 30 of 84 actions, with whatever a test wants to differ. */
export function facts(name: string, different: Partial<PrincipalFacts> = {}): PrincipalFacts {
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

/** Facts of a proposal about a policy of 12 principals, which takes 20 of 50 actions from each. */
export function sharedFacts(name: string, different: Partial<SharedFacts> = {}): SharedFacts {
  const accountId = '123456789012';
  return {
    prefix: `shared/${accountId}/policy/${name}/00000000000000000000000000000abc/`,
    proposalId: '00000000000000000000000000000abc',
    kind: 'refine-shared-policy',
    subject: { type: 'policy', arn: `arn:aws:iam::${accountId}:policy/${name}`, name, path: '/', accountId },
    principals: 12,
    summary: {
      actionsGrantedBefore: 50,
      actionsGrantedAfter: 30,
      servicesGrantedBefore: 3,
      servicesGrantedAfter: 2,
      charactersBefore: 444,
      charactersAfter: 346,
    },
    catalogue: { source: 'a test', version: '1', services: 3, actions: 84 },
    generalize: 'shortest',
    policies: [],
    retained: 0,
    advice: { better: 'shared', reason: 'The shared change is better: so it is.' },
    ...different,
  };
}

export const CONTEXT = {
  partition: 'aws',
  region: 'eu-central-1',
  bucket: 'access-proposals',
  homeAccountId: '999900001111',
} as const;
