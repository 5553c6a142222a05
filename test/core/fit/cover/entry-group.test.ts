import { describe, expect, test } from 'vitest';
import { makeCatalogue } from '../../../../lambda/core/catalogue/catalogue.ts';
import { EntryGroup, type Level } from '../../../../lambda/core/fit/cover/entry-group.ts';

const catalogue = makeCatalogue({ source: 'test', version: '1', date: '' }, [
  [
    's3',
    [
      'GetBucketAcl',
      'GetBucketLocation',
      'GetBucketPolicy',
      'GetObject',
      'GetObjectAcl',
      'GetObjectTagging',
      'PutObject',
    ],
  ],
]);

/** The author's own entries are marked with `!`. */
function group(enclosing: readonly string[], ...texts: readonly string[]): EntryGroup {
  const entries = texts.map((marked, position) => {
    const text = marked.replace('!', '');
    const action = text.slice(text.indexOf(':') + 1).toLowerCase();
    return { position, text, action, isWildcard: text.includes('*'), isAuthors: marked.startsWith('!') };
  });
  const known = catalogue.services.get('s3');
  return new EntryGroup(entries, { service: 's3', known, enclosing, mayUseWildcards: true });
}

function at(level: Level, made: EntryGroup): readonly string[] {
  const { dropped, added } = made.at(level);
  return [...made.entries.filter(({ position }) => !dropped.has(position)).map(({ text }) => text), ...added];
}

describe('the entries of one service', () => {
  test('count with their quotes and a comma each', () => {
    expect(group(['get*'], 's3:GetObject', 's3:GetBucketAcl').at('as-refined').characters).toBe(33);
  });

  test('are written shorter without what a wildcard of the author grants anyway', () => {
    const made = group(['get*'], '!s3:Get*Tagging', 's3:GetObject*', 's3:GetBucketAcl');
    expect(at('prefixes', made)).toEqual(['s3:Get*Tagging', 's3:GetBucketAcl', 's3:GetO*']);
    expect(at('abbreviations', made)).toEqual(['s3:Get*Tagging', 's3:GetBucketA*', 's3:GetO*']);
  });

  test('keep an action of the author that the catalogue does not know', () => {
    const made = group(['get*'], '!s3:GetLater', 's3:GetObject', 's3:GetObjectAcl', 's3:GetObjectTagging');
    expect(at('prefixes', made)).toEqual(['s3:GetLater', 's3:GetO*']);
    expect(at('word-patterns', made)).toEqual(['s3:GetL*', 's3:GetO*']);
  });
});
