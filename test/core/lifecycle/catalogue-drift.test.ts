import { expect, test } from 'vitest';
import { makeCatalogue } from '../../../lambda/core/catalogue/catalogue.ts';
import { catalogueDrift, describeCatalogueDrift } from '../../../lambda/core/lifecycle/catalogue-drift.ts';
import type { RefineProposal } from '../../../lambda/core/proposal/schema.ts';

const catalogueOf = (version: string, services: Readonly<Record<string, readonly string[]>>) =>
  makeCatalogue({ source: 'test', version, date: '' }, Object.entries(services));
const THEN = catalogueOf('1', { 's3-outposts': ['GetBucket'], s3: ['GetObject'] });
const NOW = catalogueOf('2', { 's3-outposts': ['GetBucket', 'GetLater'], s3: ['GetObject', 'GetMore'] });

const document = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: ['s3:Get*', 's3-outposts:*'], Resource: '*' }],
};
const proposal = {
  catalogue: { source: 'test', version: '1', services: 2, actions: 2 },
  finding: { unusedServices: [], unusedActions: ['s3:PutObject'] },
  policies: [{ disposition: 'update', before: document, after: [{ name: 'P', document }] }],
  summary: { actionsGrantedAfter: 2 },
} as unknown as RefineProposal;

test('a newer catalogue adds actions to the proposed wildcards, which are named in order', () => {
  const drift = catalogueDrift(proposal, NOW, [THEN]);
  expect(drift).toEqual({
    madeWith: 'test 1',
    now: 'test 2',
    grantedThen: 2,
    grantedNow: 4,
    newActions: ['s3-outposts:GetLater', 's3:GetMore'],
  });
  expect(drift && describeCatalogueDrift(drift)).toBe(
    'the catalogue test 2 has further actions that its wildcards match: s3-outposts:GetLater, s3:GetMore',
  );
});

test('only the numbers are known without the catalogue that the proposal was made with', () => {
  const drift = catalogueDrift(proposal, NOW, []);
  expect(drift?.newActions).toBeNull();
  expect(drift && describeCatalogueDrift(drift)).toBe(
    'by the catalogue test 2 its policies grant 4 actions, it says 2',
  );
});

test('the same catalogue makes no difference', () => {
  expect(catalogueDrift(proposal, THEN, [])).toBeUndefined();
});
