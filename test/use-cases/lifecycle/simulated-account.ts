import { sha256 } from '../../../lambda/adapters/node.ts';
import { BulkPolicies } from '../../../lambda/adapters/account/bulk-policies.ts';
import { breachOf, type Heeded } from '../../decision-law.ts';
import type { Decision } from '../../../lambda/core/decision/decision.ts';
import {
  asCatalogue,
  type KeptCatalogue,
  REFERENCE_SOURCE,
} from '../../../lambda/core/catalogue/kept-catalogue.ts';
import type { PrincipalRef } from '../../../lambda/core/model/principal.ts';
import { REPORT_OBJECT } from '../../../lambda/contract/object-keys.ts';
import { buildRemoval } from '../../../lambda/core/proposal/build-removal.ts';
import type { AccountPage, PageRole } from '../../../lambda/ports/account.ts';
import type {
  Finding,
  FindingDetails,
  FindingSource,
  UnusedFindings,
} from '../../../lambda/ports/findings.ts';
import type { PolicySource } from '../../../lambda/ports/policies.ts';
import type { ProposalStore } from '../../../lambda/ports/proposals.ts';
import type { RefinementSettings } from '../../../lambda/ports/settings.ts';
import type { Clock } from '../../../lambda/ports/system.ts';
import type { DraftOf, Proposal } from '../../../lambda/core/proposal/schema.ts';
import { prefixOf } from '../../../lambda/stored/proposal.ts';
import { proposeRefinement } from '../../../lambda/use-cases/propose/propose-refinement.ts';
import { proposeShared } from '../../../lambda/use-cases/propose/propose-shared.ts';

/* The account that the simulation is about, in all of its variants, and what is to be proposed in each of them. */

export const ANALYZER = 'arn:analyzer';
export const ACCOUNT = '111122223333';
const PREFIX = `arn:aws:iam::${ACCOUNT}:`;
export const SHARED_ARN = `${PREFIX}policy/Shared`;

/** When the analyzer looked last. Whatever is used, is used later. */
const UPDATED_AT = '2026-11-28T00:00:00.000Z';
/** What the findings about permissions report as unused, each of them. */
export const REMOVED = { service: 's3', action: 'PutObject' } as const;

/** What one finding is about. Two roles share a policy; a third one is idle; a user has a password and two keys. */
export const TYPES = ['orders', 'web', 'idle', 'password', 'keys'] as const;
export type Type = (typeof TYPES)[number];

/** Everything about the account that IAM says, as numbers. */
export interface Policies {
  /** What the role Orders has of its own: the last leaves nothing to propose. */
  readonly orders: 0 | 1 | 2;
  /** The role was made again under another path. */
  readonly isMoved: boolean;
  /** The document of the shared policy, and how many of the two roles have it. */
  readonly shared: 0 | 1;
  readonly holders: 1 | 2;
  /** The idle role was put out of action as its plan says. */
  readonly isQuarantined: boolean;
}

/** The catalogues of two ages: the newer one knows an action that the wildcard of the role Web matches, too. */
export const KEPT_CATALOGUES: readonly [KeptCatalogue, KeptCatalogue] = [
  keptCatalogue('1', '2026-01-01', ['Publish']),
  keptCatalogue('2', '2026-02-01', ['Publish', 'Subscribe']),
];
const [OLDER, NEWER] = KEPT_CATALOGUES;
export const CATALOGUES = { older: asCatalogue(OLDER), newer: asCatalogue(NEWER) } as const;

function keptCatalogue(version: string, date: string, sns: readonly string[]): KeptCatalogue {
  const services = Object.entries({
    s3: ['DeleteObject', 'GetObject', 'PutObject'],
    sns,
    sqs: ['PurgeQueue', 'SendMessage'],
  });
  return {
    origin: { source: REFERENCE_SOURCE, version, date },
    services: services.map(([name, actions]) => ({ name, actions, untracked: undefined, etag: undefined })),
  };
}

