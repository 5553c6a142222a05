import { EMPTY_PLAN } from '../core/plan/empty-plan.ts';
import type { Universe } from '../../lambda/core/catalogue/universe.ts';
import { makeCatalogue } from '../../lambda/core/catalogue/catalogue.ts';
import { makeUniverse } from '../../lambda/core/catalogue/universe.ts';
import type { JsonValue } from '../../lambda/core/model/json.ts';
import { readUnusedAccess } from '../../lambda/core/model/unused-access.ts';
import type { ProposedPolicy } from '../../lambda/core/model/proposed-policy.ts';
import type { RefineProposal } from '../../lambda/core/proposal/schema.ts';
import type { AccessCheck, OpinionSource } from '../../lambda/ports/opinions.ts';
import type { OpinionName } from '../../lambda/contract/settings.ts';
import { askOpinions, type OpinionDependencies } from '../../lambda/use-cases/opinions/ask-opinions.ts';

export function allow(...actions: readonly string[]): JsonValue {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] };
}

/** A policy of which `s3:GetBucketPolicy` goes, unless told otherwise. */
export function policy(part: Partial<ProposedPolicy> = {}): ProposedPolicy {
  const name = part.name ?? 'Orders';
  return {
    source: 'role-inline',
    name,
    disposition: 'update',
    reason: 'unused actions go',
    before: allow('s3:GetObject', 's3:GetBucketPolicy'),
    after: [{ name, document: allow('s3:GetObject') }],
    removed: ['s3:GetBucketPolicy'],
    changes: [],
    ...part,
  };
}

export function proposal(
  policies: readonly ProposedPolicy[] = [policy()],
  part: Partial<RefineProposal> = {},
): RefineProposal {
  return {
    schemaVersion: 1,
    kind: 'refine-permissions',
    proposalId: '0123456789abcdef0123456789abcdef',
    principal: {
      arn: 'arn:aws:iam::123456789012:role/R',
      type: 'role',
      name: 'R',
      path: '/',
      accountId: '123456789012',
    },
    finding: {
      id: 'f-1',
      analyzerArn: 'arn:aws:access-analyzer:eu-west-1:123456789012:analyzer/unused',
      findingType: 'UnusedPermission',
      updatedAt: null,
      unusedServices: ['sqs'],
      unusedActions: ['s3:GetBucketPolicy'],
      lastAccessed: {},
    },
    catalogue: { source: 's', version: '1', services: 3, actions: 9 },
    generalize: 'shortest',
    policies,
    retained: [],
    residue: [],
    staying: [],
    verification: { verdict: 'exact', statementsChecked: 1, actionsChecked: 9 },
    summary: {
      actionsGrantedBefore: 2,
      actionsGrantedAfter: 1,
      servicesGrantedBefore: 1,
      servicesGrantedAfter: 1,
      charactersBefore: 1,
      charactersAfter: 1,
    },
    notes: [],
    plan: EMPTY_PLAN,
    ...part,
  };
}

const none = readUnusedAccess([]);
if (!none.ok) throw new TypeError(none.problem);

export const UNIVERSE: Universe = makeUniverse(
  makeCatalogue({ source: 's', version: '1', date: '' }, [
    ['s3', ['DeleteObject', 'GetBucketPolicy', 'GetObject', 'GetObjectAcl', 'PutObject']],
    ['sqs', ['PurgeQueue', 'SendMessage']],
    ['iam', ['GetRole', 'PassRole']],
  ]),
  none.value,
);

export const PASS: AccessCheck = { result: 'PASS', sentences: ['All is well.'] };

/** Everybody agrees, unless told otherwise. */
export function sourceOf(part: Partial<OpinionSource> = {}): OpinionSource {
  return {
    validatePolicy: () => Promise.resolve([]),
    checkNoNewAccess: () => Promise.resolve(PASS),
    checkAccessNotGranted: () => Promise.resolve(PASS),
    recommend: () => Promise.resolve({ kind: 'recommended', steps: [] }),
    ...part,
  };
}

/** Asks for opinions on a proposal; the deadline passes when the test says so. */
export function asking(
  enabled: readonly OpinionName[],
  part: Partial<OpinionSource>,
  options: {
    readonly on?: RefineProposal;
    readonly remainingMillis?: number;
    readonly timeout?: OpinionDependencies['timeout'];
  } = {},
) {
  const clock = { now: () => '', remainingMillis: () => options.remainingMillis ?? Infinity };
  return askOpinions(
    { proposal: options.on ?? proposal(), universe: UNIVERSE, keep: ['iam:PassRole'], clock },
    {
      source: sourceOf(part),
      enabled,
      millis: 20_000,
      timeout: options.timeout ?? (() => new AbortController().signal),
    },
  );
}
