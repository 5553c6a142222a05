import { describe, expect, test } from 'vitest';
import { sha256 } from '../../../lambda/adapters/node.ts';
import { makeCatalogue } from '../../../lambda/core/catalogue/catalogue.ts';
import type { AccountUnits } from '../../../lambda/ports/account.ts';
import type { RaisedQuotas } from '../../../lambda/core/fit/quotas.ts';
import type {
  LastAccessAnswer,
  LastAccessSource,
  PolicyTags,
  PrincipalAnswer,
} from '../../../lambda/ports/policies.ts';
import type { PrincipalProposal } from '../../../lambda/core/proposal/schema.ts';
import {
  type Grant,
  type Principal,
  type Tag,
  readPrincipalArn,
} from '../../../lambda/core/model/principal.ts';
import { AdapterError } from '../../../lambda/ports/system.ts';
import type { Finding, FindingAnswer, FindingReference } from '../../../lambda/ports/findings.ts';
import type { Withheld, ProposalFile, Provenance, StoredProposal } from '../../../lambda/ports/proposals.ts';
import type { Exclusions } from '../../../lambda/ports/settings.ts';
import { readOpinions } from '../../../lambda/stored/proposal.ts';
import type { OpinionDependencies } from '../../../lambda/use-cases/opinions/ask-opinions.ts';
import { OpinionBlock } from '../../../lambda/ports/opinions.ts';
import { PASS, sourceOf } from '../opinions.ts';
import { ownerOf, proposeRefinement } from '../../../lambda/use-cases/propose/propose-refinement.ts';
import type { ProposeDependencies } from '../../../lambda/use-cases/propose/dependencies.ts';
import { type AccountOutcome, refineAccount } from '../../../lambda/use-cases/propose/refine-account.ts';
import { excludedBy, ownedByAws } from '../../../lambda/use-cases/propose/skip-reason.ts';

const ARN = 'arn:aws:iam::123456789012:role/team/R';
const REFERENCE: FindingReference = {
  analyzerArn: '',
  findingId: 'f',
  accountId: '123456789012',
  resource: ARN,
};
const FINDING: Finding = {
  id: 'f',
  analyzerArn: null,
  findingType: 'UnusedPermission',
  status: 'ACTIVE',
  resource: ARN,
  accountId: '123456789012',
  updatedAt: null,
  details: {
    type: 'UnusedPermission',
    entries: [{ serviceNamespace: 's3', actions: [{ action: 'GetObject' }] }],
  },
};

function grant(name: string, ...actions: readonly string[]): Grant {
  const value = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] };
  return { source: 'role-inline', name, document: { readable: true, value } };
}

interface World {
  readonly answer?: FindingAnswer;
  readonly principal?: PrincipalAnswer;
  readonly grants?: readonly Grant[];
  readonly exclude?: Partial<Exclusions>;
  readonly units?: AccountUnits;
  readonly keep?: readonly string[];
  readonly put?: () => Promise<never>;
  /** What the store answers; the proposal is finished only where nothing is there. */
  readonly found?: StoredProposal | Withheld;
  readonly opinions?: OpinionDependencies;
  readonly lastAccess?: LastAccessSource;
  readonly remainingMillis?: number;
  readonly ownerTag?: string;
  readonly tags?: PolicyTags;
  readonly managedPolicies?: RaisedQuotas;
}

interface Stored {
  readonly id: string;
  readonly proposal: PrincipalProposal;
  readonly files: readonly ProposalFile[];
  readonly provenance: Provenance;
}

