import { AccountClient, GetAlternateContactCommand } from '@aws-sdk/client-account';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { mockClient } from 'aws-sdk-client-mock';
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { composeNotifyProposals, notifyProposalsHandler } from '../../lambda/functions/notify-proposals.ts';
import { renderProposal } from '../../lambda/core/proposal/to-json.ts';
import { KEY_PROPOSAL, PREFIX, PROPOSAL } from '../adapters/aws/proposals.ts';
import { serviceError } from '../adapters/aws/support.ts';
import { batchOf, captureOutput, invocation } from '../runtime/captured-output.ts';
import { BUCKET, objectCreated } from './samples.ts';

const output = captureOutput();
const s3 = mockClient(S3Client);
const sns = mockClient(SNSClient);
const bus = mockClient(EventBridgeClient);
const account = mockClient(AccountClient);
const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:proposals';
const CHAT = 'arn:aws:sns:eu-west-1:123456789012:chat';
const ROLE_KEY = `${PREFIX}proposal.json`;
const USER_KEY = 'proposals/111122223333/user/ana/fedcba9876543210fedcba9876543210/proposal.json';
const ZEROS = {
  ProposalsNotified: 0,
  FindingsGone: 0,
  EventsIgnored: 0,
  AccessDenied: 0,
  Throttled: 0,
  MalformedMessages: 0,
};

function object(text: string): never {
  return { ETag: '"1"', Body: { transformToString: () => Promise.resolve(text) } } as never;
}

beforeEach(() => {
  s3.reset();
  sns.reset();
  bus.reset();
  account.reset();
  s3.on(GetObjectCommand).rejects(serviceError('NoSuchKey', 404));
  s3.on(GetObjectCommand, { Key: ROLE_KEY }).resolves(object(renderProposal(PROPOSAL)));
  s3.on(GetObjectCommand, { Key: USER_KEY }).resolves(object(renderProposal(KEY_PROPOSAL)));
  s3.on(PutObjectCommand).resolves({ ETag: '"2"' });
  s3.on(HeadObjectCommand).resolves({ ETag: '"2"' });
  bus.on(PutEventsCommand).resolves({ FailedEntryCount: 0, Entries: [] });
  sns.on(PublishCommand).resolves({ MessageId: 'm' });
});

/** The whole function as it is composed in Lambda, with only the SDK's clients replaced. */
function run(event: unknown, different: Readonly<Record<string, string>> = {}) {
  const handler = notifyProposalsHandler(
    composeNotifyProposals({
      PROPOSALS_BUCKET: BUCKET,
      PARTITION: 'aws',
      AWS_REGION: 'eu-west-1',
      NOTIFICATIONS_TOPIC_ARN: TOPIC,
      CHAT_TOPIC_ARN: CHAT,
      ...different,
    }),
  );
  return handler(event, invocation());
}

function published(topic: string) {
  return sns.commandCalls(PublishCommand, { TopicArn: topic }).map(({ args }) => args[0].input);
}

