import { expect, test } from 'vitest';
import {
  collectPermissions,
  type PolicyQuestion,
} from '../../../lambda/use-cases/collect/collect-permissions.ts';

const ANALYZER = 'arn:aws-us-gov:access-analyzer:us-gov-west-1:123456789012:analyzer/unused';
const question: PolicyQuestion = {
  partition: 'aws-us-gov',
  source: 'access-analyzer',
  lastAccessed: false,
  analyzerArn: ANALYZER,
  hasOtherAccounts: false,
  memberRole: undefined,
  organization: false,
};

test("a named analyzer in the caller's own account needs two statements", () => {
  expect(collectPermissions(question)).toEqual({
    own: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'ReadTheAccount',
          Effect: 'Allow',
          Action: 'iam:GetAccountAuthorizationDetails',
          Resource: '*',
        },
        {
          Sid: 'ReadFindings',
          Effect: 'Allow',
          Action: ['access-analyzer:ListFindings', 'access-analyzer:GetFinding'],
          Resource: ANALYZER,
        },
      ],
    },
    role: undefined,
  });
});

test('other accounts are read by a role, and the caller assumes it and lists the accounts', () => {
  const several = { ...question, hasOtherAccounts: true, memberRole: 'Reader', organization: true };
  const { own, role } = collectPermissions(several);
  expect(own.Statement.map(({ Sid }) => Sid)).toEqual([
    'ReadTheAccount',
    'FindTheAnalyzer',
    'ReadFindings',
    'AssumeTheRoleOfOtherAccounts',
    'ListAccounts',
  ]);
  expect(own.Statement[3]).toMatchObject({
    Action: 'sts:AssumeRole',
    Resource: 'arn:aws-us-gov:iam::*:role/Reader',
  });
  expect(role?.Statement.map(({ Sid }) => Sid)).toEqual([
    'ReadTheAccount',
    'FindTheAnalyzer',
    'ReadFindings',
  ]);
});

test('without an analyzer no permission for Access Analyzer is needed', () => {
  const { own } = collectPermissions({ ...question, source: 'last-accessed', analyzerArn: undefined });
  const actions = own.Statement.flatMap(({ Action }) => Action);
  expect(actions.filter((action) => action.startsWith('access-analyzer:'))).toEqual([]);
  expect(actions).toContain('iam:GenerateServiceLastAccessedDetails');
});
