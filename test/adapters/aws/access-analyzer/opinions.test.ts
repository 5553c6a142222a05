import { AccessAnalyzerClient, ValidatePolicyCommand } from '@aws-sdk/client-accessanalyzer';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { AccessAnalyzerOpinions } from '../../../../lambda/adapters/aws/access-analyzer/opinions.ts';
import { ALLOW_S3, rejection } from '../support.ts';

const mock = mockClient(AccessAnalyzerClient);
const opinions = new AccessAnalyzerOpinions(new AccessAnalyzerClient({ region: 'eu-west-1' }));
const { signal } = new AbortController();

/** What ValidatePolicy reports, as far as it is read. */
function reported(findingType: string | undefined, issueCode: string): never {
  return { findingType, issueCode, findingDetails: `Text of\n ${issueCode}.` } as never;
}

beforeEach(() => {
  mock.reset();
});

describe('ValidatePolicy', () => {
  test('is read with all its pages', async () => {
    mock
      .on(ValidatePolicyCommand)
      .resolves({ findings: [reported('ERROR', 'INVALID_ACTION')], nextToken: 'page 2' })
      .on(ValidatePolicyCommand, { nextToken: 'page 2' })
      .resolves({ findings: [reported('SUGGESTION', 'REDUNDANT_ACTION')] });
    expect(await opinions.validatePolicy(ALLOW_S3, signal)).toEqual([
      { type: 'ERROR', code: 'INVALID_ACTION', sentence: 'Text of INVALID_ACTION.' },
      { type: 'SUGGESTION', code: 'REDUNDANT_ACTION', sentence: 'Text of REDUNDANT_ACTION.' },
    ]);
    expect(mock.commandCalls(ValidatePolicyCommand)).toHaveLength(2);
  });

  test('without a token is one page', async () => {
    mock.on(ValidatePolicyCommand).resolves({ findings: [] });
    expect(await opinions.validatePolicy(ALLOW_S3, signal)).toEqual([]);
    expect(mock.commandCalls(ValidatePolicyCommand)).toHaveLength(1);
  });

  test('whose page token repeats is an error and not an endless loop', async () => {
    mock.on(ValidatePolicyCommand).resolves({ findings: [], nextToken: 'again' });
    expect(await rejection(opinions.validatePolicy(ALLOW_S3, signal))).toMatchObject({
      code: 'malformed',
      message: 'AWS sent the same page token twice',
    });
  });

  test('with a finding without a type is malformed', async () => {
    mock.on(ValidatePolicyCommand).resolves({ findings: [reported(undefined, 'INVALID_ACTION')] });
    expect(await rejection(opinions.validatePolicy(ALLOW_S3, signal))).toMatchObject({
      decision: 'permanent',
      code: 'malformed',
      message: 'a finding of ValidatePolicy lacks its type, which is not what AWS documents',
    });
  });
});