function dependencies(world: World, stored: Stored[] = []): ProposeDependencies {
  const ref = readPrincipalArn(ARN);
  if (!ref) throw new TypeError(ARN);
  const grants = world.grants ?? [grant('P', 's3:GetObject', 's3:PutObject')];
  const principal: Principal = {
    ref,
    tags: [{ key: 'owner', value: 'vendor' }],
    grants,
    boundaryArn: undefined,
  };
  return {
    findings: { getFinding: () => Promise.resolve(world.answer ?? { kind: 'found', finding: FINDING }) },
    policies: { getPrincipal: () => Promise.resolve(world.principal ?? { kind: 'found', principal }) },
    store: {
      put: async ({ proposalId }, finish, provenance) => {
        if (world.found) return world.found;
        const { proposal, files } = await finish();
        expect(proposal.proposalId).toBe(proposalId);
        stored.push({ id: proposalId, proposal, files, provenance });
        return world.put?.() ?? Promise.resolve({ prefix: 'p/', outcome: 'stored' });
      },
    },
    ...(world.lastAccess ? { lastAccess: world.lastAccess } : {}),
    ...(world.opinions ? { opinions: world.opinions } : {}),
    reports: { write: () => [{ name: 'report.html', contentType: 'text/html', body: '' }] },
    catalogue: makeCatalogue({ source: 's', version: '1', date: '' }, [
      ['s3', ['GetObject', 'PutObject', 'DeleteObject']],
    ]),
    settings: {
      generalize: 'shortest',
      keep: world.keep ?? [],
      exclude: { names: [], paths: [], tags: [], ...world.exclude },
      ownerTag: world.ownerTag,
      managedPolicies: world.managedPolicies,
    },
    ...(world.tags ? { tags: world.tags } : {}),
    units: world.units,
    digest: sha256,
    clock: {
      now: () => '2026-11-23T00:00:00.000Z',
      remainingMillis: () => world.remainingMillis ?? Infinity,
    },
    runId: 'run',
    engineVersion: '1',
  };
}

describe('the last use of a principal', () => {
  function asking(answer: LastAccessAnswer) {
    const asked: (readonly [string, number])[] = [];
    const lastAccess: LastAccessSource = {
      lastAccessOf: (ref, millis) => {
        asked.push([ref.arn, millis]);
        return Promise.resolve(answer);
      },
    };
    return { asked, lastAccess };
  }
  const actions = new Map([['putobject', '2026-11-01T00:00:00.000Z']]);
  const known: LastAccessAnswer = { kind: 'known', lastAccess: new Map([['s3', { actions }]]) };

  async function proposalWith(world: World) {
    const [outcome] = await proposeRefinement(REFERENCE, dependencies(world));
    if (outcome?.kind !== 'proposed' || outcome.proposal.kind !== 'refine-permissions')
      throw new Error('no proposal');
    return outcome.proposal;
  }

  test('is read once, within 20 seconds, and shown', async () => {
    const { asked, lastAccess } = asking(known);
    const proposal = await proposalWith({ lastAccess });
    expect(asked).toEqual([[ARN, 20_000]]);
    expect(proposal.staying?.[0]).toEqual({
      reason: 'used',
      count: 1,
      actions: ['s3:PutObject'],
      lastAccessed: { 's3:PutObject': '2026-11-01T00:00:00.000Z' },
    });
    expect(proposal.proposalId).toBe((await proposalWith({})).proposalId);
  });

  test('is absent without a note if no report was requested', async () => {
    const { lastAccess } = asking({ kind: 'none' });
    const proposal = await proposalWith({ lastAccess });
    expect([proposal.notes, proposal.staying?.map(({ reason }) => reason)]).toEqual([[], ['not-tracked']]);
  });

  test('is read for a stored proposal if it can be recorded in its state, and nothing else is', async () => {
    const { asked, lastAccess } = asking(known);
    const readings: unknown[] = [];
    const store: ProposeDependencies['store'] = {
      put: async (_, _finish, _provenance, readUse) => {
        expect(asked).toEqual([]);
        readings.push(await readUse?.());
        return { prefix: 'p/', outcome: 'exists' };
      },
    };
    await proposeRefinement(REFERENCE, { ...dependencies({ lastAccess }, []), store });
    await proposeRefinement(REFERENCE, {
      ...dependencies({}, []),
      store: {
        put: (_, _finish, _provenance, readUse) => {
          readings.push(readUse);
          return Promise.resolve({ prefix: 'p/', outcome: 'exists' });
        },
      },
    });
    expect(asked).toHaveLength(1);
    expect(readings).toEqual([{ asOf: null, warnings: [], remarks: [] }, undefined]);
  });

  test('has as much time as the invocation leaves', async () => {
    const { asked, lastAccess } = asking(known);
    await proposalWith({ lastAccess, remainingMillis: 42_000 });
    expect(asked).toEqual([[ARN, 12_000]]);
  });

  test('delays nothing if AWS does not return it, and the proposal says so', async () => {
    const { lastAccess } = asking({ kind: 'unavailable', reason: 'AWS did not answer within 20 seconds' });
    const proposal = await proposalWith({ lastAccess });
    expect(proposal.notes).toEqual([
      'When actions were last used is not known: AWS did not answer within 20 seconds.',
    ]);
    expect(proposal.staying?.map(({ reason }) => reason)).toEqual(['not-tracked']);
  });
});

