import { expect, test } from 'vitest';

import { mainTemplate, memberTemplate, ofType, ORGANISATION } from './synth.ts';

const OPTIONS = {
  ...ORGANISATION,
  permissionsBoundary: 'platform/WorkloadBoundary',
  tags: ['costCenter=4711', 'team=identity'],
  tracing: false,
};
const main = mainTemplate(OPTIONS);
const member = memberTemplate(OPTIONS);

test('every role has the permissions boundary, in member accounts too', () => {
  const roles = [...ofType(main, 'AWS::IAM::Role'), ...ofType(member, 'AWS::IAM::Role')];
  expect(roles).toHaveLength(9);
  for (const { Properties } of roles) {
    expect(Properties['PermissionsBoundary']).toStrictEqual({
      'Fn::Join': [
        '',
        [
          'arn:',
          { Ref: 'AWS::Partition' },
          ':iam::',
          { Ref: 'AWS::AccountId' },
          ':policy/platform/WorkloadBoundary',
        ],
      ],
    });
  }
});

test('whatever can have tags has those of the options, in member accounts too', () => {
  for (const type of ['AWS::S3::Bucket', 'AWS::SQS::Queue', 'AWS::Lambda::Function', 'AWS::KMS::Key']) {
    for (const { Properties } of ofType(main, type)) {
      expect(Properties['Tags']).toEqual([
        { Key: 'application', Value: 'unused-access-refiner' },
        { Key: 'costCenter', Value: '4711' },
        { Key: 'team', Value: 'identity' },
      ]);
    }
  }
  expect(ofType(member, 'AWS::IAM::Role')[0]?.Properties['Tags']).toContainEqual({
    Key: 'costCenter',
    Value: '4711',
  });
});

test('without tracing no function sends traces, and no role may', () => {
  for (const { Properties } of ofType(main, 'AWS::Lambda::Function')) {
    expect(Properties).not.toHaveProperty('TracingConfig');
  }
  expect(JSON.stringify(main)).not.toContain('xray:');
});
