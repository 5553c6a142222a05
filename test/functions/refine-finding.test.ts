import { describe, expect, test } from 'vitest';
import type { OpinionName } from '../../lambda/contract/settings.ts';
import { refineFindingHandler } from '../../lambda/functions/refine-finding.ts';
import { makeCatalogue } from '../../lambda/core/catalogue/catalogue.ts';
import { VerificationError } from '../../lambda/core/verify/verification-error.ts';
import { AccountUnreachable, AdapterError } from '../../lambda/ports/system.ts';
import type { DeferredMessages, FindingReference } from '../../lambda/ports/findings.ts';
import { Deferral } from '../../lambda/runtime/defer.ts';
import { Telemetry } from '../../lambda/runtime/telemetry.ts';
import { OpinionBlock } from '../../lambda/ports/opinions.ts';
import type { ProposeOutcome } from '../../lambda/use-cases/propose/outcome.ts';
import { PREFIX, PROPOSAL } from '../adapters/aws/proposals.ts';
import { batchOf, captureOutput, invocation } from '../runtime/captured-output.ts';
import { ANALYZER, FINDING_EVENT, SWEPT_FINDING } from './samples.ts';

const output = captureOutput();
const ZEROS = {
  ProposalsStored: 0,
  ProposalsExisting: 0,
  PrincipalsUnchanged: 0,
  FindingsSkipped: 0,
  FindingsGone: 0,
  EventsIgnored: 0,
  FindingsFailed: 0,
  PoliciesRefused: 0,
  VerificationFailures: 0,
  DocumentErrors: 0,
  AccessDenied: 0,
  Throttled: 0,
  FindingsDeferred: 0,
  AccountsUnreachable: 0,
  FindingsUnreachable: 0,
  MalformedMessages: 0,
  CataloguesInvalid: 0,
  CataloguesOld: 0,
};
const stored: ProposeOutcome = {
  kind: 'proposed',
  proposal: PROPOSAL,
  stored: { prefix: PREFIX, outcome: 'stored' },
  refused: [{ policy: 'Odd', reason: 'not JSON' }],
  decisions: [],
};

type Propose = (
  reference: FindingReference,
  runId: string,
  now: string,
) => Promise<readonly ProposeOutcome[]>;

function run(event: unknown, propose: Propose, context = invocation(), waiting: Waiting = {}) {
  const kept: string[] = [];
  const final: string[] = [];
  const withdrawn: ProposeOutcome[] = [];
  const telemetry = new Telemetry('refine-finding');
  const parts = {
    analyzerArn: ANALYZER,
    dependencies: {} as never,
    catalogue: { load: () => Promise.resolve(makeCatalogue({ source: 'test', version: '1', date: '' }, [])) },
    lifecycle: {
      refine: async (
        _: unknown,
        __: unknown,
        work: (store: never, isLive: boolean) => Promise<readonly ProposeOutcome[]>,
      ) => {
        const outcomes = await work({} as never, true);
        withdrawn.push(...outcomes);
        return outcomes;
      },
      withhold: ({ about, opinion, reason }: OpinionBlock) => {
        if (waiting.cannotKeepBack) {
          return Promise.reject(new AdapterError('cannot write', 'retry', 'unavailable'));
        }
        final.push(
          `${about.proposalId} ${opinion} ${reason}, metrics written ${String(output.written())} times`,
        );
        return Promise.resolve();
      },
    },
    failures: {
      keep: (findingId: string, replay: string) => {
        if (waiting.cannotKeepInput) {
          return Promise.reject(new AdapterError('cannot write', 'retry', 'unavailable'));
        }
        kept.push(`${findingId} ${replay}`);
        return Promise.resolve(`failures/${findingId}.json`);
      },
    },
    deferral: new Deferral({
      pauses: {
        pausedMillis: (accountId) => waiting.paused?.(accountId) ?? 0,
        isBusy: (accountId) => waiting.busy?.(accountId) ?? false,
      },
      messages: waiting.messages,
      telemetry,
    }),
    telemetry,
    tracing: {
      client: <C extends object>(client: C) => client,
      invocation: <T>(_: string, work: () => Promise<T>) => work(),
    },
  };
  const handler = refineFindingHandler(parts, (reference, { runId, clock }) =>
    propose(reference, runId, clock.now()),
  );
  return { response: handler(event, context), kept, final, withdrawn };
}

