import { beforeEach, describe, expect, test } from 'vitest';
import { AdapterError } from '../../../lambda/ports/system.ts';
import type { PrincipalFacts, ProposalFacts } from '../../../lambda/ports/proposals.ts';
import {
  type NotifyDependencies,
  notifyProposals,
} from '../../../lambda/use-cases/notify/notify-proposals.ts';

const throttled = new AdapterError('slow down', 'retry', 'throttled');
const malformed = new AdapterError('not a proposal', 'permanent', 'malformed');

function facts(id: string): PrincipalFacts {
  return {
    prefix: `${id}/`,
    proposalId: id,
    kind: 'remove-role',
    principal: { arn: id, type: 'role', name: id, path: '/', accountId: '1' },
    findingId: id,
    findingType: 'UnusedIAMRole',
    signature: id,
    summary: undefined,
    catalogue: undefined,
    generalize: undefined,
    policies: [],
    retained: 0,
    residue: 0,
    accessKeyId: undefined,
  };
}

/** What happened, in its order. */
let events: string[];
let stored: Map<string, 'gone' | AdapterError>;
let failing: Map<string, Error>;
let unspeakable: Set<string>;
let past: Set<string>;
/** What the overview shows. */
let rows: readonly ProposalFacts[];
let remaining: () => number;
/** Owner of a proposal by its id, and contact of an account. */
let tags: Map<string, string>;
let contacts: Map<string, string | Error>;
let settings: Partial<NotifyDependencies>;

beforeEach(() => {
  events = [];
  stored = new Map();
  failing = new Map();
  unspeakable = new Set();
  past = new Set();
  rows = [];
  remaining = () => 60_000;
  tags = new Map();
  contacts = new Map();
  settings = {};
});

const byTag: Partial<NotifyDependencies> = { owners: { contacts: undefined } };
const byContact: Partial<NotifyDependencies> = {
  owners: {
    contacts: {
      contactOf: (account) => {
        events.push(`contact ${account}`);
        const contact = contacts.get(account);
        return contact instanceof Error
          ? Promise.reject(contact)
          : Promise.resolve({ kind: 'known', email: contact });
      },
    },
  },
};

function step(name: string, what: string): Promise<void> {
  const error = failing.get(name);
  if (error !== undefined) return Promise.reject(error);
  events.push(`${name} ${what}`);
  return Promise.resolve();
}

function notify(...messages: readonly (readonly [messageId: string, id: string])[]) {
  const names = (proposals: readonly ProposalFacts[]): string => {
    for (const { proposalId } of proposals) if (unspeakable.has(proposalId)) throw new Error('no words');
    return proposals.map(({ proposalId }) => proposalId).join(' ');
  };
  return notifyProposals(
    messages.map(([messageId, id]) => ({
      messageId,
      key: `${id.replace('state of ', '')}/proposal.json`,
      isNew: !id.startsWith('state of '),
    })),
    {
      reader: {
        read: (key) => {
          const id = key.replace('/proposal.json', '');
          events.push(`read ${id}`);
          const answer = stored.get(id);
          if (answer === 'gone') return Promise.resolve({ kind: 'gone' });
          return answer === undefined
            ? Promise.resolve({
                kind: 'found',
                facts: {
                  ...facts(id),
                  ...(past.has(id) ? { state: { name: 'superseded', reason: '' } } : {}),
                  ...(tags.has(id) ? { owner: tags.get(id) } : {}),
                },
              })
            : Promise.reject(answer);
        },
      },
      compose: (proposals, addressee) => ({
        subject: 's',
        text: (addressee === undefined ? '' : `to ${addressee.owner ?? 'nobody'}: `) + names(proposals),
        json: '{}',
        attributes: { accountIds: [], kinds: [], proposalCount: proposals.length },
      }),
      notifier: { publish: ({ text }) => step('publish', text) },
      chat: { compose: names, notifier: { publish: (text) => step('chat', text) } },
      overview: {
        read: () => Promise.resolve({ rows, version: undefined }),
        write: async (entered) => {
          await step('index', names(entered));
          return true;
        },
      },
      repository: { noteReopened: (prefix) => step('note', prefix) },
      page: () => 'page',
      clock: { now: () => '', remainingMillis: () => remaining() },
      ...settings,
    },
  );
}

describe('a later state of a proposal', () => {
  test('updates the overview and sends no message, whatever it is', async () => {
    past.add('a');
    rows = [facts('b')];
    expect(await notify(['m1', 'state of a'], ['m2', 'state of b'])).toEqual({
      failed: [],
      notified: 0,
      gone: 0,
      failures: [],
    });
    expect(events).toEqual(['read a', 'read b', 'index a b']);
  });

  test('prevents a proposal that is no longer current from being announced', async () => {
    past.add('a');
    expect((await notify(['m1', 'a'], ['m2', 'state of a'], ['m3', 'b'])).notified).toBe(1);
    expect(events).toEqual(['read a', 'read b', 'index a b', 'publish b', 'chat b']);
  });
});

