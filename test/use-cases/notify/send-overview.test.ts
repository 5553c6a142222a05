import { beforeEach, describe, expect, test } from 'vitest';
import type { Announced } from '../../../lambda/ports/notify.ts';
import { type PrincipalFacts, type ProposalFacts, subjectIn } from '../../../lambda/ports/proposals.ts';
import { type OverviewDependencies, sendOverview } from '../../../lambda/use-cases/notify/send-overview.ts';
import { facts } from '../../report/facts.ts';

let known: readonly ProposalFacts[];
let announced: Announced | undefined;
let version: number;
/** What happened, in its order. */
let events: string[];
let failing: string | undefined;

beforeEach(() => {
  known = [];
  announced = undefined;
  version = 0;
  events = [];
  failing = undefined;
});

function step(name: string): Promise<void> {
  if (failing === name) return Promise.reject(new Error(name));
  events.push(name);
  return Promise.resolve();
}

function at(name: string, id = '1', part: Partial<PrincipalFacts> = {}): PrincipalFacts {
  return facts(name, { prefix: `proposals/123456789012/role/${name}/${id}/`, ...part });
}

function send(different: Partial<OverviewDependencies> = {}) {
  return sendOverview({
    overview: {
      read: () => Promise.resolve({ rows: known, version: undefined }),
      write: (rows) => {
        known = rows;
        return Promise.resolve(true);
      },
    },
    page: () => 'page',
    clock: { now: () => '', remainingMillis: () => 60_000 },
    announced: {
      read: () => Promise.resolve({ announced, version: version === 0 ? undefined : `"${String(version)}"` }),
      write: async (next, from) => {
        await step(`note ${String(next.proposals)} from ${from ?? 'nothing'}`);
        announced = next;
        version += 1;
        return true;
      },
    },
    notifier: { publish: ({ text }) => step(text) },
    composeOverview: (proposals, before) => ({
      subject: 's',
      text: `tell ${proposals.map((facts) => subjectIn(facts).name).join(' ')}, before ${String(before)}`,
      json: '{}',
      attributes: { accountIds: [], kinds: [], proposalCount: proposals.length, overview: true },
    }),
    overviewChat: undefined,
    digest: (text) => `digest of ${text}`,
    ...different,
  });
}

describe('the overview', () => {
  test('announces everything once, and again after something was stored', async () => {
    known = [at('b'), at('a')];
    expect(await send()).toEqual({ kind: 'sent', proposals: 2 });
    expect(await send()).toEqual({ kind: 'nothing-new' });
    known = [at('a'), at('b')];
    expect(await send()).toEqual({ kind: 'nothing-new' });
    known = [at('a'), at('b', '2')];
    expect(await send()).toEqual({ kind: 'sent', proposals: 2 });
    expect(events).toEqual([
      'tell b a, before undefined',
      'note 2 from nothing',
      'tell a b, before 2',
      'note 2 from "1"',
    ]);
  });

  test('omits proposals that are no longer current, and is not sent because one was settled', async () => {
    known = [at('a'), at('b')];
    await send();
    known = [at('a'), at('b', '1', { state: { name: 'applied', reason: 'it is in place' } })];
    expect(await send()).toEqual({ kind: 'nothing-new' });
    known = [...known, at('c')];
    expect(await send()).toEqual({ kind: 'sent', proposals: 2 });
    expect(events.at(-2)).toBe('tell a c, before 2');
  });

  test('is sent once for a proposal that is current again and was never announced', async () => {
    known = [at('a'), at('b', '1', { state: { name: 'superseded', reason: '' }, unannounced: true })];
    await send();
    expect(await send()).toEqual({ kind: 'nothing-new' });
    known = [at('a'), at('b', '1', { unannounced: true })];
    expect(await send()).toEqual({ kind: 'sent', proposals: 2 });
    expect(known.map(({ unannounced }) => unannounced)).toEqual([undefined, undefined]);
    expect(await send()).toEqual({ kind: 'nothing-new' });
  });

  test('is not sent if there is nothing current', async () => {
    expect(await send()).toEqual({ kind: 'nothing-new' });
    known = [at('a', '1', { state: { name: 'resolved', reason: 'gone' } })];
    expect(await send()).toEqual({ kind: 'nothing-new' });
    expect(events).toEqual([]);
  });

  test('is not recorded if it could not be published, and is sent the next time', async () => {
    known = [at('a')];
    failing = 'tell a, before undefined';
    await expect(send()).rejects.toThrow('tell a');
    expect(announced).toBeUndefined();
    failing = undefined;
    expect(await send()).toEqual({ kind: 'sent', proposals: 1 });
  });

  test('goes to the chat last, and a failure there does not send it again', async () => {
    known = [at('a')];
    const chat = { compose: () => 'chat', notifier: { publish: step } };
    expect(await send({ overviewChat: chat })).toEqual({ kind: 'sent', proposals: 1 });
    expect(events.at(-1)).toBe('chat');
    known = [at('b')];
    failing = 'chat';
    expect(await send({ overviewChat: chat })).toMatchObject({
      kind: 'sent',
      chatError: { message: 'chat' },
    });
    expect(await send({ overviewChat: chat })).toEqual({ kind: 'nothing-new' });
  });
});