function finding(findingId: string) {
  return { ...SWEPT_FINDING, findingId };
}

/** Which accounts pause or are busy, where messages wait, and what cannot be written. */
interface Waiting {
  readonly busy?: (accountId: string) => boolean;
  readonly paused?: (accountId: string) => number;
  readonly messages?: DeferredMessages;
  readonly cannotKeepBack?: boolean;
  readonly cannotKeepInput?: boolean;
}

const THROTTLED = new AdapterError('cannot read the role: Throttling: Rate exceeded', 'retry', 'throttled');
const PAUSED = '444455556666';

/** A queue that notes what waits in it, and for how long. */
function noting() {
  const sent: unknown[] = [];
  const messages: DeferredMessages = {
    sendLater: (message, seconds) => {
      sent.push({ ...message, seconds });
      return Promise.resolve();
    },
  };
  return { sent, messages };
}

describe('findings of an account that cannot be reached', () => {
  const refused = () => new AccountUnreachable('111122223333', 'account 111122223333 cannot be reached');

  test('are left to the next sweep: none fails, each is counted, and the account is logged once', async () => {
    const batch = batchOf(finding('f1'), finding('f2'), finding('f3'));
    const { response } = run(batch, () => Promise.reject(refused()));
    expect(await response).toEqual({ batchItemFailures: [] });
    expect(output.metrics()).toMatchObject({
      AccountsUnreachable: 1,
      FindingsUnreachable: 3,
      FindingsFailed: 0,
      AccessDenied: 0,
    });
    const lines = output.logs();
    expect(lines.filter(({ message }) => message === 'account cannot be reached')).toMatchObject([
      { level: 'ERROR', accountId: SWEPT_FINDING.accountId, error: 'account 111122223333 cannot be reached' },
    ]);
    expect(
      lines
        .filter(({ message }) => message === 'finding is left to the next sweep')
        .map((line) => line['findingId']),
    ).toEqual(['f1', 'f2', 'f3']);
  });

  test('do not hide another access-denied error', async () => {
    const denied = new AdapterError('cannot read the role: AccessDenied', 'permanent', 'access-denied');
    const { response } = run(batchOf(finding('f1')), () => Promise.reject(denied));
    expect((await response).batchItemFailures).toHaveLength(1);
    expect(output.metrics()).toMatchObject({ AccountsUnreachable: 0, FindingsFailed: 1, AccessDenied: 1 });
  });
});

