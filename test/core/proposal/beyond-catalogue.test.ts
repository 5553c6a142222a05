import { expect, test } from 'vitest';
import { makeCatalogue } from '../../../lambda/core/catalogue/catalogue.ts';
import type { StarForm } from '../../../lambda/core/model/proposed-policy.ts';
import { refineDocument } from '../../../lambda/core/proposal/refine-document.ts';
import { unusedOf } from '../../laws/oracle/engine.ts';

const ORIGIN = { source: 'test', version: '7', date: '2026-01-01' };
const ACTIONS = [
  ['s3', ['GetObject', 'PutObject']],
  ['sqs', ['SendMessage']],
] as const;
const UNUSED = [{ serviceNamespace: 's3', actions: ['PutObject'] }];

function refine(actions: readonly string[], more: { star?: StarForm; missing?: readonly string[] } = {}) {
  const result = refineDocument({
    document: { Statement: [{ Effect: 'Allow', Action: [...actions], Resource: '*' }] },
    unused: unusedOf([...UNUSED, { serviceNamespace: 'newer', actions: ['Thing'] }]),
    catalogue: makeCatalogue(ORIGIN, ACTIONS, { prefixes: ['older'], missing: more.missing ?? [] }),
    generalize: 'shortest',
    keep: [],
    ...(more.star === undefined ? {} : { star: more.star }),
  });
  if (result.kind !== 'refined') throw new Error(result.reason);
  return result;
}

test('a list that replaces * keeps every known service, and says what it loses', () => {
  const { policy, notes, retained } = refine(['*', 'custom:Do']);
  expect(policy?.['Statement']).toEqual([
    {
      Effect: 'Allow',
      Action: ['custom:*', 'newer:*', 'older:*', 's3:GetObject', 'sqs:*', 'custom:Do'],
      Resource: '*',
    },
  ]);
  expect(retained.map(({ action }) => action)).toEqual(['newer:Thing']);
  expect(notes).toEqual([
    'A list replaces "*": services that neither the catalogue (test 7 of 2026-01-01) nor the principal\'s policies nor the finding names are no longer granted. With star: not-action, nothing else is removed.',
  ]);
});

test('NotAction that replaces * removes exactly what is reported', () => {
  const { policy, notes, retained, changes } = refine(['*', 'custom:Do'], { star: 'not-action' });
  expect(policy?.['Statement']).toEqual([
    { Effect: 'Allow', NotAction: ['newer:Thing', 's3:PutObject'], Resource: '*' },
  ]);
  expect([retained, notes]).toEqual([[], []]);
  expect(changes.map(({ pattern, outcome, to }) => [pattern, outcome, to])).toEqual([
    ['*', 'narrowed', ['newer:Thing', 's3:PutObject']],
    ['custom:Do', 'removed', []],
  ]);
});

test('with a catalogue that lacks services, a * is kept, and NotAction is still possible', () => {
  const { policy, retained } = refine(['*', 's3:PutObject'], { missing: ['ec2', 'iam'] });
  expect(policy?.['Statement']).toEqual([{ Effect: 'Allow', Action: ['*', 's3:PutObject'], Resource: '*' }]);
  expect(retained.map(({ action }) => action)).toEqual(['newer:Thing', 's3:PutObject']);
  expect(retained[1]?.reason).toContain('lacks services that the built-in one has (ec2, iam)');
  const excluding = refine(['*', 's3:PutObject'], { missing: ['ec2'], star: 'not-action' });
  expect(excluding.policy?.['Statement']).toEqual([
    { Effect: 'Allow', NotAction: ['newer:Thing', 's3:PutObject'], Resource: '*' },
  ]);
});

test('a split of a whole service has a note, and a kept wildcard has none', () => {
  expect(refine(['s3:*', 'sqs:*']).notes).toEqual([
    's3:* is split: actions that the catalogue (test 7 of 2026-01-01) does not know are no longer granted, unless a new pattern matches them.',
  ]);
  expect(refine(['s3:Get*', 'sqs:*']).notes).toEqual([]);
});