describe('a batch of stored proposals', () => {
  test('is one message with the same facts for people and programs', async () => {
    const batch = batchOf(objectCreated(ROLE_KEY), objectCreated(USER_KEY), objectCreated(ROLE_KEY));
    expect(await run(batch)).toEqual({ batchItemFailures: [] });
    const [message, ...others] = published(TOPIC);
    expect(others).toEqual([]);
    expect(message?.Subject).toBe('2 proposals to remove unused access, for 2 principals');
    const bodies = JSON.parse(message?.Message ?? '') as Readonly<Record<string, string>>;
    expect(bodies['default']).toContain('role Orders, account 111122223333');
    expect(bodies['default']).toContain('The access key AKIAEXAMPLE is reported unused.');
    const json = JSON.parse(bodies['sqs'] ?? '') as { proposals: { proposalKey: string }[] };
    expect(json.proposals.map(({ proposalKey }) => proposalKey).sort()).toEqual([ROLE_KEY, USER_KEY]);
    expect(message?.MessageAttributes?.['kinds']?.StringValue).toBe(
      '["refine-permissions","remove-access-key"]',
    );
    expect(output.metrics()).toEqual({ ...ZEROS, ProposalsNotified: 2 });
  });

  test('does not announce later states of a proposal, nor a proposal that is no longer current', async () => {
    const state = {
      schemaVersion: 1,
      proposalId: PROPOSAL.proposalId,
      state: 'resolved',
      reason: 'it is gone',
    };
    s3.on(GetObjectCommand, { Key: `${PREFIX}state.json` }).resolves(object(JSON.stringify(state)));
    const batch = batchOf(objectCreated(ROLE_KEY), objectCreated(`${PREFIX}state.json`));
    expect(await run(batch)).toEqual({ batchItemFailures: [] });
    expect(published(TOPIC)).toEqual([]);
    expect(published(CHAT)).toEqual([]);
    const [page] = s3.commandCalls(PutObjectCommand, { Key: 'index.html' });
    expect(page?.args[0].input.Body).toContain('<span class="tag">resolved</span>');
    expect(page?.args[0].input.Body).toContain('no longer current: it is gone');
  });

  test("goes to the chat too, in the chat's format", async () => {
    await run(batchOf(objectCreated(ROLE_KEY)));
    const [message] = published(CHAT);
    expect(message?.MessageStructure).toBeUndefined();
    expect(JSON.parse(message?.Message ?? '')).toMatchObject({ version: '1.0', source: 'custom' });
  });

  test('is in the overview, whose links open in the console', async () => {
    await run(batchOf(objectCreated(ROLE_KEY)));
    const writes = s3.commandCalls(PutObjectCommand).map(({ args }) => args[0].input);
    expect(writes.map(({ Key, IfNoneMatch }) => [Key, IfNoneMatch])).toEqual([
      ['index.json', '*'],
      ['index.html', undefined],
    ]);
    expect(String(writes[1]?.Body)).toContain(
      `https://eu-west-1.console.aws.amazon.com/s3/object/${BUCKET}?region=eu-west-1&amp;prefix=${PREFIX}report.html`,
    );
  });

  test('with an invalid object announces the others and leaves that one in the queue', async () => {
    s3.on(GetObjectCommand, { Key: ROLE_KEY }).resolves(object('{"Statement":"secret"}'));
    expect(await run(batchOf(objectCreated(ROLE_KEY), objectCreated(USER_KEY)))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm-0' }],
    });
    expect(published(TOPIC)[0]?.Subject).toBe('Review: an access key of ana is reported unused');
    expect(output.logs()[0]).toMatchObject({ level: 'ERROR', message: 'notice failed: read', key: ROLE_KEY });
    expect(output.text()).not.toContain('secret');
  });

  test('ignores other objects, and proposals that no longer exist', async () => {
    const gone = ROLE_KEY.replaceAll('Orders', 'Gone');
    const batch = batchOf(objectCreated(`${PREFIX}report.html`), 'poison', objectCreated(gone));
    expect(await run(batch)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm-1' }] });
    expect(published(TOPIC)).toEqual([]);
    expect(output.metrics()).toEqual({ ...ZEROS, EventsIgnored: 1, MalformedMessages: 1, FindingsGone: 1 });
  });

  test('is retried as a whole if the topic rejects the message', async () => {
    sns.on(PublishCommand).rejects(serviceError('ThrottledException', 429));
    expect(await run(batchOf(objectCreated(ROLE_KEY), 'poison', objectCreated(USER_KEY)))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm-1' }, { itemIdentifier: 'm-0' }, { itemIdentifier: 'm-2' }],
    });
    expect(output.metrics()).toEqual({ ...ZEROS, Throttled: 1, MalformedMessages: 1 });
  });

  test('is announced although access to the overview is denied, which is counted for the alarm', async () => {
    for (const Key of ['index.json', 'index.html'])
      s3.on(PutObjectCommand, { Key }).rejects(serviceError('AccessDenied', 403));
    expect(await run(batchOf(objectCreated(ROLE_KEY)))).toEqual({ batchItemFailures: [] });
    expect(published(TOPIC)).toHaveLength(1);
    expect(output.metrics()).toEqual({ ...ZEROS, ProposalsNotified: 1, AccessDenied: 1 });
    const written = s3.commandCalls(PutObjectCommand).map(({ args: [{ input }] }) => input.Key);
    expect(written).toContain(`reopened/${ROLE_KEY.slice(0, -'/proposal.json'.length)}`);
  });
});

