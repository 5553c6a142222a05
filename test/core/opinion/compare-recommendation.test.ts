import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../../lambda/core/model/json.ts';
import {
  compareRecommendation,
  type RecommendedStep,
} from '../../../lambda/core/opinion/compare-recommendation.ts';
import type { RefineProposal } from '../../../lambda/core/proposal/schema.ts';
import { allow, policy, proposal, UNIVERSE } from '../../use-cases/opinions.ts';

function create(policyId: string, value: JsonValue): RecommendedStep {
  return { step: 'create', policyId, document: { readable: true, value } };
}

function detach(policyId: string): RecommendedStep {
  return { step: 'detach', policyId, document: undefined };
}

const ARN = 'arn:aws:iam::aws:policy/Wide';

function compared(on: RefineProposal, steps: readonly RecommendedStep[]): unknown {
  return compareRecommendation(on, UNIVERSE, steps).policies.map((one) =>
    one.kind === 'compared'
      ? { policy: one.policy.name, awsKeeps: one.awsKeeps, weKeep: one.weKeep }
      : { policy: one.policy.name, problem: one.problem },
  );
}

describe("AWS's recommendation, compared with our proposal,", () => {
  test('is compared by the actions that patterns match, in any case', () => {
    const ours = policy({
      before: allow('s3:*'),
      after: [{ name: 'Orders', document: allow('s3:DeleteObject', 's3:GetObject*', 's3:PutObject') }],
    });
    const theirs = allow('s3:getobject', 's3:getobjectacl', 's3:put*', 's3:deleteobject');
    expect(compared(proposal([ours]), [create('Orders', theirs), detach('Orders')])).toEqual([
      { policy: 'Orders', awsKeeps: [], weKeep: [] },
    ]);
  });

  test('shows what each side keeps, and why we do', () => {
    const ours = policy({
      name: 'Wide',
      arn: ARN,
      source: 'aws-managed',
      disposition: 'replace',
      before: allow('*'),
      after: [{ name: 'Wide-copy', document: allow('s3:GetObject*', 'iam:PassRole') }],
    });
    const retained = [{ action: 'iam:PassRole', reason: 'AWS does not track it' }];
    const theirs = allow('s3:GetObject', 'sqs:PurgeQueue', 'iam:GetRole');
    expect(compared(proposal([ours], { retained }), [detach(ARN), create(ARN, theirs)])).toEqual([
      {
        policy: 'Wide',
        awsKeeps: ['iam:GetRole', 'sqs:PurgeQueue'],
        weKeep: [
          { reason: 'AWS does not track it', actions: ['iam:PassRole'] },
          { reason: 'the finding does not report them unused', actions: ['s3:GetObjectAcl'] },
        ],
      },
    ]);
  });

  test('leaves nothing of a policy that it only detaches', () => {
    const gone = policy({ disposition: 'remove', after: [] });
    expect(compared(proposal([gone]), [detach('Orders')])).toEqual([
      { policy: 'Orders', awsKeeps: [], weKeep: [] },
    ]);
    expect(compared(proposal(), [detach('Orders')])).toEqual([
      {
        policy: 'Orders',
        awsKeeps: [],
        weKeep: [{ reason: 'the finding does not report them unused', actions: ['s3:GetObject'] }],
      },
    ]);
  });

  test('leaves a policy unchanged that it does not name', () => {
    expect(compared(proposal(), [])).toEqual([
      { policy: 'Orders', awsKeeps: ['s3:GetBucketPolicy'], weKeep: [] },
    ]);
  });

  test('shows why we keep all of a policy that could not be refined', () => {
    const refused = policy({
      disposition: 'refused',
      reason: 'it does not fit',
      after: [{ name: 'Orders', document: allow('s3:GetObject', 's3:GetBucketPolicy') }],
    });
    expect(compared(proposal([refused]), [create('Orders', allow('s3:GetObject'))])).toEqual([
      {
        policy: 'Orders',
        awsKeeps: [],
        weKeep: [
          { reason: 'this policy could not be refined: it does not fit', actions: ['s3:GetBucketPolicy'] },
        ],
      },
    ]);
  });

  test('is reported as unreadable if it is', () => {
    const broken: RecommendedStep = {
      step: 'create',
      policyId: 'Orders',
      document: { readable: false, text: '{', problem: 'not JSON' },
    };
    expect(compared(proposal(), [broken])).toEqual([
      { policy: 'Orders', problem: 'AWS recommends a policy that cannot be read: not JSON' },
    ]);
    expect(compared(proposal(), [create('Orders', { Statement: [] })])).toEqual([
      {
        policy: 'Orders',
        problem:
          'AWS recommends a policy that cannot be understood: Statement is empty, which IAM does not allow',
      },
    ]);
  });

  test('is reported if it is about a policy that the principal does not have', () => {
    const { strangers } = compareRecommendation(proposal(), UNIVERSE, [detach('Other'), detach('Other')]);
    expect(strangers).toEqual(['Other']);
  });

  test('ignores policies through groups', () => {
    const inherited = policy({ name: 'Everybody', disposition: 'inherited', source: 'group-inline' });
    expect(compared(proposal([inherited]), [])).toEqual([]);
  });

  test('does not differ if it is our own result', () => {
    const action = fc.constantFrom(
      's3:*',
      's3:Get*',
      's3:GetObject',
      'S3:putobject',
      'sqs:*',
      'iam:P?ssRole',
      '*',
    );
    const document = fc.uniqueArray(action, { minLength: 1 }).map((actions) => allow(...actions));
    const some = fc.array(fc.tuple(document, fc.array(document, { maxLength: 3 })), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(some, (pairs) => {
        const policies = pairs.map(([before, after], index) =>
          policy({
            name: `P${String(index)}`,
            disposition: after.length === 0 ? 'remove' : 'replace',
            before,
            after: after.map((value, part) => ({
              name: `P${String(index)}-${String(part)}`,
              document: value,
            })),
          }),
        );
        const steps = policies.flatMap(({ name, after }) => [
          ...after.map((one) => create(name, one.document)),
          detach(name),
        ]);
        const result = compareRecommendation(proposal(policies), UNIVERSE, steps);
        expect(result.strangers).toEqual([]);
        for (const one of result.policies) expect(one).toMatchObject({ awsKeeps: [], weKeep: [] });
        expect(result.policies).toHaveLength(policies.length);
      }),
    );
  });
});
