import { isJsonArray, isJsonObject, type JsonValue } from '../../../lambda/core/model/json.ts';
import type { Grant, PrincipalRef } from '../../../lambda/core/model/principal.ts';
import { copyName, documentsByFile } from '../../../lambda/core/plan/names.ts';
import { makePlan } from '../../../lambda/core/plan/make-plan.ts';
import type { Plan } from '../../../lambda/core/plan/schema.ts';
import type {
  Disposition,
  NamedDocument,
  ProposedPolicy,
} from '../../../lambda/core/model/proposed-policy.ts';
import { sha256 } from '../../../lambda/adapters/node.ts';
import { Random } from '../../random.ts';
import { currentDocument, type PrincipalState, stateOf, type World, type WorldPolicy } from './world.ts';

/** A proposal for a random principal, with the state that it must lead to. */
export interface Scenario {
  readonly proposalId: string;
  readonly world: World;
  readonly policies: readonly ProposedPolicy[];
  readonly plan: Plan;
  readonly documents: ReadonlyMap<string, JsonValue>;
  readonly before: PrincipalState;
  readonly after: PrincipalState;
}

export interface AwsPolicy {
  readonly arn: string;
  readonly versionId: string;
  readonly document: JsonValue;
}

export const ACCOUNT = '123456789012';
const ACTIONS = [
  's3:GetObject', 's3:PutObject', 's3:ListBucket', 's3:GetBucketTagging', 's3:Get*', 'sqs:SendMessage', 'sqs:ReceiveMessage',
  'sqs:DeleteMessage', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'ec2:DescribeInstances',
  'ec2:DescribeVpcs', 'ec2:Describe*', 'lambda:InvokeFunction', 'logs:PutLogEvents', 'logs:CreateLogStream',
  'sns:Publish', 'kms:Decrypt', 'kms:Encrypt', 'iam:GetRole', 'sts:AssumeRole', 'ssm:GetParameter', 'xray:PutTraceSegments',
]; // prettier-ignore
const NAMES = [
  'Orders',
  'Read+Write',
  'a=b,c',
  'team.policy',
  'x@example',
  'Under_score',
  'With-Dash',
  'Billing',
  'Ops',
];
const RESOURCES = ['*', 'arn:aws:s3:::orders/*', 'arn:aws:s3:::home/${aws:username}/*'];

type Kind = 'keep' | 'narrow' | 'split' | 'remove';

/** The same seed and the same AWS policies give the same scenario. */
export function randomScenario(seed: number, aws: readonly AwsPolicy[]): Scenario {
  const random = new Random(seed);
  const type = random.chance(0.7) ? 'role' : 'user';
  const name = `${random.pick(['app', 'Build_Role', 'ci+cd', 'web@prod'])}-${String(seed)}`;
  const path = random.pick(['/', '/team/', '/a/b/']);
  const principal: PrincipalRef = {
    arn: `arn:aws:iam::${ACCOUNT}:${type}${path}${name}`,
    type,
    name,
    path,
    accountId: ACCOUNT,
  };
  const names = random.some(NAMES, random.between(1, 6));
  const split = random.between(0, names.length);
  const world: World = {
    principal,
    otherRole: `other-${String(seed)}`,
    inline: names.slice(0, split).map((policy) => ({ name: policy, document: randomDocument(random) })),
    managed: [
      ...names.slice(split).map((policy) => randomManaged(`${policy}-${String(seed)}`, random)),
      ...random.some(aws, random.between(0, 2)).map((policy): WorldPolicy => ({
        arn: policy.arn,
        name: policy.arn.slice(policy.arn.lastIndexOf('/') + 1),
        path: '/',
        tags: [],
        versions: [policy.document],
        defaultVersion: policy.versionId,
        aws: true,
        shared: true,
      })),
    ],
  };
  return scenarioOf(
    world,
    sha256(`proposal ${String(seed)}`).slice(0, 32),
    (index) =>
      index === 0
        ? random.pick(['narrow', 'split'])
        : random.pick(['keep', 'narrow', 'narrow', 'split', 'remove']),
    random,
  );
}

/** The first scenario from a seed on that is small and still has every kind of change: copy, version, inline, detach. */
export function smallScenario(firstSeed: number, aws: readonly AwsPolicy[]): Scenario {
  for (let seed = firstSeed; seed < firstSeed + 10_000; seed += 1) {
    const scenario = randomScenario(seed, aws);
    const ops = new Set<string>(scenario.plan.apply.map(({ op }) => op));
    const wanted = ['create-policy', 'put-inline-policy', 'create-default-version', 'detach-policy'];
    if (scenario.plan.apply.length <= 6 && wanted.every((op) => ops.has(op))) return scenario;
  }
  throw new Error('no seed gives a small scenario with every kind of change');
}

