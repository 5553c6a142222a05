import { expect, test } from 'vitest';
import { makeCatalogue } from '../../../lambda/core/catalogue/catalogue.ts';
import type { ProposedPolicy, StarForm } from '../../../lambda/core/model/proposed-policy.ts';
import { beyondCatalogue, ownDocuments } from '../../../lambda/core/proposal/beyond-catalogue.ts';
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

test('the reason of a list that replaces * counts the services that are removed, narrowed and whole', () => {
  const unused = [{ serviceNamespace: 's3', actions: ['PutObject'] }, { serviceNamespace: 'gone' }];
  const result = refineDocument({
    document: { Statement: [{ Effect: 'Allow', Action: ['*', 'custom:Do'], Resource: '*' }] },
    unused: unusedOf(unused),
    catalogue: makeCatalogue(ORIGIN, ACTIONS, { prefixes: ['older'], missing: [] }),
    generalize: 'shortest',
    keep: [],
  });
  expect(result.kind === 'refined' && result.changes[0]?.reason).toBe(
    'it stands for every service: 1 wholly unused service is removed, 1 is narrowed, 3 stay whole',
  );
});

test('what a list loses is said of the changed policies by name, and not of those through a group', () => {
  const policy = (
    name: string,
    disposition: ProposedPolicy['disposition'],
    action: string,
  ): ProposedPolicy => {
    const document = (Action: string) => ({ Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });
    return {
      source: 'role-inline',
      name,
      disposition,
      reason: '',
      before: document('*'),
      after: [{ name, document: document(action) }],
      removed: [],
      changes: [],
    };
  };
  const own = [policy('Admin', 'update', 's3:*'), policy('Power', 'update', 'sqs:*')];
  const notes = (policies: readonly ProposedPolicy[]) => beyondCatalogue(ownDocuments(policies), ORIGIN);
  expect(notes(own)).toEqual([
    'A list replaces "*" of Admin, Power: services that neither the catalogue (test 7 of 2026-01-01) nor the principal\'s policies nor the finding names are no longer granted. With star: not-action, nothing else is removed.',
  ]);
  expect(notes([...own, policy('Theirs', 'inherited', 's3:*')])).toEqual(notes(own));
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

test('each pattern of an Allow has its reason, and a Deny has none, because it stays', () => {
  const result = refineDocument({
    document: {
      Statement: [
        { Effect: 'Deny', Action: 'sqs:*', Resource: '*' },
        { Effect: 'Allow', Action: ['s3:Put*', 's3:GetObject'], Resource: '*' },
      ],
    },
    unused: unusedOf(UNUSED),
    catalogue: makeCatalogue(ORIGIN, ACTIONS),
    generalize: 'shortest',
    keep: [],
  });
  expect(result.kind === 'refined' && result.changes).toEqual([
    {
      statement: 1,
      element: 'Action',
      pattern: 's3:Put*',
      outcome: 'removed',
      to: [],
      reason: 'the one action under it is reported unused',
    },
    {
      statement: 1,
      element: 'Action',
      pattern: 's3:GetObject',
      outcome: 'kept',
      to: [],
      reason: 'not reported unused: it was used, or AWS does not track it action by action',
    },
  ]);
});

test('an action that the keep-list names is retained by the one statement that grants it', () => {
  const result = refineDocument({
    document: {
      Statement: [
        { Effect: 'Allow', Action: ['s3:GetObject'], Resource: '*' },
        { Effect: 'Allow', Action: ['nosuch:*'], Resource: '*' },
      ],
    },
    unused: unusedOf([{ serviceNamespace: 'nosuch' }]),
    catalogue: makeCatalogue(ORIGIN, ACTIONS),
    generalize: 'shortest',
    keep: ['nosuch:Later'],
  });
  expect(result.kind === 'refined' && result.retained).toEqual([
    { action: 'nosuch:Later', reason: 'the keep-list names nosuch:Later' },
  ]);
});
