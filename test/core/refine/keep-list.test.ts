import { expect, test } from 'vitest';
import { makeCatalogue } from '../../../lambda/core/catalogue/catalogue.ts';
import { makeUniverse } from '../../../lambda/core/catalogue/universe.ts';
import { readKeepList, uncataloguedKeep } from '../../../lambda/core/refine/keep-list.ts';
import { unusedOf } from '../fit/support.ts';

function kept(texts: readonly string[], services: readonly string[] = []): Record<string, readonly string[]> {
  const catalogue = makeCatalogue({ source: 'test', version: '1', date: '' }, [['s3', ['GetObject']]]);
  const unused = unusedOf(services.map((serviceNamespace) => ({ serviceNamespace })));
  const list = readKeepList(texts);
  if (!list.ok) throw new Error(list.problem);
  const found = uncataloguedKeep(makeUniverse(catalogue, unused), unused, list.value);
  return Object.fromEntries(
    [...found].map(([service, entries]) => [service, entries.map(({ text }) => text)]),
  );
}

test('patterns of the keep-list that the catalogue lacks stay once: the widest, or the first of equal ones', () => {
  expect(kept(['s3:GetObject', 's3:Get*', 's3:NewAction'])).toEqual({ s3: ['s3:NewAction'] });
  expect(kept(['new:One', 'new:ONE', 'new:Two'])).toEqual({ new: ['new:One', 'new:Two'] });
  expect(kept(['new:GetOne', 'new:Get*', 'new:get*', 'new:Put'])).toEqual({ new: ['new:Get*', 'new:Put'] });
});

test('iam:PassRole stays if all of iam is unused and the catalogue lacks it, unless the keep-list has it already', () => {
  expect(kept([], ['iam'])).toEqual({ iam: ['iam:PassRole'] });
  expect(kept(['iam:Pass*'], ['iam'])).toEqual({ iam: ['iam:Pass*'] });
  expect(kept([], ['s3'])).toEqual({});
});