describe('a batch of findings', () => {
  test('is handled, whether they come as events or from a sweep', async () => {
    const seen: string[] = [];
    const { response } = run(batchOf(FINDING_EVENT, SWEPT_FINDING), (reference, runId) => {
      seen.push(`${reference.findingId} ${reference.accountId} ${runId}`);
      return Promise.resolve([stored]);
    });
    expect(await response).toEqual({ batchItemFailures: [] });
    // Two are worked on at once.
    expect(seen.sort()).toEqual([
      'b8ae0460-5d29-4922-b92a-ba956c986277 111122223333 request-1',
      'swept-1 111122223333 request-1',
    ]);
    expect(output.metrics()).toEqual({ ...ZEROS, ProposalsStored: 2, PoliciesRefused: 2 });
  });

  test('counts every kind of outcome', async () => {
    const outcomes: readonly ProposeOutcome[] = [
      { ...stored, stored: { prefix: PREFIX, outcome: 'exists' }, refused: [] },
      { kind: 'unchanged', principal: PROPOSAL.principal, reason: 'nothing', refused: [], residue: 3 },
      { kind: 'skipped', resource: 'r', code: 'excluded', reason: 'the tag' },
      { kind: 'gone', resource: 'r', what: 'principal' },
    ];
    const { response } = run(batchOf(SWEPT_FINDING), () => Promise.resolve(outcomes));
    expect(await response).toEqual({ batchItemFailures: [] });
    expect(output.metrics()).toEqual({
      ...ZEROS,
      ProposalsExisting: 1,
      PrincipalsUnchanged: 1,
      FindingsSkipped: 1,
      FindingsGone: 1,
    });
    expect(output.logs().map(({ message }) => message)).toEqual([
      'proposal exists',
      'nothing to change',
      'finding is skipped',
      'principal is gone',
    ]);
  });

  test('keeps what failed in the queue and nothing else', async () => {
    const batch = batchOf(finding('1'), 'poison', finding('2'), finding('3'), {
      ...FINDING_EVENT,
      source: 'my.app',
    });
    const { response } = run(batch, ({ findingId }) =>
      findingId === '2'
        ? Promise.reject(new AdapterError('slow down', 'retry', 'throttled'))
        : Promise.resolve([stored]),
    );
    const { batchItemFailures } = await response;
    expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).sort()).toEqual(['m-1', 'm-2']);
    expect(output.metrics()).toMatchObject({
      ProposalsStored: 2,
      Throttled: 1,
      MalformedMessages: 1,
      EventsIgnored: 1,
    });
  });

  test('counts denied access for the alarm', async () => {
    const { response } = run(batchOf(SWEPT_FINDING), () =>
      Promise.reject(new AdapterError('cannot read the role', 'permanent', 'access-denied')),
    );
    expect(await response).toEqual({ batchItemFailures: [{ itemIdentifier: 'm-0' }] });
    expect(output.metrics()).toMatchObject({ AccessDenied: 1 });
    expect(output.logs()).toMatchObject([
      {
        level: 'ERROR',
        message: 'finding failed',
        function: 'refine-finding',
        requestId: 'request-1',
        service: 'unused-access-refiner',
        findingId: 'swept-1',
        accountId: '111122223333',
        error: 'cannot read the role',
        code: 'access-denied',
        decision: 'permanent',
      },
    ]);
  });

  test('with a failed verification stores the input in the bucket, and does not log it', async () => {
    const { response, kept } = run(batchOf(SWEPT_FINDING), () =>
      Promise.reject(new VerificationError('s3:GetObject went', '{"policy":"very secret"}')),
    );
    expect(await response).toEqual({ batchItemFailures: [{ itemIdentifier: 'm-0' }] });
    expect(kept).toEqual(['swept-1 {"policy":"very secret"}']);
    expect(output.metrics()).toMatchObject({ VerificationFailures: 1 });
    expect(output.text()).toContain('failures/swept-1.json');
    expect(output.text()).not.toContain('very secret');
  });

  describe('with a proposal that a check of AWS rejects', () => {
    const blocked = (opinion: OpinionName, replay?: string) => () =>
      Promise.reject(new OpinionBlock(PROPOSAL, opinion, 'policy Read: FAIL', replay));

    test.each([
      ['no-new-access', '{"policy":"very secret"}', { VerificationFailures: 1, DocumentErrors: 0 }],
      ['validate-policy', undefined, { VerificationFailures: 0, DocumentErrors: 1 }],
    ] as const)('is done, and logged once: %s', async (opinion, replay, counts) => {
      const { response, kept, final, withdrawn } = run(batchOf(SWEPT_FINDING), blocked(opinion, replay));
      expect(await response).toEqual({ batchItemFailures: [] });
      expect(kept).toEqual(replay === undefined ? [] : [`swept-1 ${replay}`]);
      // The alarm is written out before the disagreement becomes final.
      expect(final).toEqual([`${PROPOSAL.proposalId} ${opinion} policy Read: FAIL, metrics written 1 times`]);
      expect(output.totals()).toEqual({ ...ZEROS, ...counts, FindingsSkipped: 1 });
      expect(withdrawn).toMatchObject([{ kind: 'skipped', code: 'withheld' }]);
      expect(output.logs()[0]).toMatchObject({
        level: 'ERROR',
        message: 'proposal is withheld',
        error: `the finding f-1 gets no proposal for ${PROPOSAL.principal.arn}, because AWS's own check speaks against it: policy Read: FAIL`,
        code: opinion,
      });
      expect(output.text()).not.toContain('very secret');
    });

    test('stays in the queue if the rejection cannot be stored', async () => {
      const { response } = run(batchOf(SWEPT_FINDING), blocked('no-new-access'), invocation(), {
        cannotKeepBack: true,
      });
      expect(await response).toEqual({ batchItemFailures: [{ itemIdentifier: 'm-0' }] });
      expect(output.totals()).toMatchObject({ VerificationFailures: 1, FindingsFailed: 1 });
    });

    test('stays in the queue if its input cannot be stored', async () => {
      const { response, final } = run(batchOf(SWEPT_FINDING), blocked('no-new-access', '{}'), invocation(), {
        cannotKeepInput: true,
      });
      expect(await response).toEqual({ batchItemFailures: [{ itemIdentifier: 'm-0' }] });
      expect(final).toEqual([]);
    });
  });

  test('logs ids and counts, and neither documents nor the text of an unforeseen error', async () => {
    const { response } = run(batchOf(finding('1'), finding('2')), ({ findingId }) =>
      findingId === '1'
        ? Promise.resolve([stored])
        : Promise.reject(new TypeError('at {"Action":"s3:Get*"}')),
    );
    expect(await response).toEqual({ batchItemFailures: [{ itemIdentifier: 'm-1' }] });
    expect(output.logs()).toMatchObject([
      { message: 'proposal is stored', prefix: PREFIX, refusedPolicies: 1 },
      { message: 'finding failed', error: 'TypeError', code: 'unexpected' },
    ]);
    expect(output.text()).not.toContain('s3:Get');
  });

  test('begins no further records when the time runs short, and those are retried', async () => {
    const seen: string[] = [];
    const { response } = run(
      batchOf(finding('1'), finding('2'), finding('3'), finding('4')),
      ({ findingId }) => {
        seen.push(findingId);
        return Promise.resolve([]);
      },
      // The first record begins however little time there is.
      invocation(() => 30_000),
    );
    const { batchItemFailures } = await response;
    expect(seen).toEqual(['1']);
    expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).sort()).toEqual([
      'm-1',
      'm-2',
      'm-3',
    ]);
  });

  test('is handled two findings at a time', async () => {
    let active = 0;
    let most = 0;
    const { response } = run(batchOf(...['1', '2', '3', '4', '5'].map(finding)), async () => {
      active += 1;
      most = Math.max(most, active);
      await new Promise((resolve) => setImmediate(resolve));
      active -= 1;
      return [];
    });
    await response;
    expect(most).toBe(2);
  });

  test('that is not a batch is an error of the invocation, and the metrics are still written', async () => {
    const { response } = run({ detail: {} }, () => Promise.resolve([]));
    await expect(response).rejects.toThrow('invoke it through its queue');
    expect(output.metrics()).toEqual(ZEROS);
  });
});