function scenarioOf(
  world: World,
  proposalId: string,
  kindOf: (index: number) => Kind,
  random: Random,
): Scenario {
  const { principal } = world;
  const before = stateOf(world);
  const inline = new Map(before.inline);
  const attached = new Map(before.attached);
  const policies: ProposedPolicy[] = [];
  let index = 0;
  for (const policy of world.inline) {
    const proposed = propose(policy.name, undefined, policy.document, kindOf(index), principal, random);
    index += 1;
    policies.push(proposed);
    if (proposed.disposition === 'remove') inline.delete(policy.name);
    const [own, ...copies] = proposed.after;
    if (own) inline.set(policy.name, own.document);
    for (const copy of copies) attached.set(`arn:aws:iam::${ACCOUNT}:policy/${copy.name}`, copy.document);
  }
  for (const policy of world.managed) {
    const proposed = propose(policy.name, policy, currentDocument(policy), kindOf(index), principal, random);
    index += 1;
    policies.push(proposed);
    const path = policy.aws ? '/' : policy.path;
    const arnOf = (name: string): string => `arn:aws:iam::${ACCOUNT}:policy${path}${name}`;
    if (proposed.disposition === 'remove' || proposed.disposition === 'replace') attached.delete(policy.arn);
    if (proposed.disposition === 'unchanged') continue;
    const inPlace = proposed.disposition === 'new-version' ? 1 : 0;
    if (inPlace === 1) attached.set(policy.arn, proposed.after[0]?.document ?? null);
    for (const copy of proposed.after.slice(inPlace)) attached.set(arnOf(copy.name), copy.document);
  }
  const plan = makePlan({
    proposalId,
    subject: principal,
    policies,
    grants: grantsOf(world),
    digest: sha256,
  });
  return {
    proposalId,
    world,
    policies,
    plan,
    documents: documentsByFile(policies, plan.documents),
    before,
    after: { inline, attached },
  };
}

function grantsOf(world: World): readonly Grant[] {
  const source = world.principal.type === 'role' ? 'role-inline' : 'user-inline';
  return [
    ...world.inline.map(({ name, document }): Grant => ({
      source,
      name,
      document: { readable: true, value: document },
    })),
    ...world.managed.map((policy): Grant => ({
      source: policy.aws ? 'aws-managed' : 'customer-managed',
      name: policy.name,
      document: { readable: true, value: currentDocument(policy) },
      managed: {
        arn: policy.arn,
        path: policy.path,
        versionId: policy.defaultVersion,
        attachments: policy.shared ? 2 : 1,
        boundaryUses: 0,
        tags: policy.tags,
      },
    })),
  ];
}

function propose(
  name: string,
  managed: WorldPolicy | undefined,
  before: JsonValue,
  wanted: Kind,
  principal: PrincipalRef,
  random: Random,
): ProposedPolicy {
  const narrowed =
    wanted === 'keep'
      ? [before]
      : wanted === 'remove'
        ? []
        : narrow(before, wanted === 'split' ? 2 : 1, random);
  const kind: Kind = narrowed.length === 0 ? 'remove' : wanted;
  const shared = managed?.shared === true;
  const disposition: Disposition =
    kind === 'keep'
      ? 'unchanged'
      : kind === 'remove'
        ? 'remove'
        : managed === undefined
          ? 'update'
          : shared
            ? 'replace'
            : 'new-version';
  const after = narrowed.map((document, part): NamedDocument => ({
    name:
      disposition === 'unchanged' || (disposition !== 'replace' && part === 0)
        ? name
        : copyName(
            {
              principalArn: principal.arn,
              principalName: principal.name,
              original: managed?.arn ?? name,
              originalName: name,
              part,
              document,
            },
            sha256,
          ),
    document,
  }));
  return {
    source: managed
      ? managed.aws
        ? 'aws-managed'
        : 'customer-managed'
      : principal.type === 'role'
        ? 'role-inline'
        : 'user-inline',
    name,
    ...(managed ? { arn: managed.arn, versionId: managed.defaultVersion } : {}),
    disposition,
    reason: '',
    before,
    after,
    removed: [],
    changes: [],
  };
}

/** The document with some of its actions, cut into at most so many parts that grant the same together. */
function narrow(before: JsonValue, parts: number, random: Random): readonly JsonValue[] {
  const statements = statementsOf(before)
    .map((statement) => {
      if (!isJsonObject(statement)) return statement;
      const actions = statement['Action'];
      if (!isJsonArray(actions)) return statement;
      const kept = actions.filter(() => random.chance(0.6));
      return { ...statement, Action: kept };
    })
    .filter(
      (statement) =>
        isJsonObject(statement) && (!isJsonArray(statement['Action']) || statement['Action'].length > 0),
    );
  if (statements.length === 0) return [];
  const cut = parts === 2 && statements.length > 1 ? Math.floor(statements.length / 2) : statements.length;
  return [statements.slice(0, cut), statements.slice(cut)]
    .filter((part) => part.length > 0)
    .map((part) => ({ Version: '2012-10-17', Statement: part }));
}

export function statementsOf(document: JsonValue): readonly JsonValue[] {
  if (!isJsonObject(document)) return [];
  const statements = document['Statement'];
  return isJsonArray(statements) ? statements : statements === undefined ? [] : [statements];
}

function randomDocument(random: Random): JsonValue {
  const statements = Array.from({ length: random.between(1, 4) }, (_, index): JsonValue => ({
    Sid: `S${String(index)}`,
    Effect: 'Allow',
    Action: [...random.some(ACTIONS, random.between(1, 8))],
    Resource: random.pick(RESOURCES),
    ...(random.chance(0.3) ? { Condition: { Bool: { 'aws:SecureTransport': 'true' } } } : {}),
  }));
  return { Version: '2012-10-17', Statement: statements };
}

function randomManaged(name: string, random: Random): WorldPolicy {
  const path = random.pick(['/', '/team/', '/service-role/']);
  const versions = Array.from({ length: random.pick([1, 1, 2, 5, 5]) }, () => randomDocument(random));
  return {
    arn: `arn:aws:iam::${ACCOUNT}:policy${path}${name}`,
    name,
    path,
    tags: random.chance(0.5) ? [{ key: 'team', value: 'orders & more' }] : [],
    versions,
    defaultVersion: `v${String(random.between(1, versions.length))}`,
    aws: false,
    shared: random.chance(0.4),
  };
}
