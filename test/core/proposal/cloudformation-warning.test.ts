import { expect, test } from 'vitest';
import { cloudFormationWarning } from '../../../lambda/core/proposal/build-proposal.ts';

test('a principal created by CloudFormation is named with its stack and logical id', () => {
  expect(
    cloudFormationWarning([
      { key: 'team', value: 'orders' },
      { key: 'aws:cloudformation:stack-name', value: 'orders-prod' },
      { key: 'aws:cloudformation:logical-id', value: 'ServiceRole' },
    ]),
  ).toBe(
    'managed by the CloudFormation stack orders-prod as its resource ServiceRole: applying this proposal by hand would ' +
      'drift from the template, and the next deployment could undo it; change the template instead (see show --format cloudformation)',
  );
});

test("the stack's name is taken from its id if there is no name", () => {
  expect(
    cloudFormationWarning([
      {
        key: 'aws:cloudformation:stack-id',
        value:
          'arn:aws:cloudformation:eu-west-1:123456789012:stack/orders/51af3dc0-da77-11e4-872e-1234567db123',
      },
    ]),
  ).toMatch(/^managed by the CloudFormation stack orders: /);
});

test('without such tags there is no warning', () => {
  expect(cloudFormationWarning([])).toBeUndefined();
  expect(cloudFormationWarning([{ key: 'cloudformation:stack-name', value: 'x' }])).toBeUndefined();
});
