import { App, Aws, Stack } from 'aws-cdk-lib';
import * as accessanalyzer from 'aws-cdk-lib/aws-accessanalyzer';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { expect, test } from 'vitest';

import { OPINIONS } from '../../lambda/contract/settings.ts';
import { ConfigError } from '../../lib/config/config.ts';
import { assertEnvironmentsFit } from '../../lib/constructs/environment-size.ts';
import type { HandlerFunction } from '../../lib/constructs/handler-function.ts';
import { mainTemplate, ORGANISATION } from './synth.ts';

const EXISTING = {
  ...ORGANISATION,
  analyzerArn: 'arn:aws-us-gov:access-analyzer:us-gov-west-1:123456789012:analyzer/unused',
  analyzerType: undefined,
  unusedAccessAge: undefined,
  excludeResourceTags: undefined,
  secondOpinions: [...OPINIONS],
};
const accounts = (count: number) =>
  Array.from({ length: count }, (_, index) => String(100_000_000_000 + index));

/** What a person reads who asks for this. */
function complaint(options: Record<string, unknown>): string {
  try {
    mainTemplate(options);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'nothing';
}

test("a list that is too long for a function's environment is named at synthesis", () => {
  expect(complaint({ ...EXISTING, excludeAccounts: accounts(150) })).toBe('nothing');
  expect(complaint({ ...EXISTING, excludeAccounts: accounts(200) })).toMatch(
    /^option excludeAccounts \(2999 bytes\) is too long: the environment of refine-account would take \d{4} bytes of the 4096 that Lambda has; use fewer, wider patterns, and organisational units instead of accounts$/,
  );
});

test('other long options are named too, the largest first', () => {
  const keep = Array.from({ length: 100 }, (_, index) => `service${index}:Action*`);
  expect(complaint({ ...ORGANISATION, memberExternalId: 'x'.repeat(1224), keep })).toMatch(
    /^option keep \(1989 bytes\), then memberExternalId \(1226 bytes\) is too long: /,
  );
});

test('each reference counts with its longest possible value, and the limit is exact', () => {
  const stack = new Stack(new App(), 'S'.repeat(128));
  const construct = new Construct(stack, 'Handler');
  const analyzer = new accessanalyzer.CfnAnalyzer(stack, 'Analyzer'.repeat(30), {
    type: 'ACCOUNT_UNUSED_ACCESS',
  });
  const variables = {
    ANALYZER: analyzer.attrArn,
    BUCKET: new s3.Bucket(stack, 'Bucket').bucketName,
    PLACE: `${Aws.PARTITION} ${Aws.REGION} ${Aws.ACCOUNT_ID}`,
    QUEUE: new sqs.Queue(stack, 'Queue').queueUrl,
    TOPIC: new sns.Topic(stack, 'Topic'.repeat(40)).topicArn,
  };
  const place = 'ap-southeast-1:123456789012';
  const longest = JSON.stringify({
    ANALYZER: `arn:aws-us-gov:access-analyzer:${place}:analyzer/${'x'.repeat(255)}`,
    BUCKET: 'x'.repeat(63),
    PLACE: 'aws-us-gov ap-southeast-1 123456789012',
    QUEUE: `https://sqs.ap-southeast-1.amazonaws.com.cn/123456789012/${'x'.repeat(80)}`,
    TOPIC: `arn:aws-us-gov:sns:${place}:${'x'.repeat(256)}`,
    KEEP: '',
  });
  const check = (KEEP: string): void => {
    const handler = Object.assign(construct, { name: 'refine-finding', variables: { ...variables, KEEP } });
    // Trust boundary: nothing else of a handler is looked at.
    assertEnvironmentsFit([handler as unknown as HandlerFunction], { keep: KEEP.length });
  };
  const room = 4096 - longest.length;
  expect(() => {
    check('k'.repeat(room));
  }).not.toThrow();
  expect(() => {
    check('k'.repeat(room + 1));
  }).toThrow(
    /^option keep \(\d+ bytes\) is too long: the environment of refine-finding would take 4097 bytes/,
  );
  // A quotation mark stands in JSON with a backslash before it.
  expect(() => {
    check('"'.repeat(room / 2 + 1));
  }).toThrow(/^option keep /);
});