const OWN = [
  ['s3:GetObject', 's3:PutObject'],
  ['s3:GetObject', 's3:DeleteObject'],
  ['s3:GetObject'],
] as const;
const COMMON = [['sqs:*'], ['sqs:SendMessage', 'sqs:PurgeQueue', 's3:GetObject']] as const;
const KEYS = ['AKIAEXAMPLE1', 'AKIAEXAMPLE2'];

export const SETTINGS: RefinementSettings = {
  generalize: 'enumerate',
  keep: [],
  exclude: { names: [], paths: [], tags: [] },
  ownerTag: undefined,
  managedPolicies: {},
};
const CLOCK: Clock = { now: () => '2026-11-29T00:00:00.000Z', remainingMillis: () => 600_000 };
/** The report of a proposal says from which findings it was made, which its id leaves out. */
export function reportOf(proposal: Proposal): string {
  const findings = 'finding' in proposal ? [proposal.finding] : proposal.findings;
  return findings.map(({ id }) => id).join();
}

export const PROPOSING = {
  reports: {
    write: (proposal: Proposal) => [
      { name: REPORT_OBJECT, contentType: 'text/html', body: reportOf(proposal) } as const,
    ],
  },
  catalogue: CATALOGUES.older,
  settings: SETTINGS,
  digest: sha256,
  runId: 'r',
  engineVersion: '1',
} as const;

function ref(type: 'role' | 'user', name: string, path = '/'): PrincipalRef {
  return { arn: `${PREFIX}${type}${path}${name}`, type, name, path, accountId: ACCOUNT };
}

/** Whom a finding of this type is about. */
export function resourceOf(type: Type, { isMoved }: Pick<Policies, 'isMoved'>): string {
  if (type === 'orders') return ref('role', 'Orders', isMoved ? '/new/' : '/').arn;
  if (type === 'web') return ref('role', 'Web').arn;
  return type === 'idle' ? ref('role', 'Idle').arn : ref('user', 'ana').arn;
}

/** The document of the shared policy, as IAM answers it. */
export function sharedDocument(shared: Policies['shared']): string {
  return document(COMMON[shared]);
}

function document(actions: readonly string[]): string {
  const text = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] };
  return encodeURIComponent(JSON.stringify(text));
}

/** How the idle role is put out of action, by the plan of the proposal about it. */
const QUARANTINE = (() => {
  const { plan } = buildRemoval({
    kind: 'remove-role',
    lastAccessed: undefined,
    principal: ref('role', 'Idle'),
    grants: [],
    attachmentQuota: 10,
    finding: { id: 'f', analyzerArn: ANALYZER, findingType: 'UnusedIAMRole', updatedAt: null },
    digest: sha256,
  });
  const check = plan.checks.find((one) => one.check === 'inline-policy');
  if (check?.check !== 'inline-policy') throw new Error('the plan puts no role out of action');
  const text = JSON.stringify(plan.documents[0]?.document);
  return { name: check.policyName, document: encodeURIComponent(text) };
})();

/** The account's description, in one page. */
export function pageOf({ orders, isMoved, shared, holders, isQuarantined }: Policies): AccountPage {
  const role = (one: PrincipalRef, more: Partial<PageRole>): PageRole => {
    return { arn: one.arn, tags: [], boundaryArn: null, inline: [], attached: [], ...more };
  };
  const attached = [{ name: 'Shared', arn: SHARED_ARN }];
  return {
    roles: [
      role(ref('role', 'Orders', isMoved ? '/new/' : '/'), {
        inline: [{ name: 'P', document: document(OWN[orders]) }],
        attached,
      }),
      role(ref('role', 'Web'), {
        inline: [{ name: 'P', document: document([...OWN[0], 'sns:*']) }],
        attached: holders === 2 ? attached : [],
      }),
      role(ref('role', 'Idle'), { inline: isQuarantined ? [QUARANTINE] : [] }),
    ],
    users: [{ ...role(ref('user', 'ana'), {}), groups: [] }],
    groups: [],
    policies: [
      {
        arn: SHARED_ARN,
        path: '/',
        versionId: `v${String(shared + 1)}`,
        attachments: holders,
        boundaryUses: 0,
        document: sharedDocument(shared),
      },
    ],
    nextMarker: null,
  };
}

