import { beforeEach, describe, expect, test } from 'vitest';
import type { ContactAnswer } from '../../../lambda/ports/notify.ts';
import type { Overview, PrincipalFacts, ProposalFacts } from '../../../lambda/ports/proposals.ts';
import { updateOverview } from '../../../lambda/use-cases/notify/update-overview.ts';
import { notifyProposals } from '../../../lambda/use-cases/notify/notify-proposals.ts';
import { facts } from '../../report/facts.ts';

/* Two notifiers, a state that changes meanwhile, and what each of them tells. */

const SETTLED = { name: 'resolved', reason: 'the finding is gone' } as const;
const one = facts('Orders');
const KEY = `${one.prefix}proposal.json`;
const CLOCK = { now: () => '', remainingMillis: () => 60_000 };

let stored: PrincipalFacts | undefined;
let rows: readonly ProposalFacts[];
let version: number;
let told: string[];
let beforeWrite: () => void;

const overview: Overview = {
  read: () => Promise.resolve({ rows, version: String(version) }),
  write: (all, _, from) => {
    beforeWrite();
    if (from !== String(version)) return Promise.resolve(false);
    rows = all;
    version += 1;
    return Promise.resolve(true);
  },
};

beforeEach(() => {
  stored = one;
  rows = [];
  version = 0;
  told = [];
  beforeWrite = () => undefined;
});

function notify(isNew: boolean, contactOf?: () => Promise<ContactAnswer>, publish = () => Promise.resolve()) {
  return notifyProposals([{ messageId: 'm', key: KEY, isNew }], {
    reader: {
      read: () => Promise.resolve(stored ? { kind: 'found', facts: stored } : { kind: 'gone' }),
    },
    notifier: {
      publish: async ({ text }) => {
        await publish();
        told.push(text);
      },
    },
    compose: (all) => ({
      subject: '',
      text: all.map(({ prefix }) => prefix).join(' '),
      json: '',
      attributes: { accountIds: [], kinds: [], proposalCount: all.length },
    }),
    chat: undefined,
    overview,
    repository: { noteReopened: () => Promise.resolve() },
    page: () => '',
    clock: CLOCK,
    ...(contactOf ? { owners: { contacts: { contactOf } } } : {}),
  });
}

const shown = () => rows.map(({ state }) => state?.name ?? 'current');

describe('the overview has the later of two readings', () => {
  test('if the earlier one is delayed between reading and writing', async () => {
    let go = (): void => undefined;
    const slow = new Promise<ContactAnswer>((resolve) => {
      go = () => {
        resolve({ kind: 'known', email: undefined });
      };
    });
    const first = notify(true, () => slow);
    await Promise.resolve();
    stored = { ...one, state: SETTLED };
    await notify(false);
    expect(shown()).toEqual(['resolved']);
    go();
    await first;
    expect(shown()).toEqual(['resolved']);
    expect(told).toEqual([]);
  });

  test.each<[string, PrincipalFacts]>([
    ['what stops the proposal', { ...one, warnings: ['it was used'] }],
    ['what is to be known of it', { ...one, remark: 'the catalogue grew' }],
    ['the finding that it rests on', { ...one, findingId: 'other' }],
  ])('if both say current, and the later one has %s', async (_, later) => {
    rows = [later];
    await updateOverview(
      [{ prefix: one.prefix, reading: { kind: 'found', facts: one }, isNew: false, isOwnerKnown: true }],
      {
        overview,
        page: () => '',
        again: () => Promise.resolve({ kind: 'found', facts: later }),
        clock: CLOCK,
      },
    );
    expect(rows).toEqual([later]);
  });

  test('if the earlier one loses the race for the overview and tries again', async () => {
    beforeWrite = () => {
      beforeWrite = () => undefined;
      stored = { ...one, state: SETTLED };
      rows = [stored];
      version += 1;
    };
    await notify(true);
    expect(shown()).toEqual(['resolved']);
  });
});

test('a proposal that has expired leaves the overview', async () => {
  await notify(true);
  stored = undefined;
  expect(await notify(false)).toMatchObject({ gone: 1, failures: [] });
  expect(rows).toEqual([]);
});

describe('a row records whether people were notified:', () => {
  test('a proposal that was settled before its announcement is announced once when it is current again', async () => {
    stored = { ...one, state: SETTLED };
    await notify(true);
    expect([rows[0]?.unannounced, told]).toEqual([true, []]);
    stored = one;
    await notify(false);
    await notify(false);
    expect([rows[0]?.unannounced, told]).toEqual([undefined, [one.prefix]]);
  });

  test('an announced proposal is not announced again when it is current again', async () => {
    await notify(true);
    stored = { ...one, state: SETTLED };
    await notify(false);
    stored = one;
    await notify(false);
    expect(told).toEqual([one.prefix]);
  });

  test('a proposal whose message could not be published stays unannounced', async () => {
    await notify(false, undefined, () => Promise.reject(new Error('no')));
    expect([rows[0]?.unannounced, told]).toEqual([true, []]);
    await notify(false);
    expect([rows[0]?.unannounced, told]).toEqual([undefined, [one.prefix]]);
  });
});

describe('the owner of a proposal in the overview', () => {
  const known = (email: string | undefined) => () => Promise.resolve({ kind: 'known', email } as const);
  const refused = () => Promise.resolve({ kind: 'refused' } as const);
  const owners = () => rows.map(({ owner }) => owner);

  test('is kept if the contact temporarily may not be read', async () => {
    stored = { ...one, owner: undefined };
    await notify(true, known('orders@example.org'));
    expect(owners()).toEqual(['orders@example.org']);
    stored = { ...stored, state: SETTLED };
    await notify(false, refused);
    expect([owners(), shown()]).toEqual([['orders@example.org'], ['resolved']]);
  });

  test('is removed if the account no longer has such a contact', async () => {
    stored = { ...one, owner: undefined };
    await notify(true, known('orders@example.org'));
    stored = { ...stored, state: SETTLED };
    await notify(false, known(undefined));
    expect(owners()).toEqual([undefined]);
  });
});

test('proposals that cannot be read again in time are retried, and the overview is written in time', async () => {
  const all = Array.from({ length: 40 }, (_, n) => facts(`role-${String(n).padStart(2, '0')}`));
  rows = all;
  let remaining = 60_000;
  const at: number[] = [];
  const outcome = await updateOverview(
    all.map((row) => ({
      prefix: row.prefix,
      reading: { kind: 'found', facts: { ...row, state: SETTLED } },
      isNew: false,
      isOwnerKnown: true,
    })),
    {
      overview: {
        read: overview.read,
        write: (...of) => {
          at.push(remaining);
          return overview.write(...of);
        },
      },
      page: () => '',
      // Each takes two seconds.
      again: ({ reading }) => {
        remaining -= 2_000;
        return Promise.resolve(reading);
      },
      clock: { now: () => '', remainingMillis: () => remaining },
    },
  );
  expect(at).toEqual([8_000]);
  expect(outcome.late).toEqual(all.slice(26).map(({ prefix }) => prefix));
  expect(shown()).toEqual([...Array<string>(26).fill('resolved'), ...Array<string>(14).fill('current')]);
});