describe('a batch of stored proposals', () => {
  test('becomes one message, after the overview and before the chat', async () => {
    expect(await notify(['m1', 'b'], ['m2', 'a'])).toEqual({
      failed: [],
      notified: 2,
      gone: 0,
      failures: [],
    });
    expect(events).toEqual(['read a', 'read b', 'index a b', 'publish a b', 'chat a b']);
  });

  test('announces a proposal once, however often its message is delivered', async () => {
    expect(await notify(['m1', 'a'], ['m2', 'a'])).toMatchObject({ failed: [], notified: 1 });
    expect(events).toEqual(['read a', 'index a', 'publish a', 'chat a']);
  });

  test('without any proposal that still exists sends nothing', async () => {
    stored.set('a', 'gone');
    expect(await notify(['m1', 'a'])).toEqual({ failed: [], notified: 0, gone: 1, failures: [] });
    expect(events).toEqual(['read a']);
  });

  test('announces the others if one is not a proposal', async () => {
    stored.set('a', malformed);
    expect(await notify(['m1', 'a'], ['m2', 'b'], ['m3', 'a'])).toEqual({
      failed: ['m1', 'm3'],
      notified: 1,
      gone: 0,
      failures: [{ step: 'read', key: 'a/proposal.json', error: malformed }],
    });
    expect(events).toContain('publish b');
  });

  test('announces the others if one cannot be rendered', async () => {
    failing.set('index', new Error('not here'));
    unspeakable.add('a');
    const outcome = await notify(['m1', 'a'], ['m2', 'b']);
    expect(outcome).toMatchObject({ failed: ['m1'], notified: 1 });
    expect(events).toContain('publish b');
  });

  test('is retried as a whole if the message cannot be published', async () => {
    failing.set('publish', throttled);
    stored.set('c', 'gone');
    expect(await notify(['m1', 'a'], ['m2', 'b'], ['m3', 'c'])).toEqual({
      failed: ['m1', 'm2'],
      notified: 0,
      gone: 1,
      failures: [{ step: 'publish', key: undefined, error: throttled }],
    });
    expect(events).not.toContain('chat a b');
  });

  test('is retried before anybody is notified if the overview temporarily cannot be written', async () => {
    failing.set('index', throttled);
    expect(await notify(['m1', 'a'])).toMatchObject({ failed: ['m1'], notified: 0 });
    expect(events).toEqual(['read a']);
  });

  test('is announced even if the overview can never be written', async () => {
    failing.set('index', malformed);
    expect(await notify(['m1', 'a'])).toEqual({
      failed: [],
      notified: 1,
      gone: 0,
      failures: [{ step: 'index', key: undefined, error: malformed }],
    });
  });

  test('is recorded for the next sweeps before people are notified, if the overview can never be written', async () => {
    failing.set('index', malformed);
    past.add('b');
    await notify(['m1', 'a'], ['m2', 'b'], ['m3', 'state of c']);
    expect(events.slice(3)).toEqual(['note a/', 'publish a', 'chat a']);
  });

  test('is announced even if it cannot be recorded either', async () => {
    failing.set('index', malformed);
    failing.set('note', throttled);
    expect(await notify(['m1', 'a'])).toEqual({
      failed: [],
      notified: 1,
      gone: 0,
      failures: [
        { step: 'index', key: undefined, error: malformed },
        { step: 'index', key: undefined, error: throttled },
      ],
    });
  });

  test('with a proposal that was settled meanwhile is retried, because no row records that nobody was notified of it', async () => {
    failing.set('index', malformed);
    past.add('a');
    expect(await notify(['m1', 'a'], ['m2', 'state of a'], ['m3', 'b'])).toMatchObject({
      failed: ['m1', 'm2'],
      notified: 1,
    });
    expect(await notify(['m4', 'state of a'])).toMatchObject({ failed: [] });
  });

  test("keeps the overview's owner of a proposal that was gone when its owner was read", async () => {
    let reads = 0;
    const written: (string | undefined)[] = [];
    rows = [{ ...facts('a'), findingId: 'before', owner: 'ana' }];
    settings = {
      ...byContact,
      reader: {
        read: () => {
          reads += 1;
          return Promise.resolve(reads === 1 ? { kind: 'gone' } : { kind: 'found', facts: facts('a') });
        },
      },
      overview: {
        read: () => Promise.resolve({ rows, version: undefined }),
        write: (entered) => {
          written.push(...entered.map(({ owner }) => owner));
          return Promise.resolve(true);
        },
      },
    };
    await notify(['m1', 'state of a']);
    expect(written).toEqual(['ana']);
  });

  test('is not announced twice if the chat fails', async () => {
    failing.set('chat', throttled);
    expect(await notify(['m1', 'a'])).toEqual({
      failed: [],
      notified: 1,
      gone: 0,
      failures: [{ step: 'chat', key: undefined, error: throttled }],
    });
  });

  test('is announced in part if the time runs out, and the rest is retried', async () => {
    let reads = 0;
    remaining = () => (reads++ === 0 ? 19_999 : 60_000);
    const many = Array.from({ length: 20 }, (_, index) => String(index + 10));
    const outcome = await notify(...many.map((id) => [`m${id}`, id] as const));
    expect(outcome.notified).toBe(16);
    expect(outcome.failed).toEqual(['m26', 'm27', 'm28', 'm29']);
    expect(outcome.failures.map(({ step: name }) => name)).toEqual(['time', 'time', 'time', 'time']);
  });
});

