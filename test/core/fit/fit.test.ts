import { describe, expect, test } from 'vitest';
import { makeCatalogue } from '../../../lambda/core/catalogue/catalogue.ts';
import { type JsonValue, countCharacters } from '../../../lambda/core/model/json.ts';
import type { FitResult } from '../../../lambda/core/fit/fit-result.ts';
import { DEFAULT_QUOTAS, type IamQuotas } from '../../../lambda/core/fit/quotas.ts';
import { type FitCase, problemsOf, refineAndFit } from './support.ts';

const catalogue = makeCatalogue({ source: 'test', version: '1', date: '2026-01-01' }, [
  [
    's3',
    [
      'DeleteObjectTagging',
      'GetBucketAcl',
      'GetBucketLocation',
      'GetBucketPolicy',
      'GetObject',
      'GetObjectAcl',
      'GetObjectTagging',
      'ListBucket',
      'PutObject',
      'PutObjectTagging',
    ],
  ],
  ['sqs', ['DeleteMessage', 'ReceiveMessage', 'SendMessage']],
  ['sns', ['Publish', 'Subscribe']],
]);

const S3_UNUSED = [
  {
    serviceNamespace: 's3',
    actions: [{ action: 'GetBucketLocation' }, { action: 'GetObject' }, { action: 'PutObject' }],
  },
];

function allow(
  action: string | readonly string[],
  more: Record<string, JsonValue> = {},
): Record<string, JsonValue> {
  return { ...more, Effect: 'Allow', Action: action, Resource: '*' };
}

function policy(...statements: readonly JsonValue[]): JsonValue {
  return { Version: '2012-10-17', Statement: statements };
}

function quotas(managed: number, inline = 100_000, slots = 20): IamQuotas {
  return {
    managedPolicyCharacters: managed,
    inlineCharacters: inline,
    attachedManagedPolicies: slots,
  };
}

function managed(document: JsonValue, limits: IamQuotas, more: Partial<FitCase> = {}): FitCase {
  return {
    documents: [{ container: 'managed', document }],
    unused: S3_UNUSED,
    catalogue,
    quotas: limits,
    ...more,
  };
}

function fitted(
  result: FitResult | { readonly kind: 'gone' } | undefined,
): Extract<FitResult, { kind: 'fits' }> {
  if (result?.kind !== 'fits') throw new Error(`expected a fit, got ${JSON.stringify(result)}`);
  return result;
}

function actions(result: FitResult | { readonly kind: 'gone' } | undefined): readonly unknown[] {
  return fitted(result).documents.map(({ document }) =>
    (document['Statement'] as { Action?: unknown; NotAction?: unknown }[]).map(
      ({ Action, NotAction }) => Action ?? { NotAction },
    ),
  );
}

/** Fits one managed policy at a limit, which must give the expected lists, and asks the verifier. */
function expectLists(fitCase: FitCase, steps: readonly string[], lists: readonly unknown[]): void {
  const [result] = refineAndFit(fitCase);
  expect(fitted(result).steps).toEqual(steps);
  expect(actions(result)).toEqual(lists);
  expect(problemsOf(fitCase.documents[0]?.document ?? null, fitted(result), fitCase)).toEqual([]);
}

