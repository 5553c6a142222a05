import { embeddedCatalogue } from '../../../lambda/adapters/catalogue/embedded.ts';
import type { WireDetail, WireFinding } from '../../integration/harness/access-analyzer-wire.ts';
import { pick, seeded } from '../../../scripts/bench/random.ts';
import type { Account, Organisation } from './organisation.ts';

/** What must become of a finding, by how its principal was made. */
export type Expected = 'proposed' | 'skipped' | 'gone' | 'unreachable';

/** One principal and its finding, made from the seed and the index alone: the same whenever it is asked for. */
export interface World {
  readonly organisation: Organisation;
  readonly analyzerArn: string;
  principal(index: number): WorldPrincipal;
  /** The principal of a name, undefined where the account has none (any more). */
  named(account: Account, type: 'role' | 'user', name: string): WorldPrincipal | undefined;
  finding(index: number): WireFinding;
  /** From now on the finding is resolved. */
  end(index: number): void;
  hasEnded(index: number): boolean;
  /** Undefined for an id that is none of this world's. */
  indexOf(findingId: string): number | undefined;
  managedPolicy(arn: string): WorldManagedPolicy | undefined;
  /** The account's own managed policies, all of them. */
  customerPolicies(account: Account): readonly string[];
  /** Who is in an account, by index, and the policies of AWS that are attached there. */
  roster(account: Account): Roster;
}

export interface WorldPrincipal {
  readonly index: number;
  readonly account: Account;
  readonly type: 'role' | 'user';
  readonly name: string;
  readonly path: string;
  readonly arn: string;
  readonly expected: Expected;
  /** Whether the account's reader role is missing. */
  readonly unreachable: boolean;
  readonly findingType: WireFinding['findingType'];
  readonly inline: readonly { readonly name: string; readonly document: unknown }[];
  readonly attached: readonly string[];
  /** Groups by name; users only. */
  readonly groups: readonly string[];
  readonly details: readonly WireDetail[];
}

export interface Roster {
  /** All of them are in the account's one group. */
  readonly users: readonly number[];
  readonly roles: readonly number[];
  readonly awsPolicies: readonly string[];
}

export interface WorldManagedPolicy {
  readonly arn: string;
  readonly name: string;
  readonly document: unknown;
}

export const GROUP = 'Developers';
/** Member accounts whose reader role does not exist, counted from the smallest account up. */
const UNREACHABLE = 1;
const AWS_POLICIES = 20;
const KEPT = 512;