describe('with owners', () => {
  test('each owner gets a message about their own proposals, and one message is about the rest', async () => {
    const owned = { ...PROPOSAL, owner: 'payments' };
    s3.on(GetObjectCommand, { Key: ROLE_KEY }).resolves(object(renderProposal(owned)));
    const batch = batchOf(objectCreated(ROLE_KEY), objectCreated(USER_KEY));
    expect(await run(batch, { OWNER_TAG: 'Owner' })).toEqual({ batchItemFailures: [] });
    expect(
      published(TOPIC).map(({ Subject, MessageAttributes }) => [
        Subject,
        MessageAttributes?.['owner']?.StringValue,
      ]),
    ).toEqual([
      ['Review: Orders can lose 2 of 3 permissions', 'payments'],
      ['Review: an access key of ana is reported unused', undefined],
    ]);
    expect(published(CHAT)).toHaveLength(1);
    expect(output.metrics()).toEqual({ ...ZEROS, ProposalsNotified: 2 });
  });

  test('a contact that may not be read is logged once and counted, and people are still notified', async () => {
    account.on(GetAlternateContactCommand).rejects(serviceError('AccessDeniedException', 403));
    const batch = batchOf(objectCreated(ROLE_KEY), objectCreated(USER_KEY));
    expect(await run(batch, { OWNER_CONTACT: 'security', HOME_ACCOUNT_ID: '123456789012' })).toEqual({
      batchItemFailures: [],
    });
    expect(published(TOPIC).map(({ Subject }) => Subject)).toEqual([
      '2 proposals to remove unused access, for 2 principals without an owner',
    ]);
    expect(output.logs()[0]).toMatchObject({
      level: 'ERROR',
      message: 'a contact cannot be read; its proposals have no owner',
      code: 'access-denied',
    });
    expect(output.metrics()).toEqual({ ...ZEROS, ProposalsNotified: 2, AccessDenied: 1 });
  });
});

describe('a request for an overview', () => {
  const ORDER = '{"overview":true}';
  const KEPT = { ANNOUNCEMENTS: 'overview' };

  /** A bucket that keeps what is written, beside the proposals. */
  beforeEach(() => {
    s3.on(PutObjectCommand).callsFake(({ Key, Body }: { Key: string; Body: string }) => {
      s3.on(GetObjectCommand, { Key }).resolves(object(Body));
      return { ETag: '"1"' };
    });
    s3.on(HeadObjectCommand).resolves({ ETag: '"1"' });
  });

  test('is handled once, after its batch, which is not announced itself', async () => {
    expect(await run(batchOf(objectCreated(ROLE_KEY)), KEPT)).toEqual({ batchItemFailures: [] });
    expect(published(TOPIC)).toEqual([]);
    expect(await run(batchOf(ORDER, objectCreated(USER_KEY), ORDER), KEPT)).toEqual({
      batchItemFailures: [],
    });
    expect(await run(batchOf(ORDER), KEPT)).toEqual({ batchItemFailures: [] });
    expect(published(TOPIC).map(({ Subject }) => Subject)).toEqual([
      'Overview: 2 proposals to remove unused access, for 2 principals',
    ]);
    expect(published(TOPIC)[0]?.MessageAttributes?.['overview']?.StringValue).toBe('true');
    expect(published(CHAT)).toHaveLength(1);
    expect(output.logs().map(({ message }) => message)).toContain('overview is not sent: nothing is new');
  });

  test('is retried if it fails, and nothing else is', async () => {
    sns.on(PublishCommand).rejects(serviceError('ThrottledException', 429));
    expect(await run(batchOf(objectCreated(ROLE_KEY), ORDER), KEPT)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm-1' }],
    });
    expect(output.logs().find(({ level }) => level === 'ERROR')).toMatchObject({
      message: 'notice failed: overview',
    });
    sns.on(PublishCommand).resolves({});
    expect(await run(batchOf(ORDER), KEPT)).toEqual({ batchItemFailures: [] });
  });

  test('is handled even if single batches are announced', async () => {
    await run(batchOf(objectCreated(ROLE_KEY), ORDER));
    expect(published(TOPIC).map(({ Subject }) => Subject)).toEqual([
      'Review: Orders can lose 2 of 3 permissions',
      'Overview: 1 proposal to remove unused access, for 1 principal',
    ]);
  });
});