describe('second opinions and dates', () => {
  const date = '2026-11-01T00:00:00.000Z';
  const actions = new Map([['putobject', date]]);
  const known: LastAccessAnswer = { kind: 'known', lastAccess: new Map([['s3', { actions }]]) };

  /** Nobody gets an answer before as many have asked. */
  function meeting(guests: number) {
    const begun: string[] = [];
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    return {
      begun,
      join: async (name: string): Promise<void> => {
        begun.push(name);
        if (begun.length === guests) open();
        await gate;
      },
    };
  }
  function opinionsFrom(part: Parameters<typeof sourceOf>[0]): OpinionDependencies {
    return {
      source: sourceOf(part),
      enabled: ['no-new-access', 'aws-recommendation'],
      millis: 20_000,
      timeout: () => new AbortController().signal,
    };
  }

  test('are requested concurrently', async () => {
    const { begun, join } = meeting(3);
    const stored: Stored[] = [];
    await proposeRefinement(
      REFERENCE,
      dependencies(
        {
          answer: { kind: 'found', finding: { ...FINDING, analyzerArn: 'arn:analyzer' } },
          lastAccess: { lastAccessOf: () => join('dates').then(() => known) },
          opinions: opinionsFrom({
            checkNoNewAccess: () => join('check').then(() => PASS),
            recommend: () => join('recommendation').then(() => ({ kind: 'recommended', steps: [] })),
          }),
        },
        stored,
      ),
    );
    expect(begun.sort()).toEqual(['check', 'dates', 'recommendation']);
    const [one] = stored;
    expect(one?.proposal).toMatchObject({ staying: [{ reason: 'used' }] });
    const answers = readOpinions(one?.files.find(({ name }) => name === 'opinions.json')?.body ?? '');
    expect(answers.ok && answers.value.opinions.map(({ opinion, verdict }) => [opinion, verdict])).toEqual([
      ['no-new-access', 'agrees'],
      ['aws-recommendation', 'differs'],
    ]);
    expect(readOpinions('{"schemaVersion":2}')).toMatchObject({ ok: false });
  });

  test('leave nothing in flight and nothing stored if a check rejects the proposal', async () => {
    const stored: Stored[] = [];
    const steps: string[] = [];
    const lastAccess: LastAccessSource = {
      lastAccessOf: async () => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        steps.push('dates are there');
        return known;
      },
    };
    const opinions = opinionsFrom({
      checkNoNewAccess: () => Promise.resolve({ result: 'FAIL', sentences: ['New access.'] }),
    });
    const proposing = proposeRefinement(REFERENCE, dependencies({ lastAccess, opinions }, stored));
    const error: unknown = await proposing.catch((thrown: unknown) => thrown);
    steps.push('it ends');
    expect(error).toBeInstanceOf(OpinionBlock);
    expect(error).toMatchObject({
      opinion: 'no-new-access',
      reason: 'policy P: CheckNoNewAccess: FAIL: New access.',
      about: { principal: { arn: ARN } },
    });
    expect([stored, steps]).toEqual([[], ['dates are there', 'it ends']]);
  });

  test('are not requested if AWS rejected the same documents before', async () => {
    const ask = (): never => {
      throw new Error('AWS was asked');
    };
    const world = {
      found: { outcome: 'withheld', reason: 'CheckNoNewAccess: FAIL' },
      lastAccess: { lastAccessOf: ask },
      opinions: opinionsFrom({ checkNoNewAccess: ask, recommend: ask }),
    } as const;
    expect(await proposeRefinement(REFERENCE, dependencies(world))).toEqual([
      { kind: 'skipped', resource: ARN, code: 'withheld', reason: 'CheckNoNewAccess: FAIL' },
    ]);
  });
});

