import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test } from 'vitest';
import { EventBridgeEvents } from '../../../../lambda/adapters/aws/messaging/events.ts';
import type { ProposalEvent } from '../../../../lambda/ports/notify.ts';
import { rejection } from '../support.ts';

const mock = mockClient(EventBridgeClient);
const BUS = 'arn:aws:events:eu-west-1:123456789012:event-bus/default';
const pauses: number[] = [];
const events = new EventBridgeEvents(new EventBridgeClient({ region: 'eu-west-1' }), BUS, (milliseconds) => {
  pauses.push(milliseconds);
  return Promise.resolve();
});

function event(id: string): ProposalEvent {
  return {
    schemaVersion: 1,
    state: 'withheld',
    reason: 'validate-policy: it is wrong',
    proposalId: id,
    subject: { accountId: '111122223333', type: 'role', name: 'Orders' },
    bucket: 'b',
    prefix: `proposals/111122223333/role/Orders/${id}/`,
  };
}

/** Ids of the proposals of each call. */
function sent(): string[][] {
  return mock
    .commandCalls(PutEventsCommand)
    .map(({ args }) =>
      (args[0].input.Entries ?? []).map(
        ({ Detail }) => (JSON.parse(Detail ?? '') as { proposalId: string }).proposalId,
      ),
    );
}

beforeEach(() => {
  mock.reset();
  pauses.length = 0;
  mock.on(PutEventsCommand).resolves({ FailedEntryCount: 0, Entries: [] });
});

test('ten events are one call, in the format that docs/events.md describes', async () => {
  await events.send(Array.from({ length: 11 }, (_, index) => event(String(index))));
  expect(sent().map(({ length }) => length)).toEqual([10, 1]);
  expect(mock.commandCalls(PutEventsCommand)[1]?.args[0].input.Entries).toEqual([
    {
      EventBusName: BUS,
      Source: 'unused-access-refiner',
      DetailType: 'Unused Access Proposal State Change',
      Detail: JSON.stringify(event('10')),
      Resources: [],
    },
  ]);
});

test('only entries that EventBridge temporarily rejected are sent again', async () => {
  mock
    .on(PutEventsCommand)
    .resolvesOnce({ FailedEntryCount: 1, Entries: [{ EventId: '1' }, { ErrorCode: 'ThrottlingException' }] })
    .resolves({ FailedEntryCount: 0, Entries: [{ EventId: '2' }] });
  await events.send([event('a'), event('b')]);
  expect(sent()).toEqual([['a', 'b'], ['b']]);
  expect(pauses).toEqual([200]);
});

test('after four attempts the failure is an error', async () => {
  mock
    .on(PutEventsCommand)
    .resolves({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalException', ErrorMessage: 'sorry' }] });
  const error = await rejection(events.send([event('a')]));
  expect(error.message).toBe(`cannot send 1 of 1 events to ${BUS}: InternalException: sorry`);
  expect(error.decision).toBe('retry');
  expect(sent()).toHaveLength(4);
});

test('an entry that EventBridge rejects for good is not sent again', async () => {
  mock
    .on(PutEventsCommand)
    .resolves({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'NotAuthorizedForSourceException' }] });
  expect((await rejection(events.send([event('a')]))).decision).toBe('permanent');
  expect(sent()).toHaveLength(1);
});