export function makeWorld(organisation: Organisation, analyzerArn: string): World {
  const { seed } = organisation;
  const services = [...embeddedCatalogue().services.values()];
  const kept = new Map<number, WorldPrincipal>();
  const rosters = new Map<number, Roster>();
  const ended = new Set<number>();

  /** A document that grants `count` services, some whole and some by prefixes, and those services. */
  function grants(random: () => number, count: number) {
    const chosen = pick(services, count, random);
    const actions = chosen.flatMap(({ name }) =>
      random() < 0.3
        ? [`${name}:*`]
        : ['Get*', 'List*', 'Describe*', 'Update*'].map((prefix) => `${name}:${prefix}`),
    );
    return { chosen, actions };
  }

  function make(index: number): WorldPrincipal {
    const account = organisation.accountOf(index);
    const random = seeded(Math.imul(seed, 0x9e3779b1) + index * 7919 + 1);
    const kind = random();
    const unreachable = organisation.accounts > 2 && account.place >= organisation.accounts - UNREACHABLE;
    const isUser = kind < 0.06;
    const findingType = ((): WireFinding['findingType'] => {
      if (kind < 0.01) return 'UnusedIAMUserAccessKey';
      if (kind < 0.02) return 'UnusedIAMUserPassword';
      if (kind >= 0.06 && kind < 0.11) return 'UnusedIAMRole';
      return 'UnusedPermission';
    })();
    const linked = kind >= 0.11 && kind < 0.13;
    const gone = kind >= 0.13 && kind < 0.15;
    const type = isUser ? 'user' : 'role';
    const path = linked ? '/aws-service-role/ecs.amazonaws.com/' : '/';
    const name = `${linked ? 'AWSServiceRoleFor' : isUser ? 'person' : 'service'}-${String(index).padStart(6, '0')}`;
    const { chosen, actions } = grants(random, 6);
    const half = Math.ceil(actions.length / 2);
    const hasCustomer = random() < 0.3;
    const hasAws = random() < 0.2;
    const own = customerArns(account);
    const attached = [
      ...(hasCustomer ? [own[Math.floor(random() * own.length)] ?? ''] : []),
      ...(hasAws ? [awsArn(Math.floor(random() * AWS_POLICIES))] : []),
    ];
    const expected = ((): Expected => {
      if (linked) return 'skipped';
      if (unreachable) return 'unreachable';
      return gone ? 'gone' : 'proposed';
    })();
    const details = detailsOf(findingType, index, () =>
      chosen.map(({ name: serviceNamespace, actions: all }, place): WireDetail => {
        const unused = place < 2 ? [] : all.filter(() => random() < 0.3);
        return {
          unusedPermissionDetails:
            unused.length === 0
              ? { serviceNamespace }
              : { serviceNamespace, actions: unused.map((action) => ({ action })) },
        };
      }),
    );
    return {
      index,
      account,
      type,
      name,
      path,
      arn: `arn:aws:iam::${account.id}:${type}${path}${name}`,
      expected,
      unreachable,
      findingType,
      inline: [
        { name: 'Work', document: allow(actions.slice(0, half)) },
        { name: 'Read', document: allow(actions.slice(half)) },
      ],
      attached,
      groups: isUser ? [GROUP] : [],
      details,
    };
  }

  function principal(index: number): WorldPrincipal {
    const known = kept.get(index);
    if (known) return known;
    const made = make(index);
    kept.set(index, made);
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT) break;
      kept.delete(oldest);
    }
    return made;
  }

  return {
    organisation,
    analyzerArn,
    principal,
    named(account, type, name) {
      const index = Number(/-(\d{6,})$/.exec(name)?.[1] ?? NaN);
      if (!(index >= account.first && index < account.first + account.size)) return undefined;
      const found = principal(index);
      return found.type === type && found.name === name && found.expected !== 'gone' ? found : undefined;
    },
    finding(index) {
      const { arn, type, account, findingType, details } = principal(index);
      return {
        id: `finding-${String(index).padStart(6, '0')}`,
        resource: arn,
        resourceType: type === 'role' ? 'AWS::IAM::Role' : 'AWS::IAM::User',
        resourceOwnerAccount: account.id,
        status: ended.has(index) ? 'RESOLVED' : 'ACTIVE',
        findingType,
        createdAt: '2026-10-01T08:00:00.000Z',
        analyzedAt: '2026-11-01T08:00:00.000Z',
        updatedAt: '2026-10-15T08:00:00.000Z',
        findingDetails: details,
      };
    },
    end: (index) => {
      ended.add(index);
    },
    hasEnded: (index) => ended.has(index),
    indexOf(findingId) {
      const index = Number(/^finding-(\d{6,})$/.exec(findingId)?.[1] ?? NaN);
      return index < organisation.findings ? index : undefined;
    },
    managedPolicy(arn) {
      const [, , , , owner = '', resource = ''] = arn.split(':');
      const name = resource.slice(resource.lastIndexOf('/') + 1);
      const number = Number(/(\d+)$/.exec(name)?.[1] ?? NaN);
      if (Number.isNaN(number)) return undefined;
      const place = owner === 'aws' ? -1 : (organisation.byId(owner)?.place ?? NaN);
      if (Number.isNaN(place)) return undefined;
      const { actions } = grants(seeded(Math.imul(seed, 31) + place * 1009 + number), 8);
      return { arn, name, document: allow(actions) };
    },
    customerPolicies: customerArns,
    roster(account) {
      const known = rosters.get(account.place);
      if (known) return known;
      const there = Array.from({ length: account.size }, (_, place) =>
        principal(account.first + place),
      ).filter(({ expected }) => expected !== 'gone');
      const indices = (type: 'role' | 'user'): number[] =>
        there.filter((one) => one.type === type).map(({ index }) => index);
      const aws = there.flatMap(({ attached }) => attached.filter((arn) => arn.includes('::aws:')));
      const roster = {
        users: indices('user'),
        roles: indices('role'),
        awsPolicies: [...new Set(aws)].sort(),
      };
      rosters.set(account.place, roster);
      return roster;
    },
  };
}

/** One policy for each twenty principals, ten at most. */
function customerArns({ id, size }: Account): readonly string[] {
  return Array.from(
    { length: Math.min(10, 1 + Math.floor(size / 20)) },
    (_, place) => `arn:aws:iam::${id}:policy/shared-${String(place)}`,
  );
}

function awsArn(place: number): string {
  return `arn:aws:iam::aws:policy/OfTheService${String(place)}`;
}

function allow(actions: readonly string[]): unknown {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] };
}

function detailsOf(
  findingType: WireFinding['findingType'],
  index: number,
  permissions: () => readonly WireDetail[],
): readonly WireDetail[] {
  const lastAccessed = '2026-03-01T08:00:00.000Z';
  switch (findingType) {
    case 'UnusedPermission':
      return permissions();
    case 'UnusedIAMRole':
      return [{ unusedIamRoleDetails: { lastAccessed } }];
    case 'UnusedIAMUserAccessKey':
      return [
        {
          unusedIamUserAccessKeyDetails: {
            accessKeyId: `AKIA${String(index).padStart(16, '0')}`,
            lastAccessed,
          },
        },
      ];
    case 'UnusedIAMUserPassword':
      return [{ unusedIamUserPasswordDetails: { lastAccessed } }];
    default:
      return findingType satisfies never;
  }
}
