import { expect, test } from 'vitest';
import { simulate } from './simulation.ts';

/** `npm run simulate -- apply 100000` plays more. */
const ALL = 600;
const SEEDS = Number(process.env['APPLY_SEEDS'] ?? ALL);

test('with any faults and concurrent changes, no change of others is undone, nothing used is missing, and apply can be completed', async () => {
  const covered = new Set<string>();
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const { subject, outcomes, events } = await simulate(seed).catch((error: unknown) => {
      throw new Error(`seed ${String(seed)}`, { cause: error });
    });
    for (const outcome of outcomes) covered.add(`${subject}: ${outcome}`);
    for (const event of events) {
      if (event.startsWith('somebody else: '))
        covered.add(event.replace(/(?<=inline policy )\S+|arn:\S+/g, '…'));
    }
  }
  if (SEEDS < ALL) return;
  // The histories must have in them what they are about, or the sentence above says little.
  expect([...covered].sort()).toEqual([
    'refinement: apply done',
    'refinement: apply failed',
    'refinement: apply killed',
    'refinement: apply refused',
    'refinement: rollback done',
    'refinement: rollback failed',
    'refinement: rollback killed',
    'refinement: rollback refused',
    'removal: apply done',
    'removal: apply failed',
    'removal: apply killed',
    'removal: apply refused',
    'removal: rollback done',
    'removal: rollback failed',
    'removal: rollback killed',
    'removal: rollback refused',
    'shared: apply done',
    'shared: apply failed',
    'shared: apply killed',
    'shared: apply refused',
    'shared: rollback done',
    'shared: rollback failed',
    'shared: rollback killed',
    'shared: rollback refused',
    'somebody else: a new default version of …',
    'somebody else: a new holder',
    'somebody else: a new password',
    'somebody else: a staged version of …',
    'somebody else: another policy attached',
    'somebody else: group devs deleted and made again',
    'somebody else: role a deleted and made again',
    'somebody else: role b deleted and made again',
    'somebody else: the inline policy …',
    'somebody else: the key deactivated',
    'somebody else: the key used',
    'somebody else: the password used',
    'somebody else: the role used',
    'somebody else: the subject deleted and made again',
    'somebody else: user m deleted and made again',
    'somebody else: … a boundary',
    'somebody else: … attached to others',
    'somebody else: … deleted and made again',
    'somebody else: … detached in an incident',
  ]);
}, 300_000);
