import { describe, expect, test } from 'vitest';

import { refusal, statementsOf } from '../integration/harness/iam/evaluate.ts';

/*
 * The evaluator by which the integration tests judge calls. The expectations are AWS's documentation:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */

const ROLE = 'arn:aws:iam::123456789012:role/Worker';
const BUCKET = 'arn:aws:s3:::bucket';
const NOT_ALLOWED = "not allowed by the role's policies";

interface Asked {
  readonly action?: string;
  readonly resource?: string;
  readonly context?: Readonly<Record<string, readonly string[]>>;
  /** The policy of the resource. */
  readonly theirs?: readonly object[];
  readonly needsBoth?: boolean;
}

function ask(own: readonly object[], asked: Asked = {}): string | undefined {
  const { action = 's3:ListBucket', resource = BUCKET, context = {}, theirs = [], needsBoth = false } = asked;
  return refusal(
    { action, resource, context: new Map(Object.entries(context)) },
    {
      principal: ROLE,
      identity: statementsOf({ Statement: own }),
      resource: statementsOf({ Statement: theirs }),
      needsBoth,
    },
  );
}

const list = (Condition: object = {}, Effect = 'Allow') => ({
  Effect,
  Action: 's3:ListBucket',
  Resource: BUCKET,
  Condition,
});

describe('actions and resources', () => {
  test.each([
    ['s3:ListBucket', BUCKET, undefined],
    ['S3:listbucket', BUCKET, undefined],
    ['s3:*', '*', undefined],
    ['s3:List*', 'arn:aws:s3:::b?cket', undefined],
    ['s3:ListBuckets', BUCKET, NOT_ALLOWED],
    ['s3:ListBucket', 'arn:aws:s3:::BUCKET', NOT_ALLOWED],
    ['s3:ListBucket', `${BUCKET}/*`, NOT_ALLOWED],
  ])('%s on %s', (Action, Resource, expected) => {
    expect(ask([{ Effect: 'Allow', Action, Resource }])).toBe(expected);
  });

  test('nothing is allowed by default', () => {
    expect(ask([])).toBe(NOT_ALLOWED);
  });
});

describe('denying', () => {
  test('overrides an Allow in any order', () => {
    expect(ask([list(), { ...list({}, 'Deny'), Sid: 'No' }])).toBe('denied by the statement No');
    const theirs = [{ ...list({}, 'Deny'), Sid: 'Nobody', Principal: '*' }];
    expect(ask([list()], { theirs })).toBe('denied by the statement Nobody');
  });

  test('does not affect principals that its condition exempts', () => {
    const but = (arn: string) => [
      { ...list({ ArnNotEquals: { 'aws:PrincipalArn': [arn] } }, 'Deny'), Principal: { AWS: '*' } },
    ];
    const context = { 'aws:principalarn': [ROLE] };
    expect(ask([list()], { theirs: but(ROLE), context })).toBeUndefined();
    expect(ask([list()], { theirs: but(`${ROLE}2`), context })).toBe(
      'denied by the statement without a name',
    );
  });

  test('does not affect principals that it does not name', () => {
    const theirs = [{ ...list({}, 'Deny'), Principal: { AWS: 'arn:aws:iam::123456789012:role/Other' } }];
    expect(ask([list()], { theirs })).toBeUndefined();
  });
});

describe('identity and resource policies', () => {
  const key = (Principal: object) => [{ Effect: 'Allow', Action: 's3:*', Resource: '*', Principal }];

  test('must both allow if the resource belongs to another account or is a key', () => {
    expect(ask([list()], { needsBoth: true })).toBe("not allowed by the resource's policy");
    expect(ask([], { needsBoth: true, theirs: key({ AWS: ROLE }) })).toBe(NOT_ALLOWED);
    expect(ask([list()], { needsBoth: true, theirs: key({ AWS: ROLE }) })).toBeUndefined();
  });

  test('allow through the account’s root what identity policies allow, but not for a service', () => {
    const root = { AWS: 'arn:aws:iam::123456789012:root' };
    expect(ask([list()], { needsBoth: true, theirs: key(root) })).toBeUndefined();
    const service = { Service: 'events.amazonaws.com' };
    expect(ask([list()], { needsBoth: true, theirs: key(service) })).toBe(
      "not allowed by the resource's policy",
    );
  });
});

