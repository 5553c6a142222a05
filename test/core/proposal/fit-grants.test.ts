import { expect, test } from 'vitest';
import { makeCatalogue } from '../../../lambda/core/catalogue/catalogue.ts';
import { DEFAULT_QUOTAS } from '../../../lambda/core/fit/quotas.ts';
import type { Grant } from '../../../lambda/core/model/principal.ts';
import { fitGrants } from '../../../lambda/core/proposal/fit-grants.ts';
import { makeContext } from '../../../lambda/core/refine/context.ts';
import { readKeepList } from '../../../lambda/core/refine/keep-list.ts';
import { refineGrants } from '../../../lambda/core/refine/refine-policy.ts';
import { unusedOf } from '../../laws/oracle/engine.ts';

const ARN = 'arn:aws:iam::aws:policy/ReadOnlyAccess';

function grant(source: 'role-inline' | 'aws-managed', Action: readonly string[]): Grant {
  const value = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] };
  const managed = { arn: ARN, path: '/', versionId: 'v1', attachments: 1, boundaryUses: 0 };
  const document = { readable: true, value } as const;
  return { source, name: 'P', document, ...(source === 'aws-managed' ? { managed } : {}) };
}

test('an AWS managed policy that stays may be longer than one of the account can be', () => {
  const catalogue = makeCatalogue({ source: 'test', version: '1', date: '' }, [
    ['s3', ['GetObject', 'PutObject']],
    ['sqs', ['SendMessage']],
  ]);
  const unused = unusedOf([{ serviceNamespace: 's3', actions: ['PutObject'] }]);
  const keep = readKeepList([]);
  if (!keep.ok) throw new Error(keep.problem);
  const context = makeContext(catalogue, unused, { keep: keep.value, generalize: 'shortest' });
  const long = Array.from({ length: 600 }, (_, index) => `sqs:Describe${String(index)}`);
  const grants = [grant('role-inline', ['s3:*']), grant('aws-managed', long)];
  const subject = {
    type: 'role',
    arn: 'arn:aws:iam::123456789012:role/r',
    name: 'r',
    path: '/',
    accountId: '123456789012',
  } as const;
  expect(fitGrants(subject, refineGrants(grants, context), context, DEFAULT_QUOTAS.role)).toEqual([
    { kind: 'untouched' },
    { kind: 'untouched' },
  ]);
});
