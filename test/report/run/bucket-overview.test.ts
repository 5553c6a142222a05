import { expect, test } from 'vitest';
import type { PrincipalFacts } from '../../../lambda/ports/proposals.ts';
import { facts as factsOf, sharedFacts } from '../facts.ts';
import { renderBucketOverview } from '../../../lambda/report/run/bucket-overview.ts';

const WHERE = { partition: 'aws', region: 'eu-west-1', bucket: 'bucket' };
const REFERENCE = 'AWS Service Authorization Reference';

function facts(name: string, catalogue: PrincipalFacts['catalogue']): PrincipalFacts {
  return {
    prefix: `proposals/111122223333/role/${name}/1/`,
    proposalId: '1',
    kind: 'refine-permissions',
    principal: {
      arn: `arn:aws:iam::111122223333:role/${name}`,
      type: 'role',
      name,
      path: '/',
      accountId: '111122223333',
    },
    findingId: 'f-1',
    findingType: 'UnusedPermission',
    summary: undefined,
    signature: name,
    catalogue,
    generalize: 'shortest',
    policies: [],
    retained: 0,
    residue: 0,
    accessKeyId: undefined,
  };
}

/** The catalogue that the overview of these proposals names. */
function named(...catalogues: readonly PrincipalFacts['catalogue'][]): string | undefined {
  const rows = catalogues.map((catalogue, n) => facts(`Role${String(n)}`, catalogue));
  return /action catalogue (.+?):/.exec(renderBucketOverview(rows, WHERE, '1.0.0'))?.[1];
}

const embedded = (version: string) => ({ source: 'embedded', version, services: 456, actions: 22_091 });
const read = (version: string, actions: number) => ({ source: REFERENCE, version, services: 456, actions });

test('the overview names the newest embedded catalogue, by its version', () => {
  expect(named(embedded('0.21.3'), embedded('0.21.5'), undefined, embedded('0.21.4'))).toBe(
    'embedded 0.21.5',
  );
});

test('the overview prefers a catalogue that was read from AWS, and of several the largest', () => {
  expect(named(read('aaa', 22_000), embedded('0.21.3'))).toBe(`${REFERENCE} aaa`);
  expect(named(read('fff', 22_000), read('aaa', 22_400), embedded('z'))).toBe(`${REFERENCE} aaa`);
});

test('shared proposals have a separate list, whose links open in the console', () => {
  const page = renderBucketOverview([facts('Role', undefined), sharedFacts('Orders')], WHERE, '1.0.0');
  const list = page.slice(page.indexOf('id="shared"'));
  expect(list).toContain(
    'https://eu-west-1.console.aws.amazon.com/s3/object/bucket?region=eu-west-1&amp;prefix=shared/123456789012/policy/Orders/00000000000000000000000000000abc/report.html',
  );
  expect(list).toContain('1 proposal.');
  expect(list).toContain('50 → 30');
  expect(renderBucketOverview([facts('Role', undefined)], WHERE, '1.0.0')).not.toContain('id="shared"');
});

test('shared proposals that are no longer current come last, with the reason, and are not counted', () => {
  const state = { name: 'applied', reason: 'customer managed policy Gone is as it proposes' } as const;
  const shared = [sharedFacts('Gone', { principals: 99, state }), sharedFacts('Orders')];
  const page = renderBucketOverview(shared, WHERE, '1.0.0');
  const list = page.slice(page.indexOf('id="shared"'));
  expect(list).toContain('1 proposal, 1 no longer current.');
  expect(page).not.toContain('nothing has been changed');
  expect(renderBucketOverview([sharedFacts('Orders')], WHERE, '1.0.0')).toContain('nothing has been changed');
  expect(list.indexOf('>Orders</a')).toBeLessThan(list.indexOf('>Gone</a'));
  expect(list.slice(list.indexOf('>Orders</a'))).toMatch(
    /<tr class="soft">\s*<td>\s*<a [^>]*>Gone<\/a\s*> <span class="tag">applied<\/span>\s*<small>policy · 123456789012 · no longer current: customer managed policy Gone is as it proposes<\/small/,
  );
});

test('the overview shows who accepted a proposal and who keeps something, for principals and shared subjects', () => {
  const decisions = ['accepted by ana on 2026-11-29: agreed', 'kept by bob on 2026-11-30: used'];
  const page = renderBucketOverview(
    [{ ...facts('Role', undefined), decisions }, sharedFacts('Orders', { decisions: decisions.slice(0, 1) })],
    WHERE,
    '1.0.0',
  );
  const shared = page.indexOf('id="shared"');
  expect(page.slice(0, shared)).toContain('accepted by ana on 2026-11-29: agreed');
  expect(page.slice(0, shared)).toContain('kept by bob on 2026-11-30: used');
  expect(page.slice(shared)).toContain(' · accepted by ana on 2026-11-29: agreed');
});

test('the overview shows how many actions each proposal removes', () => {
  expect(renderBucketOverview([factsOf('Orders')], WHERE, '1.0.0')).toContain(
    '<td data-head="Actions">84 → 54</td>',
  );
});
