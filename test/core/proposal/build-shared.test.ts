import { describe, expect, test } from 'vitest';
import { sha256 } from '../../../lambda/adapters/node.ts';
import { makeCatalogue } from '../../../lambda/core/catalogue/catalogue.ts';
import type { JsonValue } from '../../../lambda/core/model/json.ts';
import type { Grant } from '../../../lambda/core/model/principal.ts';
import { buildShared, type SharedResult } from '../../../lambda/core/proposal/build-shared.ts';
import { readKeepList } from '../../../lambda/core/refine/keep-list.ts';
import { unusedOf } from '../../laws/oracle/engine.ts';

type SharedInput = Parameters<typeof buildShared>[0];

const IAM = 'arn:aws:iam::123456789012';
const GROUP = { type: 'group', arn: `${IAM}:group/devs`, name: 'devs', path: '/', accountId: '123456789012' };

function inline(name: string, Action: JsonValue): Grant {
  const value = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] };
  return {
    source: 'group-inline',
    name,
    document: { readable: true, value },
    group: { name: 'devs', members: 2 },
  };
}

function build(grants: readonly Grant[], more: Partial<SharedInput> = {}): SharedResult {
  const keepList = readKeepList([]);
  if (!keepList.ok) throw new Error(keepList.problem);
  return buildShared({
    subject: GROUP as SharedInput['subject'],
    holders: { principals: 2, roles: [], users: [], groups: [] },
    uses: ['ana', 'bea'].map((name) => ({
      arn: `${IAM}:user/${name}`,
      unused: unusedOf([{ serviceNamespace: 's3', actions: ['PutObject'] }]),
      findings: [],
      isDirect: false,
    })),
    grants,
    catalogue: makeCatalogue({ source: 'test', version: '1', date: '' }, [
      ['s3', ['GetObject', 'PutObject']],
    ]),
    keep: [],
    keepList: keepList.value,
    generalize: 'shortest',
    policiesInAccount: 1,
    notes: [],
    digest: sha256,
    ...more,
  });
}

describe('nothing is proposed for a group, and the reason is said,', () => {
  const reads = inline('Reads', ['s3:GetObject']);
  const broken = (name: string): Grant => inline(name, [7]);

  test.each<readonly [string, readonly Grant[], string]>([
    [
      'if its policies grant nothing that is unused',
      [reads],
      'nothing that it grants is reported unused for all of them',
    ],
    [
      'if one policy cannot be refined',
      [reads, broken('Odd')],
      'policy Odd could not be refined: Statement[0]: Action must be a string or an array of strings',
    ],
    [
      'if several policies cannot be refined',
      [broken('Odd'), broken('Odder')],
      'nothing else of it is reported unused for all of them, and 2 of its policies could not be refined',
    ],
  ])('%s', (_, grants, reason) => {
    const built = build(grants);
    expect([built.kind, 'reason' in built && built.reason]).toEqual(['unchanged', reason]);
  });
});

test("a proposal for a group names the account if the account's name is known", () => {
  const grants = [inline('Files', ['s3:GetObject', 's3:PutObject'])];
  const accountOf = (built: SharedResult): unknown =>
    built.kind === 'proposal'
      ? Object.entries(built.complete()).filter(([key]) => key === 'accountName')
      : [];
  expect(accountOf(build(grants, { accountName: 'production' }))).toEqual([['accountName', 'production']]);
  expect(accountOf(build(grants))).toEqual([]);
});
