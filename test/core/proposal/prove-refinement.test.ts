import { expect, test } from 'vitest';
import { makeCatalogue } from '../../../lambda/core/catalogue/catalogue.ts';
import type { JsonValue } from '../../../lambda/core/model/json.ts';
import { proveRefinement } from '../../../lambda/core/proposal/prove-refinement.ts';
import { makeContext } from '../../../lambda/core/refine/context.ts';
import { readKeepList } from '../../../lambda/core/refine/keep-list.ts';
import { VerificationError } from '../../../lambda/core/verify/verification-error.ts';
import { unusedOf } from '../../laws/oracle/engine.ts';

const catalogue = makeCatalogue({ source: 'test', version: '1', date: '' }, [
  ['s3', ['GetObject', 'PutObject']],
]);

function allow(...actions: readonly string[]): JsonValue {
  return { Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] };
}

/** What is thrown when a refinement to these actions is claimed for `s3:*`, of which PutObject is unused. */
function thrownFor(actions: readonly string[], name?: string): unknown {
  const unused = unusedOf([{ serviceNamespace: 's3', actions: ['PutObject'] }]);
  const keep = readKeepList([]);
  if (!keep.ok) throw new Error(keep.problem);
  const context = makeContext(catalogue, unused, { keep: keep.value, generalize: 'shortest' });
  const after = [{ document: allow(...actions), origins: [0] }];
  try {
    proveRefinement(allow('s3:*'), { after, strict: true }, { context, keep: [], catalogue }, name);
    return undefined;
  } catch (error) {
    return error;
  }
}

test('an exact refinement is proven, and another one is an error that names the policy, if it has a name', () => {
  expect(thrownFor(['s3:GetObject'])).toBeUndefined();
  const of = thrownFor(['s3:PutObject'], 'Files');
  expect(of).toBeInstanceOf(VerificationError);
  expect((of as Error).message).toBe(
    'the refinement of policy Files is not exact: Statement[0]: s3:getobject is no longer granted',
  );
  expect((thrownFor(['s3:PutObject']) as Error).message).toBe(
    'the refinement is not exact: Statement[0]: s3:getobject is no longer granted',
  );
});
