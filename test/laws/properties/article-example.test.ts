import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { refined } from '../oracle/engine.ts';
import { judge } from '../oracle/judge.ts';
import type { Entry, RawCatalogue } from '../oracle/world.ts';

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../fixtures/article-example/${name}`, import.meta.url), 'utf8'));

const catalogue: RawCatalogue = Object.entries(read('catalogue-2024-08.json') as Record<string, string[]>);
const unused = read('unused-permissions.json') as Entry[];

const ask = (
  generalize: 'shortest' | 'least' | 'enumerate',
  document: unknown = read('policy.json'),
): unknown => refined({ document, unused, catalogue, keep: [], generalize });

describe('the article’s policy', () => {
  test('becomes the article’s result, byte for byte', () => {
    expect(JSON.stringify(ask('shortest'))).toBe(JSON.stringify(read('refined-policy.json')));
  });

  test('is refined correctly in the article, according to the reference evaluator', () => {
    const question = {
      document: read('policy.json'),
      unused,
      catalogue,
      keep: [],
      generalize: 'shortest',
    } as const;
    expect(judge(question, read('refined-policy.json'))).toEqual([]);
  });

  test('grants fewer actions that AWS adds later in mode least', () => {
    expect(ask('least')).toMatchObject({
      Statement: [
        { Action: ['lambda:Invoke*'] },
        {
          Action: [
            's3:GetAccess*',
            's3:GetAccountPublicAccessBlock',
            's3:GetDataAccess',
            's3:GetJobTagging',
            's3:GetMultiRegionAccessPoint*',
            's3:GetObject*',
            's3:GetStorageLens*',
            's3:List*',
          ],
        },
      ],
    });
  });

  test('lists the 36 remaining S3 actions one by one in mode enumerate', () => {
    const statement = (ask('enumerate') as { Statement: { Action: string[] }[] }).Statement[1];
    expect(statement?.Action).toHaveLength(37);
    expect(statement?.Action.at(-1)).toBe('s3:List*');
    expect(statement?.Action.slice(0, 2)).toEqual(['s3:GetAccessGrant', 's3:GetAccessGrantsInstance']);
    expect(statement?.Action.filter((action) => action.includes('*'))).toEqual(['s3:List*']);
  });

  test('is not changed by a second refinement', () => {
    const once = ask('shortest');
    expect(JSON.stringify(ask('shortest', once))).toBe(JSON.stringify(once));
  });
});