describe('a finding whose account is paused', () => {
  const event = { ...FINDING_EVENT, detail: { ...FINDING_EVENT.detail, accountId: PAUSED } };

  test('is deferred without being handled, and findings of other accounts are handled', async () => {
    const { sent, messages } = noting();
    const seen: string[] = [];
    const batch = batchOf(event, finding('1'), { ...SWEPT_FINDING, accountId: PAUSED }, finding('2'));
    const paused = (accountId: string) => (accountId === PAUSED ? 61_001 : 0);
    const { response } = run(
      batch,
      ({ findingId }) => {
        seen.push(findingId);
        return Promise.resolve([stored]);
      },
      invocation(),
      { paused, messages },
    );
    // The original is done, so its attempts do not count.
    expect(await response).toEqual({ batchItemFailures: [] });
    expect(seen).toEqual(['1', '2']);
    expect(sent).toEqual([
      { body: JSON.stringify(event), accountId: PAUSED, deferrals: 1, seconds: 62 },
      {
        body: JSON.stringify({ ...SWEPT_FINDING, accountId: PAUSED }),
        accountId: PAUSED,
        deferrals: 1,
        seconds: 62,
      },
    ]);
    expect(output.metrics()).toMatchObject({ FindingsDeferred: 2, Throttled: 0, ProposalsStored: 2 });
  });

  test.each([
    [1, 30],
    [899_001, 900],
    [3_600_000, 900],
  ])('for %i ms is deferred by %i seconds', async (millis, seconds) => {
    const { sent, messages } = noting();
    await run(batchOf(SWEPT_FINDING), () => Promise.resolve([]), invocation(), {
      paused: () => millis,
      messages,
    }).response;
    expect(sent).toMatchObject([{ seconds }]);
  });

  test('by its own throttling is deferred too, with the reason in the log', async () => {
    const { sent, messages } = noting();
    let pause = 0;
    const { response } = run(
      batchOf(finding('1'), finding('2'), finding('3')),
      ({ findingId }) => {
        if (findingId === '2') return Promise.resolve([stored]);
        pause = 30_000;
        return Promise.reject(THROTTLED);
      },
      invocation(),
      { paused: () => pause, messages },
    );
    expect(await response).toEqual({ batchItemFailures: [] });
    expect(sent).toHaveLength(2);
    // The first was throttled, the third was not even tried.
    expect(output.metrics()).toMatchObject({ FindingsDeferred: 2, Throttled: 1, ProposalsStored: 1 });
    expect(output.logs().find(({ findingId }) => findingId === '1')).toMatchObject({
      level: 'INFO',
      message: 'finding is deferred: its account is throttled',
      error: 'cannot read the role: Throttling: Rate exceeded',
      deferrals: 1,
      seconds: 30,
    });
  });

  test('counts its deferrals, and fails after 96 of them', async () => {
    const { sent, messages } = noting();
    const waited = (times: string) => ({ deferrals: { stringValue: times, dataType: 'Number' } });
    const [one, two] = (batchOf(finding('1'), finding('2')) as { Records: object[] }).Records;
    const event = {
      Records: [
        { ...one, messageAttributes: waited('95') },
        { ...two, messageAttributes: waited('96') },
      ],
    };
    const { response } = run(event, () => Promise.reject(THROTTLED), invocation(), {
      paused: () => 30_000,
      messages,
    });
    expect(await response).toEqual({ batchItemFailures: [{ itemIdentifier: 'm-1' }] });
    expect(sent).toMatchObject([{ deferrals: 96 }]);
    expect(output.metrics()).toMatchObject({ FindingsDeferred: 1, Throttled: 1 });
    expect(output.logs().map(({ message }) => message)).toContain('finding was deferred often enough');
  });

  test('that cannot be deferred stays in the queue', async () => {
    const messages: DeferredMessages = {
      sendLater: () => Promise.reject(new AdapterError('no queue', 'retry', 'unavailable')),
    };
    const { response } = run(batchOf(SWEPT_FINDING), () => Promise.reject(THROTTLED), invocation(), {
      paused: () => 30_000,
      messages,
    });
    expect(await response).toEqual({ batchItemFailures: [{ itemIdentifier: 'm-0' }] });
    expect(output.metrics()).toMatchObject({ FindingsDeferred: 0 });
  });

  test('is not deferred if another service throttles', async () => {
    const { sent, messages } = noting();
    const { response } = run(batchOf(SWEPT_FINDING), () => Promise.reject(THROTTLED), invocation(), {
      messages,
    });
    expect(await response).toEqual({ batchItemFailures: [{ itemIdentifier: 'm-0' }] });
    expect(sent).toEqual([]);
    expect(output.metrics()).toMatchObject({ Throttled: 1, FindingsDeferred: 0 });
  });
});

