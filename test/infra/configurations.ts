import { OPINIONS } from '../../lambda/contract/settings.ts';
import { ORGANISATION } from './synth.ts';

export const OWN_KEY = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';

/** Where and under which names a company's platform lets things be. */
export const PLATFORM = {
  stackName: 'iam-reviews',
  rolePath: '/platform/',
  roleNamePrefix: 'plt-',
  encryptLogs: true,
  vpcSubnetIds: ['subnet-0a1b2c3d4e5f60718', 'subnet-0a1b2c3d4e5f60719'],
  vpcSecurityGroupIds: ['sg-0a1b2c3d4e5f60718'],
  parameterPrefix: '/platform/unused-access',
  eventBus: 'arn:aws:events:eu-west-1:123456789012:event-bus/platform',
} as const;

/** What the stack can be deployed as: between them these make every resource and every policy that `lib` can make. */
export const CONFIGURATIONS: readonly (readonly [
  name: string,
  options: Readonly<Record<string, unknown>>,
])[] = [
  ['the default', { email: 'you@example.org' }],
  ['an organisation', ORGANISATION],
  [
    'every second opinion, excluded organisational units, and what a platform asks for',
    {
      ...ORGANISATION,
      secondOpinions: [...OPINIONS],
      excludeOrganizationalUnits: ['ou-ab12-11111111'],
      organizationId: 'o-a1b2c3d4e5',
      permissionsBoundary: 'platform/WorkloadBoundary',
      tags: ['costCenter=4711'],
      tracing: false,
      ...PLATFORM,
      runbookUrl: 'https://wiki.example.org/runbook',
      readers: ['arn:aws:iam::123456789012:role/Reviewers/*'],
      deciders: ['arn:aws:iam::123456789012:role/Deciders/*'],
    },
  ],
  [
    'reports of last use of an organisation',
    {
      email: 'you@example.org',
      findingSource: 'last-accessed',
      unusedDays: 120,
      memberRoleName: 'RefinerReader',
      memberExternalId: 'an-external-id',
      excludeAccounts: ['111122223333'],
      excludeOrganizationalUnits: ['ou-ab12-11111111'],
    },
  ],
  ['keys that AWS manages', { email: 'you@example.org', encryption: 'aws-managed', chatTopic: true }],
  [
    'a key and an analyzer of one’s own',
    {
      email: 'you@example.org',
      encryption: OWN_KEY,
      analyzerArn: 'arn:aws:access-analyzer:eu-west-1:123456789012:analyzer/unused',
    },
  ],
];