const NOBODY: PolicySource = { getPrincipal: () => Promise.resolve({ kind: 'gone' }) };
const NO_TAGS = { tagsOf: () => Promise.resolve([]) };
const memories = new Map<string, BulkPolicies>();

/** The account as somebody reads it who reads it whole, or one by one: the same. */
export function memoryOf(policies: Policies): BulkPolicies {
  const key = JSON.stringify(policies);
  const known = memories.get(key) ?? new BulkPolicies(NOBODY, NO_TAGS);
  if (!memories.has(key)) known.addPage(pageOf(policies));
  memories.set(key, known);
  return known;
}

/** How many variants a finding of a type has. */
export const VARIANTS: Readonly<Record<Type, number>> = { orders: 2, web: 2, idle: 1, password: 1, keys: 3 };

export function findingOf(type: Type, id: string, variant: number, policies: Policies): Finding {
  const details = detailsOf(type, variant);
  const facts = { id, analyzerArn: ANALYZER, accountId: ACCOUNT, updatedAt: UPDATED_AT, details };
  return {
    ...facts,
    findingType: details.type,
    status: 'ACTIVE',
    resource: resourceOf(type, policies),
  };
}

function detailsOf(type: Type, variant: number): FindingDetails {
  switch (type) {
    case 'orders':
    case 'web': {
      const queues = { serviceNamespace: 'sqs', actions: [{ action: 'PurgeQueue' }] };
      const buckets = ['PutObject', ...(variant === 0 ? ['DeleteObject'] : [])].map((action) => ({ action }));
      return { type: 'UnusedPermission', entries: [queues, { serviceNamespace: 's3', actions: buckets }] };
    }
    case 'idle':
      return { type: 'UnusedIAMRole', lastAccessed: undefined };
    case 'password':
      return { type: 'UnusedIAMUserPassword', lastAccessed: undefined };
    case 'keys':
      return {
        type: 'UnusedIAMUserAccessKey',
        keys: KEYS.filter((_, place) => ((variant + 1) & (1 << place)) > 0).map((accessKeyId) => ({
          accessKeyId,
          lastAccessed: undefined,
        })),
      };
    default:
      return type satisfies never;
  }
}

/** What is known of one finding: whether it is active, under which id, and which variant it is. */
export type FindingState =
  { readonly id: string; readonly variant: number; readonly resource: string } | undefined;

/** By what it is made of. What people decide is never quite the same, so not all of it is kept. */
const proposed = new Map<string, Promise<readonly Made[]>>();
const MOST_PROPOSED = 5_000;

/** What is to be proposed. */
export interface Made {
  readonly prefix: string;
  readonly proposal: Proposal;
}

/** What is to be proposed on a finding, by somebody who begins with nothing. */
export function expectedOf(
  type: Type,
  state: FindingState,
  policies: Policies,
  decided: readonly Decision[] = [],
): Promise<readonly Made[]> {
  if (!state) return Promise.resolve([]);
  // By the law, not by the code: what is out of action is not proposed to be put out of action.
  if (type === 'idle' && policies.isQuarantined) return Promise.resolve([]);
  const finding = { ...findingOf(type, 'f', state.variant, policies), resource: state.resource };
  const holds = type === 'orders' || (type === 'web' && policies.holders === 2);
  const heeded = { arn: state.resource, accountId: ACCOUNT, policies: holds ? [SHARED_ARN] : [] };
  return obeying(JSON.stringify([type, state.variant, state.resource, policies]), decided, heeded, (given) =>
    propose(finding, policies, given),
  );
}

const breaches = new Set<string>();

/** What decisions do not mean, and was made all the same since the last call. */
export function takeBreaches(): readonly string[] {
  const found = [...breaches];
  breaches.clear();
  return found;
}

