import { EMPTY_PLAN } from '../../core/plan/empty-plan.ts';
import type { RefineProposal, RemovalProposal } from '../../../lambda/core/proposal/schema.ts';

export const PREFIX = 'proposals/111122223333/role/Orders/0123456789abcdef0123456789abcdef/';

export const PROPOSAL: RefineProposal = {
  schemaVersion: 1,
  kind: 'refine-permissions',
  proposalId: '0123456789abcdef0123456789abcdef',
  principal: {
    arn: 'arn:aws:iam::111122223333:role/Orders',
    type: 'role',
    name: 'Orders',
    path: '/',
    accountId: '111122223333',
  },
  finding: {
    id: 'f-1',
    analyzerArn: null,
    findingType: 'UnusedPermission',
    updatedAt: null,
    unusedServices: [],
    unusedActions: ['s3:GetBucketPolicy'],
    lastAccessed: {},
  },
  catalogue: { source: 'test', version: '1', services: 1, actions: 3 },
  generalize: 'shortest',
  policies: [
    {
      source: 'role-inline',
      name: 'Read',
      disposition: 'update',
      reason: 'unused actions go',
      before: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:Get*', Resource: '*' }] },
      after: [
        {
          name: 'Read',
          document: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }],
          },
        },
      ],
      removed: ['s3:GetBucketPolicy', 's3:GetBucketTagging'],
      changes: [],
    },
  ],
  retained: [{ action: 'iam:PassRole', reason: 'never recorded' }],
  residue: [],
  staying: [],
  verification: { verdict: 'exact', statementsChecked: 1, actionsChecked: 3 },
  summary: {
    actionsGrantedBefore: 3,
    actionsGrantedAfter: 1,
    servicesGrantedBefore: 1,
    servicesGrantedAfter: 1,
    charactersBefore: 90,
    charactersAfter: 95,
  },
  notes: [],
  plan: EMPTY_PLAN,
};

export const KEY_PROPOSAL: RemovalProposal = {
  schemaVersion: 1,
  kind: 'remove-access-key',
  proposalId: 'fedcba9876543210fedcba9876543210',
  principal: {
    arn: 'arn:aws:iam::111122223333:user/ana',
    type: 'user',
    name: 'ana',
    path: '/',
    accountId: '111122223333',
  },
  finding: { ...PROPOSAL.finding, findingType: 'UnusedIAMUserAccessKey', unusedActions: [] },
  accessKeyId: 'AKIAEXAMPLE',
  policies: [],
  retained: [],
  residue: [],
  notes: [],
  plan: EMPTY_PLAN,
};