describe('with owners', () => {
  test('a batch is one message for each owner, by name, and one about proposals without an owner, and one chat message', async () => {
    settings = byTag;
    tags = new Map([
      ['a', 'web'],
      ['b', 'payments'],
      ['d', 'web'],
    ]);
    const outcome = await notify(['m1', 'a'], ['m2', 'b'], ['m3', 'c'], ['m4', 'd']);
    expect(outcome).toEqual({ failed: [], notified: 4, gone: 0, failures: [] });
    expect(events.slice(4)).toEqual([
      'index a b c d',
      'publish to payments: b',
      'publish to web: a d',
      'publish to nobody: c',
      'chat b a d c',
    ]);
  });

  test('the message of one owner fails alone, and the others are not sent again', async () => {
    tags = new Map([
      ['a', 'web'],
      ['b', 'payments'],
    ]);
    settings = {
      ...byTag,
      notifier: {
        publish: ({ text }) =>
          text.startsWith('to payments') ? Promise.reject(throttled) : step('publish', text),
      },
    };
    const outcome = await notify(['m1', 'a'], ['m2', 'b'], ['m3', 'c'], ['m4', 'b']);
    expect(outcome).toEqual({
      failed: ['m2', 'm4'],
      notified: 2,
      gone: 0,
      failures: [{ step: 'publish', key: undefined, error: throttled, owner: 'payments' }],
    });
    expect(events.slice(3)).toEqual(['index a b c', 'publish to web: a', 'publish to nobody: c', 'chat a c']);
  });

  test('the contact of the account is the owner without a tag, in the overview too', async () => {
    settings = byContact;
    tags = new Map([['b', 'payments']]);
    contacts = new Map([['1', 'security@example.org']]);
    let entered: readonly ProposalFacts[] = [];
    settings = {
      ...byContact,
      overview: {
        read: () => Promise.resolve({ rows: [], version: undefined }),
        write: (all) => {
          entered = all;
          return Promise.resolve(true);
        },
      },
    };
    await notify(['m1', 'a'], ['m2', 'b'], ['m3', 'c']);
    expect(events.filter((event) => !event.startsWith('read'))).toEqual([
      'contact 1',
      'publish to payments: b',
      'publish to security@example.org: a c',
      'chat b a c',
    ]);
    expect(entered.map(({ owner }) => owner)).toEqual([
      'security@example.org',
      'payments',
      'security@example.org',
    ]);
  });

  test('proposals are announced as without an owner if AWS temporarily does not return the contact', async () => {
    settings = byContact;
    contacts = new Map([['1', throttled]]);
    expect(await notify(['m1', 'a'])).toEqual({
      failed: [],
      notified: 1,
      gone: 0,
      failures: [{ step: 'owner', key: undefined, error: throttled }],
    });
    expect(events).toContain('publish to nobody: a');
  });

  test('proposals whose owner there is no time to read are retried, and the rest is announced', async () => {
    settings = {
      ...byContact,
      reader: {
        read: (key) => {
          const id = key.replace('/proposal.json', '');
          return Promise.resolve({
            kind: 'found',
            facts: { ...facts(id), principal: { ...facts(id).principal, accountId: id } },
          });
        },
      },
    };
    let asked = 0;
    remaining = () => (asked++ === 0 ? 19_999 : 60_000);
    const outcome = await notify(['m1', 'a'], ['m2', 'b'], ['m3', 'c'], ['m4', 'd'], ['m5', 'e']);
    expect(outcome).toMatchObject({ failed: ['m5'], notified: 4 });
    expect(events).not.toContain('contact e');
  });

  test('names are made valid message attributes', async () => {
    settings = byTag;
    tags = new Map([
      ['a', '  two\nlines "x" '],
      ['b', '\u{1F600}'.repeat(300)],
      ['c', ' '],
    ]);
    await notify(['m1', 'a'], ['m2', 'b'], ['m3', 'c']);
    expect(events).toContain('publish to two?lines ?x?: a');
    expect(events).toContain(`publish to ${'\u{1F600}'.repeat(256)}: b`);
    expect(events).toContain('publish to nobody: c');
  });
});

describe('with overviews instead of messages', () => {
  test('a batch updates the overview and notifies nobody', async () => {
    settings = { isQuiet: true };
    expect(await notify(['m1', 'a'], ['m2', 'b'])).toEqual({
      failed: [],
      notified: 0,
      gone: 0,
      failures: [],
    });
    expect(events).toEqual(['read a', 'read b', 'index a b']);
  });

  test('a batch is retried if the overview can never be written, because nobody would be notified otherwise', async () => {
    settings = { isQuiet: true };
    failing.set('index', malformed);
    expect(await notify(['m1', 'a'])).toMatchObject({ failed: ['m1'], notified: 0 });
  });
});