describe('one document', () => {
  const split = policy(allow(['s3:*']));

  test('stays as refined if it fits', () => {
    const asRefined = [
      's3:DeleteObjectTagging',
      's3:GetBucketAcl',
      's3:GetBucketPolicy',
      's3:GetObjectAcl',
      's3:GetObjectTagging',
      's3:ListBucket',
      's3:PutObjectTagging',
    ];
    expectLists(managed(split, quotas(225)), [], [[asRefined]]);
  });

  test('is shortened to prefixes that end at any character', () => {
    const document = policy(allow(['s3:*']));
    const fitCase = managed(document, quotas(200), {
      unused: [
        { serviceNamespace: 's3', actions: [{ action: 'GetBucketLocation' }, { action: 'GetBucketPolicy' }] },
      ],
      catalogue: makeCatalogue({ source: 'test', version: '1', date: '2026-01-01' }, [
        [
          's3',
          [
            'GetBucketAcl',
            'GetBucketAccess',
            'GetBucketLocation',
            'GetBucketPolicy',
            'PutObject',
            'PutObjectAcl',
          ],
        ],
      ]),
    });
    expectLists({ ...fitCase, quotas: quotas(115) }, ['prefixes'], [[['s3:GetBucketA*', 's3:P*']]]);
  });

  describe('of which two actions begin with the same letter', () => {
    const more = {
      unused: [{ serviceNamespace: 's3', actions: [{ action: 'PutObject' }] }],
      catalogue: makeCatalogue({ source: 'test', version: '1', date: '2026-01-01' }, [
        ['s3', ['GetObject', 'GiveObject', 'PutObject']],
        ['sqs', ['SendMessage']],
      ]),
    };

    test('needs no brackets for the one prefix that remains, if the author wrote none', () => {
      const one = policy(allow('s3:G*'));
      const limits = quotas(countCharacters(one));
      expectLists(managed(policy(allow('s3:*')), limits, more), ['prefixes'], [['s3:G*']]);
    });

    test('is shortened to prefixes if a "*" became a list', () => {
      const limits = quotas(countCharacters(policy(allow(['s3:G*', 'sqs:*']))));
      expectLists(managed(policy(allow('*')), limits, more), ['prefixes'], [[['s3:G*', 'sqs:*']]]);
    });
  });

  test('abbreviates single actions if prefixes of several are not enough', () => {
    expectLists(
      managed(split, quotas(224)),
      ['abbreviations'],
      [
        [
          [
            's3:D*',
            's3:GetBucketA*',
            's3:GetBucketP*',
            's3:GetObjectA*',
            's3:GetObjectT*',
            's3:L*',
            's3:PutObjectT*',
          ],
        ],
      ],
    );
  });

  test('then uses wildcards elsewhere, first between words and then anywhere', () => {
    expectLists(
      managed(split, quotas(183)),
      ['word-patterns'],
      [[['s3:*Acl', 's3:*Policy', 's3:*Tagging', 's3:L*']]],
    );
    expectLists(managed(split, quotas(127)), ['patterns'], [[['s3:*Ta*', 's3:*li*']]]);
  });

  test("merges the author's literals only under the author's wildcard", () => {
    const document = policy(allow(['s3:PutObjectTagging', 's3:Get*']));
    expectLists(
      managed(document, quotas(183)),
      ['abbreviations'],
      [[['s3:PutObjectTagging', 's3:GetBucketA*', 's3:GetBucketP*', 's3:GetObjectA*', 's3:GetObjectT*']]],
    );
    expectLists(
      managed(document, quotas(172)),
      ['word-patterns'],
      [[['s3:PutObjectTagging', 's3:Get*Acl', 's3:Get*Policy', 's3:Get*Tagging']]],
    );
    const enclosed = policy(allow(['s3:GetObjectTagging', 's3:Get*']));
    expectLists(
      managed(enclosed, quotas(150)),
      ['word-patterns'],
      [[['s3:Get*Acl', 's3:Get*Policy', 's3:Get*Tagging']]],
    );
  });

  test('first removes entries that another entry contains', () => {
    const document = policy(allow(['sqs:Send*', 'sqs:SendMessage', 's3:GetObject', 's3:PutObjectTagging']));
    expectLists(
      managed(document, quotas(130)),
      ['without-redundancy'],
      [[['sqs:Send*', 's3:PutObjectTagging']]],
    );
  });

  test('writes no new wildcard in enumerate mode, but removes duplicates', () => {
    const [result] = refineAndFit(managed(split, quotas(140, 0, 1), { generalize: 'enumerate' }));
    expect(result?.kind).toBe('does-not-fit');
  });

  test('writes a split * as NotAction if lists are too long', () => {
    const everything = policy(allow('*'));
    const unused = [{ serviceNamespace: 's3', actions: [{ action: 'PutObject' }] }];
    expectLists(
      managed(everything, quotas(104), { unused }),
      ['not-action'],
      [[{ NotAction: 's3:PutObject' }]],
    );
  });

  test('grants with NotAction what the author listed beside the *, known or not', () => {
    const document = policy(allow(['*', 'sns:PublishBatchLater', 'custom:Do']));
    const unused = [
      { serviceNamespace: 's3', actions: [{ action: 'PutObject' }] },
      { serviceNamespace: 'custom', actions: [{ action: 'Other' }] },
    ];
    expectLists(
      managed(document, quotas(121, 0, 1), { unused }),
      ['not-action'],
      [[{ NotAction: ['custom:Other', 's3:PutObject'] }]],
    );
  });
});