describe('a record that was not begun when the time runs out', () => {
  const all = batchOf(finding('a'), finding('b'), finding('c'), finding('d'));
  const work = async (messages?: DeferredMessages) => {
    let remaining = 60_000;
    const { response } = run(
      all,
      () => {
        remaining = 30_000;
        return Promise.resolve([stored]);
      },
      invocation(() => remaining),
      messages ? { messages } : {},
    );
    return (await response).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };

  test('is requeued unchanged, which uses up none of its attempts', async () => {
    const { sent, messages } = noting();
    expect(await work(messages)).toEqual([]);
    expect(sent).toEqual(
      ['c', 'd'].map((id) => {
        const body = JSON.stringify(finding(id));
        return { body, accountId: '111122223333', deferrals: 0, seconds: 0 };
      }),
    );
  });

  test('stays in the queue if it cannot be requeued', async () => {
    const sendLater = () => Promise.reject(new AdapterError('no queue', 'retry', 'unavailable'));
    expect(await work({ sendLater })).toEqual(['m-2', 'm-3']);
    expect(await work()).toEqual(['m-2', 'm-3']);
  });
});

describe('an event about a busy account', () => {
  const account = (accountId: string) => ({
    ...FINDING_EVENT,
    detail: { ...FINDING_EVENT.detail, accountId },
  });
  const busy = (accountId: string) => accountId === PAUSED;

  test('is requeued in the group of its account, after the events of others; messages of a sweep already are in it', async () => {
    const { sent, messages } = noting();
    const seen: string[] = [];
    const swept = { ...finding('swept'), accountId: PAUSED };
    const { response } = run(
      batchOf(account(PAUSED), account('111122223333'), swept),
      ({ accountId, findingId }) => {
        seen.push(`${accountId} ${findingId}`);
        return Promise.resolve([stored]);
      },
      invocation(),
      { busy, messages },
    );
    expect(await response).toEqual({ batchItemFailures: [] });
    expect(sent).toEqual([
      { body: JSON.stringify(account(PAUSED)), accountId: PAUSED, deferrals: 0, seconds: 0 },
    ]);
    expect(seen).toEqual([`111122223333 ${FINDING_EVENT.detail.findingId}`, `${PAUSED} swept`]);
    expect(output.metrics()).toMatchObject({ FindingsDeferred: 0, ProposalsStored: 2 });
  });

  test('is requeued only once, and then handled', async () => {
    const { sent, messages } = noting();
    const [one] = (batchOf(account(PAUSED)) as { Records: object[] }).Records;
    const record = { ...one, messageAttributes: { deferrals: { stringValue: '0', dataType: 'Number' } } };
    await run({ Records: [record] }, () => Promise.resolve([stored]), invocation(), { busy, messages })
      .response;
    expect(sent).toEqual([]);
    expect(output.metrics()).toMatchObject({ ProposalsStored: 1 });
  });

  test('is handled in order if it cannot be requeued', async () => {
    const messages: DeferredMessages = {
      sendLater: () => Promise.reject(new AdapterError('no queue', 'retry', 'unavailable')),
    };
    const { response } = run(batchOf(account(PAUSED)), () => Promise.resolve([stored]), invocation(), {
      busy,
      messages,
    });
    expect(await response).toEqual({ batchItemFailures: [] });
    expect(output.metrics()).toMatchObject({ ProposalsStored: 1 });
  });
});