describe('conditions', () => {
  test.each<[object, Asked['context'], string | undefined]>([
    [{ StringEquals: { 's3:prefix': 'a/' } }, { 's3:prefix': ['a/'] }, undefined],
    [{ StringEquals: { 's3:prefix': 'a/' } }, { 's3:prefix': ['A/'] }, NOT_ALLOWED],
    [{ StringLike: { 's3:prefix': ['', 'a/*'] } }, { 's3:prefix': ['a/b'] }, undefined],
    [{ StringLike: { 's3:prefix': 'a/*' } }, { 's3:prefix': ['b/a/'] }, NOT_ALLOWED],
    // A key that the request does not have: what is asked for does not hold, what is refused does.
    [{ StringLike: { 's3:prefix': '*' } }, {}, NOT_ALLOWED],
    [{ StringNotLike: { 's3:prefix': 'a/*' } }, {}, undefined],
    [{ StringEqualsIfExists: { 's3:prefix': 'a/' } }, {}, undefined],
    [{ StringEqualsIfExists: { 's3:prefix': 'a/' } }, { 's3:prefix': ['b/'] }, NOT_ALLOWED],
    [{ Null: { 's3:prefix': 'true' } }, {}, undefined],
    [{ Null: { 's3:prefix': 'true' } }, { 's3:prefix': [''] }, NOT_ALLOWED],
    [{ Bool: { 'aws:SecureTransport': 'false' } }, { 'aws:securetransport': ['true'] }, NOT_ALLOWED],
    [{ NumericLessThan: { 's3:TlsVersion': 1.2 } }, { 's3:tlsversion': ['1.3'] }, NOT_ALLOWED],
    [{ NumericLessThan: { 's3:TlsVersion': 1.2 } }, { 's3:tlsversion': ['1.1'] }, undefined],
    [
      { ArnLike: { 'aws:SourceArn': 'arn:aws:sns:*:1:*' } },
      { 'aws:sourcearn': ['arn:aws:sns:eu:1:t'] },
      undefined,
    ],
    [
      { ArnLike: { 'aws:SourceArn': 'arn:aws:sns:*:1:*' } },
      { 'aws:sourcearn': ['arn:aws:sns:eu:2:1:t'] },
      NOT_ALLOWED,
    ],
    // Fault: a key of several values without a set operator.
    [{ StringEquals: { 'account:AlternateContactTypes': 'BILLING' } }, { 'account:alternatecontacttypes': ['BILLING'] }, NOT_ALLOWED], // prettier-ignore
    [{ 'ForAnyValue:StringEquals': { 'account:AlternateContactTypes': 'BILLING' } }, { 'account:alternatecontacttypes': ['BILLING', 'SECURITY'] }, undefined], // prettier-ignore
    [{ 'ForAnyValue:StringEquals': { 'account:AlternateContactTypes': 'BILLING' } }, {}, NOT_ALLOWED],
    [{ 'ForAllValues:StringEquals': { 'aws:TagKeys': 'a' } }, {}, undefined],
    [{ 'ForAllValues:StringEquals': { 'aws:TagKeys': 'a' } }, { 'aws:tagkeys': ['a', 'b'] }, NOT_ALLOWED],
    // All keys and operators must hold.
    [{ StringEquals: { 'kms:ViaService': 's3' }, Bool: { 'aws:SecureTransport': 'true' } }, { 'kms:viaservice': ['s3'] }, NOT_ALLOWED], // prettier-ignore
  ])('%j for %j', (condition, context, expected) => {
    expect(ask([list(condition)], { context: context ?? {} })).toBe(expected);
  });
});

describe('what is not evaluated', () => {
  test.each([
    ['an operator', list({ IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } })],
    ['a variable', list({ StringEquals: { 's3:prefix': '${aws:username}/' } })],
  ])('%s is an error and not a decision', (_, statement) => {
    expect(() => ask([statement], { context: { 's3:prefix': ['x'] } })).toThrow('is not evaluated');
  });

  test('an element is an error and not a decision', () => {
    expect(() => ask([{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }])).toThrow();
  });
});