describe('an event for programs', () => {
  const withBus = { EVENT_BUS_ARN: 'arn:aws:events:eu-west-1:123456789012:event-bus/default' };
  const documented = JSON.parse(
    /```json\n(.*?)```/s.exec(readFileSync('docs/events.md', 'utf8'))?.[1] ?? '',
  ) as Record<string, unknown>;

  function sent() {
    return bus.commandCalls(PutEventsCommand).flatMap(({ args }) =>
      (args[0].input.Entries ?? []).map(({ Source, DetailType, Resources, Detail }) => ({
        source: Source,
        'detail-type': DetailType,
        resources: Resources,
        detail: JSON.parse(Detail ?? '') as Record<string, unknown>,
      })),
    );
  }

  test('is the one in docs/events.md if a proposal was stored', async () => {
    const withNames = { ...withBus, ACCOUNT_NAMES: '{"111122223333":"payments-prod"}' };
    expect(await run(batchOf(objectCreated(ROLE_KEY)), withNames)).toEqual({ batchItemFailures: [] });
    expect(sent()).toEqual([documented]);
    expect(published(TOPIC)).toHaveLength(1);
  });

  test.each(['applied', 'resolved', 'superseded'] as const)('has the state %s', async (state) => {
    const record = { schemaVersion: 1, proposalId: PROPOSAL.proposalId, state, reason: 'it is so' };
    s3.on(GetObjectCommand, { Key: `${PREFIX}state.json` }).resolves(object(JSON.stringify(record)));
    await run(batchOf(objectCreated(`${PREFIX}state.json`)), withBus);
    expect(sent().map(({ detail }) => [detail['state'], detail['reason']])).toEqual([[state, 'it is so']]);
  });

  test('says that the proposal is current again', async () => {
    await run(batchOf(objectCreated(`${PREFIX}state.json`)), withBus);
    expect(sent().map(({ detail }) => [detail['state'], detail['reason']])).toEqual([['current', undefined]]);
  });

  test('is sent for a withheld proposal, which people are not notified of', async () => {
    const key = `${PREFIX}withheld.json`;
    const record = {
      schemaVersion: 1,
      proposalId: PROPOSAL.proposalId,
      opinion: 'no-new-access',
      reason: 'it grants more',
    };
    s3.on(GetObjectCommand, { Key: key }).resolves(object(JSON.stringify(record)));
    expect(await run(batchOf(objectCreated(key)), withBus)).toEqual({ batchItemFailures: [] });
    expect(sent()).toEqual([
      {
        source: 'unused-access-refiner',
        'detail-type': 'Unused Access Proposal State Change',
        resources: [],
        detail: {
          schemaVersion: 1,
          state: 'withheld',
          reason: 'no-new-access: it grants more',
          proposalId: PROPOSAL.proposalId,
          subject: { accountId: '111122223333', type: 'role', name: 'Orders' },
          bucket: BUCKET,
          prefix: PREFIX,
        },
      },
    ]);
    expect(published(TOPIC)).toEqual([]);
  });

  test('is retried before people are notified if EventBridge temporarily fails', async () => {
    bus.on(PutEventsCommand).rejects(serviceError('InternalFailure', 500));
    const batch = batchOf(objectCreated(ROLE_KEY));
    expect(await run(batch, withBus)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm-0' }] });
    expect(published(TOPIC)).toEqual([]);
  });

  test('does not keep people from being notified if the bus rejects it for good', async () => {
    bus.on(PutEventsCommand).rejects(serviceError('ResourceNotFoundException', 400));
    expect(await run(batchOf(objectCreated(ROLE_KEY)), withBus)).toEqual({ batchItemFailures: [] });
    expect(published(TOPIC)).toHaveLength(1);
  });

  test('is not sent if no bus is configured', async () => {
    await run(batchOf(objectCreated(ROLE_KEY)));
    expect(sent()).toEqual([]);
  });
});