describe('the refinement of one finding', () => {
  test('ends with a stored proposal and its documents', async () => {
    const stored: Stored[] = [];
    const [outcome] = await proposeRefinement(REFERENCE, dependencies({}, stored));
    expect(outcome).toMatchObject({ kind: 'proposed', stored: { outcome: 'stored' }, refused: [] });
    expect(stored[0]?.files.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['policies/0-P.before.json', 'policies/0-P.after.json', 'report.html']),
    );
    expect(stored[0]?.provenance).toEqual({
      findingId: 'f',
      runId: 'run',
      storedAt: '2026-11-23T00:00:00.000Z',
      engineVersion: '1',
    });
  });

  test('stores nothing if nothing changes', async () => {
    const stored: Stored[] = [];
    const outcomes = await proposeRefinement(
      REFERENCE,
      dependencies({ grants: [grant('P', 's3:PutObject')] }, stored),
    );
    expect(outcomes).toMatchObject([{ kind: 'unchanged', refused: [], residue: 0 }]);
    expect(stored).toEqual([]);
  });

  test('does not depend on the order in which policies are read', async () => {
    const grants = [
      grant('B', 's3:GetObject', 's3:PutObject'),
      grant('A', 's3:GetObject', 's3:DeleteObject'),
    ];
    const first: Stored[] = [];
    const second: Stored[] = [];
    await proposeRefinement(REFERENCE, dependencies({ grants }, first));
    await proposeRefinement(REFERENCE, dependencies({ grants: [...grants].reverse() }, second));
    expect(second).toEqual(first);
    expect(first[0]?.files[0]?.name).toBe('policies/0-A.before.json');
  });

  test('retries a finding that an event just reported as active and that is not found', async () => {
    const world = dependencies({ answer: { kind: 'gone' } });
    const ask = (activeAt: string) => proposeRefinement({ ...REFERENCE, activeAt }, world);
    await expect(ask('2026-11-22T23:45:01Z')).rejects.toMatchObject({
      decision: 'retry',
      code: 'unavailable',
    });
    expect(await ask('2026-11-22T23:45:00Z')).toEqual([{ kind: 'gone', resource: ARN, what: 'finding' }]);
  });

  test.each<readonly [string, World, unknown]>([
    [
      'a finding that is gone',
      { answer: { kind: 'gone' } },
      { kind: 'gone', resource: ARN, what: 'finding' },
    ],
    [
      'a principal that is gone',
      { principal: { kind: 'gone' } },
      { kind: 'gone', resource: ARN, what: 'principal' },
    ],
    [
      'another type of finding',
      { answer: { kind: 'unsupported', reason: 'why' } },
      { kind: 'skipped', resource: ARN, code: 'unsupported-finding', reason: 'why' },
    ],
    [
      'a finding that is archived',
      { answer: { kind: 'found', finding: { ...FINDING, status: 'ARCHIVED' } } },
      { kind: 'skipped', code: 'not-active', reason: 'the finding is ARCHIVED, not ACTIVE' },
    ],
    [
      'a principal that is excluded by its tag',
      { exclude: { tags: [{ key: 'owner', value: null }] } },
      {
        kind: 'skipped',
        code: 'excluded',
        reason: 'the configuration excludes it: it carries the tag "owner"',
      },
    ],
    [
      'an account that is excluded',
      { exclude: { accounts: ['123456789012'] } },
      { kind: 'skipped', code: 'excluded', reason: 'the configuration excludes account 123456789012' },
    ],
    [
      'an account under a unit that is excluded',
      {
        exclude: { organizationalUnits: ['r-ab12'] },
        units: { ancestorsOf: () => Promise.resolve(['r-ab12']) },
      },
      {
        kind: 'skipped',
        code: 'excluded',
        reason:
          'the configuration excludes account 123456789012, which lies under the organisational unit r-ab12',
      },
    ],
  ])('stops at %s', async (_, world, outcome) => {
    const stored: Stored[] = [];
    expect(await proposeRefinement(REFERENCE, dependencies(world, stored))).toMatchObject([outcome]);
    expect(stored).toEqual([]);
  });

  test('reads nothing from IAM for an excluded account', async () => {
    const world = dependencies({ exclude: { accounts: ['123456789012'] } });
    const policies = { getPrincipal: () => Promise.reject(new Error('IAM was asked')) };
    expect(await proposeRefinement(REFERENCE, { ...world, policies })).toMatchObject([{ code: 'excluded' }]);
  });

  test('makes one proposal for each unused key', async () => {
    const finding: Finding = {
      ...FINDING,
      resource: 'arn:aws:iam::123456789012:user/U',
      findingType: 'UnusedIAMUserAccessKey',
      details: {
        type: 'UnusedIAMUserAccessKey',
        keys: [
          { accessKeyId: 'AKIA1', lastAccessed: undefined },
          { accessKeyId: 'AKIA2', lastAccessed: undefined },
        ],
      },
    };
    const outcomes = await proposeRefinement(REFERENCE, dependencies({ answer: { kind: 'found', finding } }));
    expect(outcomes.map((one) => one.kind === 'proposed' && one.proposal.kind)).toEqual([
      'remove-access-key',
      'remove-access-key',
    ]);
  });
});