/** What the code makes of it, once it is found to be what decisions mean. */
function obeying(
  about: string,
  decided: readonly Decision[],
  heeded: Heeded,
  make: (decided: readonly Decision[]) => Promise<readonly Made[]>,
): Promise<readonly Made[]> {
  const key = about + JSON.stringify(decided.map(meaningOf));
  const known = proposed.get(key) ?? work();
  if (proposed.size >= MOST_PROPOSED) proposed.clear();
  proposed.set(key, known);
  return known;

  async function work(): Promise<readonly Made[]> {
    const made = await make(decided);
    if (decided.length === 0) return made;
    for (const { proposal: base } of await obeying(about, [], heeded, make)) {
      const instead = made.find(({ proposal }) => subjectOf(proposal) === subjectOf(base));
      const breach = breachOf(base, instead?.proposal, decided, heeded);
      if (breach !== undefined) breaches.add(`${breach}; decided: ${JSON.stringify(decided)}`);
    }
    return made;
  }
}

function subjectOf(proposal: Proposal): string {
  return 'accessKeyId' in proposal ? (proposal.accessKeyId ?? '') : proposal.kind;
}

/** A decision without its reason and its dates. */
function meaningOf(one: Decision): readonly unknown[] {
  return one.decision === 'keep'
    ? [one.about, one.keep]
    : [one.about, one.decision, one.proposal, one.decision === 'reject' ? one.unless : undefined];
}

async function propose(
  finding: Finding,
  policies: Policies,
  decided: readonly Decision[],
): Promise<readonly Made[]> {
  const findings: FindingSource = { getFinding: () => Promise.resolve({ kind: 'found', finding }) };
  const reference = { analyzerArn: ANALYZER, findingId: 'f', accountId: ACCOUNT, resource: finding.resource };
  const memory = memoryOf(policies);
  const kept = recorder();
  await proposeRefinement(reference, {
    ...PROPOSING,
    findings,
    policies: memory,
    tags: memory,
    decisions: { inForce: () => Promise.resolve(decided) },
    store: kept.store,
    clock: CLOCK,
  });
  return kept.made;
}

/** The same of what several share, by the findings about those who have it. */
export function expectedShared(
  orders: FindingState,
  web: FindingState,
  policies: Policies,
  decided: readonly Decision[] = [],
): Promise<readonly Made[]> {
  const about = JSON.stringify([orders?.variant, orders?.resource, web?.variant, policies]);
  const holders = [
    resourceOf('orders', policies),
    ...(policies.holders === 2 ? [resourceOf('web', policies)] : []),
  ];
  return obeying(about, decided, { arn: SHARED_ARN, accountId: ACCOUNT, holders }, (given) =>
    share(orders, web, policies, given),
  );
}

async function share(
  orders: FindingState,
  web: FindingState,
  policies: Policies,
  decided: readonly Decision[],
): Promise<readonly Made[]> {
  const all = [
    ...(orders ? [{ ...findingOf('orders', 'f', orders.variant, policies), resource: orders.resource }] : []),
    ...(web ? [findingOf('web', 'f', web.variant, policies)] : []),
  ];
  const findings: UnusedFindings = {
    about: (arn) => Promise.resolve(all.filter(({ resource }) => resource === arn)),
  };
  const memory = memoryOf(policies);
  const kept = recorder();
  const inventory = memory.index.inventory(ACCOUNT);
  const outcomes = proposeShared(inventory, {
    ...PROPOSING,
    findings,
    tags: memory,
    decisions: { inForce: () => Promise.resolve(decided) },
    store: kept.store,
    clock: CLOCK,
  });
  for await (const { kind } of outcomes) if (kind === 'failed') throw new Error('the shared policy failed');
  return kept.made;
}

function recorder() {
  const made: Made[] = [];
  const store: ProposalStore = {
    put: async (draft: DraftOf<Proposal>, finish) => {
      const { proposal } = await finish();
      const prefix = prefixOf(draft);
      made.push({ prefix, proposal });
      return { prefix, outcome: 'stored' };
    },
  };
  return { made, store };
}