describe('several managed policies', () => {
  const literals = ['sqs:DeleteMessage', 'sqs:ReceiveMessage', 'sqs:SendMessage'];
  const three = {
    Version: '2008-10-17',
    Id: 'mine',
    Statement: [
      allow(literals, { Sid: 'Queue' }),
      { Sid: 'No', Effect: 'Deny', Action: 's3:DeleteObjectTagging', Resource: '*' },
      allow(['s3:GetObjectAcl', 's3:GetObject'], { Sid: 'Store' }),
    ],
  };

  test('keep statements whole and in order, with Version and Id in each, and Deny once', () => {
    const fitCase = managed(three, quotas(245));
    const [result] = refineAndFit(fitCase);
    expect(fitted(result).steps).toEqual(['split']);
    expect(fitted(result).documents.map(({ origins }) => origins)).toEqual([[0], [1, 2]]);
    expect(fitted(result).documents.map(({ document }) => [document['Version'], document['Id']])).toEqual([
      ['2008-10-17', 'mine'],
      ['2008-10-17', 'mine'],
    ]);
    expect(problemsOf(three, fitted(result), fitCase)).toEqual([]);
  });

  test('contain parts of a statement only if it does not fit alone', () => {
    const fitCase = managed(three, quotas(167));
    const [result] = refineAndFit(fitCase);
    expect(fitted(result).documents.map(({ origins }) => origins)).toEqual([[0], [0], [1], [2]]);
    expect(problemsOf(three, fitted(result), fitCase)).toEqual([]);
  });

  test('are packed densely, with divided statements, only if slots are scarce', () => {
    const list = ['sqs:DeleteMessage', 'sqs:SendMessage', 'sns:Publish', 'sns:Subscribe'];
    const equal = policy(allow([...list, 's3:GetObject']), allow(list), allow(list));
    const originsWith = (slots: number): readonly (readonly number[])[] => {
      const fitCase = managed(equal, quotas(260, 0, slots));
      const [result] = refineAndFit(fitCase);
      expect(problemsOf(equal, fitted(result), fitCase)).toEqual([]);
      return fitted(result).documents.map(({ origins }) => origins);
    };
    expect(originsWith(3)).toEqual([[0], [1], [2]]);
    expect(originsWith(2)).toEqual([
      [0, 1],
      [1, 2],
    ]);
  });

  test('cannot contain a Deny that is too long alone, which is proven', () => {
    const long = policy(
      {
        Effect: 'Deny',
        Action: ['sns:Publish', 'sns:Subscribe', 'sqs:SendMessage'],
        Resource: 'arn:aws:sqs:::aaaaaaaaaaaaaaaaaaaa',
      },
      allow(['s3:GetObject', 's3:GetObjectAcl']),
    );
    const [result] = refineAndFit(managed(long, quotas(162)));
    expect(result).toMatchObject({
      kind: 'does-not-fit',
      isProven: true,
      reason:
        'does not fit: statement 0 cannot be divided and takes 163 characters even alone, a managed policy holds 162; no other exact answer can be short enough',
    });
  });

  test('are refused if the principal has no slots for them, with the figures and a proof', () => {
    const [result] = refineAndFit(managed(three, quotas(167, 0, 2)));
    expect(result).toMatchObject({
      kind: 'does-not-fit',
      isProven: true,
      figures: { managedNeeded: 4, managedAvailable: 2 },
    });
  });

  test('are assigned first to the policy that needs fewest if slots are scarce', () => {
    const two = policy(allow(literals), allow(['s3:GetObjectAcl', 's3:GetObject']));
    const documents = [three, two].map((document) => ({ container: 'managed' as const, document }));
    const results = refineAndFit({ documents, unused: S3_UNUSED, catalogue, quotas: quotas(167, 0, 4) });
    expect(results.map(({ kind }) => kind)).toEqual(['does-not-fit', 'fits']);
  });
});