describe('the owner of a principal', () => {
  const user = 'arn:aws:iam::123456789012:user/U';
  const password: Finding = {
    ...FINDING,
    resource: user,
    findingType: 'UnusedIAMUserPassword',
    details: { type: 'UnusedIAMUserPassword', lastAccessed: undefined },
  };

  async function ownerIn(world: World) {
    const [outcome] = await proposeRefinement(REFERENCE, dependencies(world));
    if (outcome?.kind !== 'proposed') throw new Error('no proposal');
    const { owner, proposalId } = outcome.proposal;
    return { owner, proposalId, has: 'owner' in outcome.proposal };
  }

  test('is the value of the configured tag, and never changes the id', async () => {
    const none = await ownerIn({});
    expect(none).toMatchObject({ owner: undefined, has: false });
    expect(await ownerIn({ ownerTag: 'owner' })).toEqual({
      owner: 'vendor',
      proposalId: none.proposalId,
      has: true,
    });
    expect(await ownerIn({ ownerTag: 'Owner' })).toEqual(none);
  });

  test('is in proposals to remove access too', async () => {
    const answer = { kind: 'found', finding: password } as const;
    expect(await ownerIn({ answer, ownerTag: 'owner' })).toMatchObject({ owner: 'vendor' });
    expect(await ownerIn({ answer })).toMatchObject({ has: false });
  });

  test('is unknown if the tag has no value', () => {
    expect(ownerOf([{ key: 'owner', value: '  ' }], { ownerTag: 'owner' })).toEqual({});
    expect(ownerOf([{ key: 'owner', value: ' a b ' }], { ownerTag: 'owner' })).toEqual({ owner: 'a b' });
    expect(ownerOf([{ key: 'owner', value: 'a' }], {})).toEqual({});
  });

  test('is kept when dates of last use are read', async () => {
    const lastAccess: LastAccessSource = {
      lastAccessOf: () => Promise.resolve({ kind: 'unavailable', reason: 'no answer' }),
    };
    expect(await ownerIn({ ownerTag: 'owner', lastAccess })).toMatchObject({ owner: 'vendor' });
  });
});

