import { describe, expect, test } from 'vitest';
import { makeCatalogue } from '../../../lambda/core/catalogue/catalogue.ts';
import type { JsonValue } from '../../../lambda/core/model/json.ts';
import { type ClaimedDocument, verifyPolicy } from '../../../lambda/core/verify/verify-policy.ts';
import { unusedOf } from '../../laws/oracle/engine.ts';
import type { Entry } from '../../laws/oracle/world.ts';

const catalogue = makeCatalogue({ source: 'test', version: '1', date: '' }, [
  ['s3', ['GetObject', 'PutObject']],
  ['sqs', ['SendMessage']],
]);

function policy(element: 'Action' | 'NotAction', ...patterns: readonly string[]): JsonValue {
  return { Statement: [{ Effect: 'Allow', [element]: patterns, Resource: '*' }] };
}

function claimed(...documents: readonly JsonValue[]): readonly ClaimedDocument[] {
  return documents.map((document) => ({ document, origins: [0] }));
}

function problems(
  before: JsonValue,
  after: readonly ClaimedDocument[],
  unused: readonly Entry[],
  strict = false,
): readonly string[] {
  const result = verifyPolicy({ before, after, unused: unusedOf(unused), keep: [], catalogue, strict });
  return result.ok ? [] : result.problems;
}

const PUT_UNUSED = [{ serviceNamespace: 's3', actions: ['PutObject'] }];
const SQS_UNUSED = [{ serviceNamespace: 'sqs' }];

describe('the verifier rejects', () => {
  test.each<readonly [string, JsonValue, readonly ClaimedDocument[], readonly Entry[], readonly string[]]>([
    [
      'a document without statements',
      policy('Action', 's3:*'),
      claimed({ Statement: [] }),
      PUT_UNUSED,
      ['after[0]: the document has no statements'],
    ],
    [
      'NotAction in the place of an Action that did not grant everything',
      policy('Action', 's3:*'),
      claimed(policy('NotAction', 'sqs:*')),
      SQS_UNUSED,
      ['Statement[0]: Action became NotAction, which is wider'],
    ],
    [
      'an Allow with NotAction that stands twice',
      policy('NotAction', 's3:PutObject'),
      claimed(policy('NotAction', 's3:PutObject'), policy('NotAction', 's3:PutObject')),
      PUT_UNUSED,
      ['Statement[0]: an Allow with NotAction is gone or stands more than once'],
    ],
    [
      'a wildcard that matches nothing known of a service that is wholly unused',
      policy('Action', 's3:GetObject', 'sqs:Nothing*'),
      claimed(policy('Action', 's3:GetObject', 'sqs:Nothing*')),
      SQS_UNUSED,
      ['Statement[0]: sqs:Nothing* stays although its service is wholly unused'],
    ],
    [
      'a statement whose origin is left open',
      policy('Action', 's3:GetObject'),
      [{ document: policy('Action', 's3:GetObject'), origins: new Array<number>(1) }],
      PUT_UNUSED,
      [
        'Statement[0]: s3:getobject is no longer granted',
        'a statement stands for none of the statements before',
      ],
    ],
  ])('%s', (_, before, after, unused, expected) => {
    expect(problems(before, after, unused)).toEqual(expected);
  });

  test('a list in the place of a "*" of which nothing is removed, if spelling counts', () => {
    const lists = claimed(policy('Action', 's3:*', 'sqs:*'));
    expect(problems(policy('Action', '*'), lists, [])).toEqual([]);
    expect(problems(policy('Action', '*'), lists, [], true)).toEqual([
      'Statement[0]: the pattern "*" was lost or moved',
    ]);
  });
});
