import { type JsonValue, JsonNumber } from '../../../lambda/core/model/json.ts';
import type { PrincipalRef } from '../../../lambda/core/model/principal.ts';
import { makePlan } from '../../../lambda/core/plan/make-plan.ts';
import type { ProposedPolicy } from '../../../lambda/core/model/proposed-policy.ts';
import type { IacInput } from '../../../lambda/report/iac/iac-resources.ts';
import { sha256 } from '../../../lambda/adapters/node.ts';

const ROLE: PrincipalRef = {
  arn: 'arn:aws:iam::123456789012:role/team/Orders+Service',
  type: 'role',
  name: 'Orders+Service',
  path: '/team/',
  accountId: '123456789012',
};
const USER: PrincipalRef = {
  ...ROLE,
  arn: 'arn:aws:iam::123456789012:user/ana',
  type: 'user',
  name: 'ana',
  path: '/',
};

/** A document with everything in it that a template language or a type guess could take for something else. */
export const AWKWARD: JsonValue = {
  Version: '2012-10-17',
  Id: 'yes',
  Statement: [
    {
      Sid: 'No',
      Effect: 'Allow',
      Action: ['s3:Get*', 'null', '~', '0x1F', '1e3'],
      Resource: [
        'arn:aws:s3:::home/${aws:username}/*',
        'arn:aws:s3:::$${aws:username}/%{for}/%%{x}/$%{y}/{{z}}',
        'quote " back\\slash # hash: & * ! | > \' % @ `',
        'tab\there and line\nbreak, é and \u0085',
      ],
      Condition: {
        Null: { 'aws:TokenIssueTime': 'true' },
        Bool: { 'aws:SecureTransport': true },
        NumericLessThan: { 's3:max-keys': [10, 2.5], 'aws:MultiFactorAuthAge': 0 },
        StringLike: { 'aws:PrincipalTag/${x}': ['', ' ', '- a', 'a: b', 'on'] },
        DateLessThan: { 'aws:CurrentTime': '2026-11-23' },
      },
    },
    { Effect: 'Deny', NotAction: 'iam:*', NotResource: '*' },
  ],
};

const PLAIN: JsonValue = {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' },
};

/** Numbers as the author wrote them, where the format can hold them. */
export const SPELLED: JsonValue = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: '*',
      Condition: { NumericEquals: { 's3:max-keys': new JsonNumber('1.50') } },
    },
  ],
};

export function proposalFor(type: 'role' | 'user'): IacInput {
  const principal = type === 'role' ? ROLE : USER;
  const policies: readonly ProposedPolicy[] = [
    policy(`${type}-inline`, 'Orders', 'update', [
      { name: 'Orders', document: AWKWARD },
      { name: 'orders', document: PLAIN },
    ]),
    policy(`${type}-inline`, '9 lives', 'update', [{ name: '9 lives', document: SPELLED }]),
    policy('customer-managed', 'Shared', 'replace', [{ name: 'Shared-copy', document: PLAIN }]),
    policy('customer-managed', 'Mine', 'new-version', [{ name: 'Mine', document: AWKWARD }]),
    policy('aws-managed', 'ReadOnlyAccess', 'remove', []),
    policy('customer-managed', 'Fine', 'unchanged', [{ name: 'Fine', document: PLAIN }]),
  ];
  const grants = policies.flatMap((one) =>
    one.arn === undefined
      ? []
      : [
          {
            source: one.source,
            name: one.name,
            document: { readable: true as const, value: one.before },
            managed: {
              arn: one.arn,
              path: one.source === 'aws-managed' ? '/' : '/team/',
              versionId: 'v2',
              attachments: 1,
              boundaryUses: 0,
              tags: [{ key: 'cost ${centre}', value: 'a "b"' }],
            },
          },
        ],
  );
  const proposalId = '0123456789abcdef0123456789abcdef';
  const plan = makePlan({ proposalId, subject: principal, policies, grants, digest: sha256 });
  return { proposalId, principal, policies, plan };
}

function policy(
  source: ProposedPolicy['source'],
  name: string,
  disposition: ProposedPolicy['disposition'],
  after: ProposedPolicy['after'],
): ProposedPolicy {
  const owner = source === 'aws-managed' ? 'aws' : '123456789012';
  const path = source === 'aws-managed' ? '/' : '/team/';
  return {
    source,
    name,
    ...(source.endsWith('inline')
      ? {}
      : { arn: `arn:aws:iam::${owner}:policy${path}${name}`, versionId: 'v2' }),
    disposition,
    reason: '',
    before: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
    after,
    removed: [],
    changes: [],
  };
}