describe('an account', () => {
  test('continues after a failed finding, whatever is thrown', async () => {
    const seen: AccountOutcome[] = [];
    let call = 0;
    const world = dependencies({});
    const findings = {
      getFinding: (): Promise<FindingAnswer> => {
        call += 1;
        if (call === 1) return Promise.reject(new RangeError('too deep'));
        return Promise.resolve({ kind: 'found', finding: FINDING });
      },
    };
    const places: number[] = [];
    await refineAccount([REFERENCE, REFERENCE], { ...world, findings }, (outcomes, place) => {
      seen.push(...outcomes);
      places.push(place);
    });
    expect(seen.map(({ kind }) => kind)).toEqual(['failed', 'proposed']);
    expect(seen[0]).toMatchObject({ resource: ARN, findingId: 'f', reason: 'too deep', replay: undefined });
    expect(places).toEqual([0, 1]);
  });

  test('ends if nothing can be stored any more', async () => {
    const put = (): Promise<never> => Promise.reject(new AdapterError('full', 'permanent', 'unavailable'));
    const seen: AccountOutcome[] = [];
    await expect(
      refineAccount([REFERENCE, REFERENCE], dependencies({ put }), (outcomes) => {
        seen.push(...outcomes);
      }),
    ).rejects.toThrow('full');
    expect(seen).toEqual([]);
  });
});

describe('the ARN of a principal', () => {
  test.each([
    ['arn:aws:iam::123456789012:role/R', 'role R /'],
    ['arn:aws-us-gov:iam::123456789012:user/a/b/c+=,.@-_', 'user c+=,.@-_ /a/b/'],
    ['arn:aws-cn:iam::123456789012:role/service-role/R', 'role R /service-role/'],
  ])('%s is understood', (arn, expected) => {
    const ref = readPrincipalArn(arn);
    expect(`${ref?.type ?? ''} ${ref?.name ?? ''} ${ref?.path ?? ''}`).toBe(expected);
    expect(ref?.accountId).toBe('123456789012');
  });

  test.each([
    'arn:aws:iam::123456789012:root',
    'arn:aws:iam::123456789012:group/G',
    'arn:aws:sts::123456789012:assumed-role/R/s',
    'arn:aws:iam::12345:role/R',
    'arn:aws:iam::123456789012:role/',
    'arn:aws:iam::123456789012:role/R\n',
    'arn:aws:iam::123456789012:role/ü',
    'arn:aws:iam::123456789012:role/$(id)',
    '',
  ])('%j is refused', (arn) => {
    expect(readPrincipalArn(arn)).toBeUndefined();
  });
});