describe('inline policies', () => {
  const small = policy(allow(['s3:GetObject', 'sqs:SendMessage']));
  const wide = policy(allow(['s3:*']));
  const inline = (...documents: readonly JsonValue[]): FitCase['documents'] =>
    documents.map((document) => ({ container: 'inline' as const, document }));

  test('share one limit, including unchanged ones', () => {
    const other = policy(allow('sqs:*'));
    const documents = inline(other, wide);
    const sizes = [countCharacters(other), 225];
    const limit = sizes.reduce((sum, size) => sum + size, 0);
    const [, fits] = refineAndFit({ documents, unused: S3_UNUSED, catalogue, quotas: quotas(6144, limit) });
    expect(fitted(fits).steps).toEqual([]);
    const [, shorter] = refineAndFit({
      documents,
      unused: S3_UNUSED,
      catalogue,
      quotas: quotas(6144, limit - 1),
    });
    expect(fitted(shorter).steps).toEqual(['abbreviations']);
  });

  test('move to managed policies if shortening is not enough: one whose move leaves the others as refined', () => {
    const documents = inline(small, wide);
    const [stays, moves] = refineAndFit({
      documents,
      unused: S3_UNUSED,
      catalogue,
      quotas: quotas(6144, 200),
    });
    expect(fitted(stays)).toMatchObject({ container: 'inline', steps: [] });
    expect(fitted(moves)).toMatchObject({ container: 'managed', steps: ['moved-to-managed'] });
    expect(fitted(moves).documents.map(({ characters }) => characters)).toEqual([225]);
  });

  test('stay as they are if neither shortening nor moving helps, and the others are refined', () => {
    const documents = inline(small, wide);
    const [first, second] = refineAndFit({
      documents,
      unused: S3_UNUSED,
      catalogue,
      quotas: quotas(6144, 192, 0),
    });
    expect(fitted(first).steps).toEqual([]);
    expect(second).toMatchObject({
      kind: 'does-not-fit',
      figures: { scope: 'all-inline-policies', limit: 192 },
    });
  });

  test('of a user have a limit of their own', () => {
    const fitCase = { documents: inline(wide), unused: S3_UNUSED, catalogue };
    const { role, user } = DEFAULT_QUOTAS;
    const short = { ...user, inlineCharacters: 100 };
    expect(fitted(refineAndFit({ ...fitCase, quotas: role })[0]).steps).toEqual([]);
    expect(fitted(refineAndFit({ ...fitCase, quotas: short })[0]).steps).toEqual(['moved-to-managed']);
  });
});

test('a policy that refinement does not change is left alone', () => {
  expect(refineAndFit(managed(policy(allow('sqs:*')), quotas(10)))).toEqual([{ kind: 'untouched' }]);
});

test('the quotas are those that AWS documents', () => {
  expect(DEFAULT_QUOTAS).toEqual({
    role: { managedPolicyCharacters: 6144, inlineCharacters: 10240, attachedManagedPolicies: 20 },
    user: { managedPolicyCharacters: 6144, inlineCharacters: 2048, attachedManagedPolicies: 10 },
    group: { managedPolicyCharacters: 6144, inlineCharacters: 5120, attachedManagedPolicies: 10 },
    policy: { managedPolicyCharacters: 6144, inlineCharacters: 0, attachedManagedPolicies: 1 },
  });
});