describe('an exclusion', () => {
  const ref = (type: 'role' | 'user', path: string, name: string): Parameters<typeof ownedByAws>[0] => ({
    arn: '',
    type,
    name,
    path,
    accountId: '',
  });

  test.each([
    ['role', '/aws-service-role/support.amazonaws.com/', 'AWSServiceRoleForSupport', 'service-linked-role'],
    ['role', '/aws-reserved/sso.amazonaws.com/eu-west-1/', 'AWSReservedSSO_A_0123', 'identity-center-role'],
    ['role', '/', 'AWSReservedSSO_A_0123', 'identity-center-role'],
    ['role', '/service-role/', 'lambda-role', undefined],
    ['role', '/', 'AWSServiceRoleForNothing', undefined],
    ['user', '/aws-service-role/', 'U', undefined],
  ] as const)('the %s %s%s: %s', (type, path, name, code) => {
    expect(ownedByAws(ref(type, path, name))?.code).toBe(code);
  });

  test.each<readonly [Partial<Exclusions>, boolean]>([
    [{ names: ['break-glass'] }, true],
    [{ names: ['BREAK-*'] }, true],
    [{ names: ['break-glas?'] }, true],
    [{ names: ['break'] }, false],
    [{ names: ['break.glass'] }, false],
    [{ paths: ['/ops/'] }, true],
    [{ paths: ['/op'] }, true],
    [{ paths: ['/ops/night/'] }, false],
    [{ tags: [{ key: 'owner', value: null }] }, true],
    [{ tags: [{ key: 'owner', value: 'vendor' }] }, true],
    [{ tags: [{ key: 'owner', value: 'us' }] }, false],
    [{ tags: [{ key: 'Owner', value: null }] }, false],
    [{ tags: [{ key: '__proto__', value: null }] }, false],
    [{}, false],
  ])('%j excludes break-glass below /ops/: %s', (exclude, isExcluded) => {
    const exclusions = { names: [], paths: [], tags: [], ...exclude };
    const reason = excludedBy(exclusions, ref('role', '/ops/', 'break-glass'), [
      { key: 'owner', value: 'vendor' },
    ]);
    expect(reason !== undefined).toBe(isExcluded);
  });
});

describe('the tags of a copied policy', () => {
  const OWN = [{ key: 'team', value: 'orders' }];

  /** Twenty policies that others have too, each with something unused: twenty copies. */
  function shared(tags: readonly Tag[] | undefined): readonly Grant[] {
    return Array.from({ length: 20 }, (_, index): Grant => {
      const name = `P${String(index)}`;
      return {
        ...grant(name, 's3:GetObject', 's3:PutObject'),
        source: 'customer-managed',
        managed: {
          arn: `arn:aws:iam::123456789012:policy/${name}`,
          path: '/',
          versionId: 'v1',
          attachments: 2,
          boundaryUses: 0,
          ...(tags ? { tags } : {}),
        },
      };
    });
  }

  async function planOf(world: World): Promise<PrincipalProposal['plan'] | undefined> {
    const stored: Stored[] = [];
    await proposeRefinement(REFERENCE, dependencies({ managedPolicies: { role: 40 }, ...world }, stored));
    return stored[0]?.proposal.plan;
  }

  test('give the same plan if read with the policies or afterwards, with a raised quota too', async () => {
    const asked: string[] = [];
    const tags: PolicyTags = {
      tagsOf: (_, arn) => {
        asked.push(arn);
        return Promise.resolve(OWN);
      },
    };
    const oneByOne = await planOf({ grants: shared(OWN), tags });
    expect(asked).toEqual([]);
    const bulk = await planOf({ grants: shared(undefined), tags });
    expect(asked).toHaveLength(20);
    expect(bulk).toEqual(oneByOne);
    // All copies find room beside the originals, so all of them come before anything is detached.
    expect(bulk?.apply.map(({ op }) => op)).toEqual([
      ...Array.from({ length: 20 }, () => ['create-policy', 'attach-policy']).flat(),
      ...Array.from({ length: 20 }, () => 'detach-policy'),
    ]);
    expect(bulk?.apply[0]).toMatchObject({ op: 'create-policy', tags: OWN });
  });

  test('are not read if the proposal is already stored', async () => {
    const tags: PolicyTags = { tagsOf: () => Promise.reject(new Error('asked in vain')) };
    const found = { prefix: 'p/', outcome: 'exists' } as const;
    await expect(planOf({ grants: shared(undefined), tags, found })).resolves.toBeUndefined();
  });
});
