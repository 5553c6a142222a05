import type { IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { issue, unprocessable, type WireStep } from './harness/access-analyzer-opinions.ts';
import { HOME_ACCOUNT, iamClient } from './harness/accounts.ts';
import { findingEvent } from './harness/events.ts';
import { finding, unusedActions } from './harness/findings.ts';
import { allow, createRole } from './harness/iam-fixtures.ts';
import { metric } from './harness/metric.ts';
import { ANALYZER_ARN } from './harness/names.ts';
import { World } from './harness/world.ts';

const ALL = ['validate-policy', 'no-new-access', 'access-not-granted', 'aws-recommendation'];
const CALLS = [
  'ValidatePolicy',
  'CheckNoNewAccess',
  'CheckAccessNotGranted',
  'GenerateFindingRecommendation',
] as const;

const OPINIONS = z.object({
  schemaVersion: z.literal(1),
  proposalId: z.string(),
  opinions: z.array(
    z.object({
      opinion: z.string(),
      verdict: z.string(),
      sentences: z.array(z.string()),
      details: z.array(
        z.object({
          policy: z.string(),
          document: z.string().optional(),
          verdict: z.string(),
          sentences: z.array(z.string()),
          lists: z.array(z.unknown()).optional(),
        }),
      ),
    }),
  ),
});

describe('second opinions', () => {
  let world: World;
  let iam: IAMClient;
  let resource: string;

  beforeAll(async () => {
    world = await World.open();
    iam = await iamClient(world.endpoint, HOME_ACCOUNT);
    resource = await createRole(iam, {
      name: 'Opinions',
      inline: { Own: allow('sqs:SendMessage', 'sqs:PurgeQueue', 'sns:Publish') },
    });
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    await world.reset();
    world.analyzer.put(
      ANALYZER_ARN,
      finding({ id: 'finding-opinions', resource, details: [unusedActions('sqs', 'PurgeQueue')] }),
    );
  });

  /** Milliseconds are set where a test is about answers that never come. */
  function enable(opinions: readonly string[], millis?: number): void {
    world.environment.set('Refine', {
      SECOND_OPINIONS: JSON.stringify(opinions),
      ...(millis === undefined ? {} : { SECOND_OPINION_MILLIS: String(millis) }),
    });
  }

  async function announce(): Promise<void> {
    const one = finding({ id: 'finding-opinions', resource, details: [unusedActions('sqs', 'PurgeQueue')] });
    await world.putEvent(findingEvent(ANALYZER_ARN, one));
    await world.pump('Findings');
  }

  /** Operations that the server saw, apart from the finding itself. */
  function asked(): string[] {
    return world.analyzer.calls.map(({ operation }) => operation).filter((name) => name !== 'GetFindingV2');
  }

  async function stored() {
    const [key = ''] = await world.proposals();
    const folder = key.replace('proposal.json', '');
    const { proposalId, opinions } = OPINIONS.parse(JSON.parse(await world.read(`${folder}opinions.json`)));
    expect(folder).toContain(`/${proposalId}/`);
    return { folder, opinions, report: await world.read(`${folder}report.html`) };
  }

  test('are not requested unless configured', async () => {
    await announce();
    expect(world.analyzer.calls.map(({ operation }) => operation)).toEqual(['GetFindingV2']);
    const keys = await world.keys('proposals/');
    expect(keys.filter((key) => key.endsWith('/proposal.json'))).toHaveLength(1);
    expect(keys.filter((key) => key.endsWith('/opinions.json'))).toEqual([]);
  });

  test('are requested concurrently, read with all pages, and stored beside the proposal', async () => {
    await announce();
    const [without = ''] = await world.proposals();
    const text = await world.read(without);
    await world.reset();
    world.analyzer.put(
      ANALYZER_ARN,
      finding({ id: 'finding-opinions', resource, details: [unusedActions('sqs', 'PurgeQueue')] }),
    );
    enable(ALL);
    // None of them is answered before all of them are asked.
    world.analyzer.meet(...CALLS);
    const { opinions: script } = world.analyzer;
    script.pageSize = 1;
    script.inProgress = 2;
    const old = issue('ERROR', 'INVALID_ACTION', 'The action does not exist.');
    const words = ['Use <b>fewer</b> actions.', 'Use other actions.'];
    script.validate = (document) =>
      JSON.stringify(document).includes('PurgeQueue')
        ? [old]
        : [old, ...words.map((one) => issue('SUGGESTION', 'REDUNDANT_ACTION', one))];
    const steps: WireStep[] = [
      {
        recommendedAction: 'CREATE_POLICY',
        recommendedPolicy: JSON.stringify(allow('sqs:sendmessage', 'sqs:purgequeue')),
        existingPolicyId: 'Own',
      },
      { recommendedAction: 'DETACH_POLICY', existingPolicyId: 'Own' },
    ];
    script.recommendation = { status: 'SUCCEEDED', steps };
    await announce();

    const { opinions, folder, report } = await stored();
    expect(opinions.map(({ opinion, verdict }) => [opinion, verdict])).toEqual([
      ['validate-policy', 'agrees'],
      ['no-new-access', 'agrees'],
      ['access-not-granted', 'agrees'],
      ['aws-recommendation', 'differs'],
    ]);
    expect(opinions[0]?.details).toEqual([
      {
        policy: 'Own',
        document: 'Own',
        verdict: 'agrees',
        sentences: [
          'AWS reports 2 things that it does not report about the original.',
          'ValidatePolicy: SUGGESTION REDUNDANT_ACTION: Use <b>fewer</b> actions.',
          'ValidatePolicy: SUGGESTION REDUNDANT_ACTION: Use other actions.',
        ],
      },
    ]);
    expect(opinions[1]?.details[0]?.sentences).toEqual(['The modified permissions grant no new access.']);
    expect(opinions[2]?.details[0]?.sentences).toEqual([
      'AWS finds that it grants none of 1 removed action.',
      'The policy document does not grant these actions.',
    ]);
    expect(opinions[3]?.details).toEqual([
      {
        policy: 'Own',
        verdict: 'differs',
        sentences: [
          'AWS keeps 1 action that we remove as unused.',
          'We keep 1 action that AWS removes, because the finding does not report them unused.',
        ],
        lists: [
          { title: 'AWS keeps, we remove', count: 1, actions: ['sqs:PurgeQueue'] },
          {
            title: 'We keep, AWS removes: the finding does not report them unused',
            count: 1,
            actions: ['sns:Publish'],
          },
        ],
      },
    ]);
    expect(report).toContain('Second opinions from AWS');
    expect(report).toContain('Use &lt;b&gt;fewer&lt;/b&gt; actions.');
    // One page for each of the original's and the document's remarks; the last look and the second page at one recommendation.
    const count = (name: string): number => asked().filter((one) => one === name).length;
    expect(count('ValidatePolicy')).toBe(4);
    expect(count('GetFindingRecommendation')).toBe(4);
    expect(count('CheckNoNewAccess') + count('CheckAccessNotGranted')).toBe(2);
    expect(`${folder}proposal.json`).toBe(without);
    expect(await world.read(without)).toBe(text);
  });

  test('are not requested again if the next sweep finds the same proposal', async () => {
    enable(ALL);
    await announce();
    const before = asked().length;
    expect(before).toBe(6);
    await world.invoke('Sweep', { analyzerArn: ANALYZER_ARN });
    await world.pump('Findings');
    expect(asked().filter((name) => name !== 'ListFindingsV2')).toHaveLength(before);
    const { log } = await world.handler('Refine');
    expect(metric(log, 'ProposalsExisting')).toBe(1);
  });

  test('survive throttling', async () => {
    enable(ALL);
    for (const operation of CALLS) world.analyzer.storm(operation, 'throttle', 1);
    world.analyzer.storm('GetFindingRecommendation', 'throttle', 1);
    await announce();
    expect(world.analyzer.calls.filter(({ status }) => status === 429)).toHaveLength(5);
    const { opinions } = await stored();
    expect(opinions.map(({ verdict }) => verdict)).not.toContain('unavailable');
  });

  test('that never arrive do not withhold the proposal', async () => {
    enable(ALL, 1500);
    for (const operation of CALLS.slice(0, 3)) world.analyzer.storm(operation, 'silence', 100);
    world.analyzer.opinions.inProgress = Infinity;
    await announce();
    const { opinions, report } = await stored();
    expect(opinions.map(({ verdict }) => verdict)).toEqual(Array(4).fill('unavailable'));
    expect(opinions[1]?.details[0]?.sentences).toEqual(['AWS did not answer in time']);
    expect(report).toContain('There is no recommendation of AWS to compare with: AWS did not answer in time');
    expect(asked()).toContain('GetFindingRecommendation');
  });

  test('that AWS refuses are reported in its own words', async () => {
    enable(ALL);
    world.analyzer.storm('ValidatePolicy', 'deny', 2);
    world.analyzer.opinions.noNewAccess = () => {
      throw unprocessable('The specified entity could not be processed.');
    };
    world.analyzer.storm('CheckAccessNotGranted', 'deny', 1);
    const error = { code: 'UNSUPPORTED', message: 'The user is in a group.' };
    world.analyzer.opinions.recommendation = { status: 'FAILED', error };
    await announce();
    const { opinions } = await stored();
    expect(opinions.map(({ verdict }) => verdict)).toEqual(Array(4).fill('unavailable'));
    const denied =
      'AWS answers AccessDeniedException: User is not authorized to perform: access-analyzer:CheckAccessNotGranted; grant the permission to the role that makes the call';
    expect(opinions[1]?.details[0]?.sentences).toEqual([
      'AWS answers UnprocessableEntityException: The specified entity could not be processed.',
    ]);
    expect(opinions[2]?.details[0]?.sentences).toEqual([denied]);
    expect(opinions[3]?.sentences).toEqual([
      'There is no recommendation of AWS to compare with: AWS could not make one: UNSUPPORTED: The user is in a group.',
    ]);
  });

  test('that find new access withhold the proposal, raise the alarm and store the case', async () => {
    enable(ALL);
    world.analyzer.opinions.noNewAccess = () => ({
      result: 'FAIL',
      message: 'The modified permissions grant new access.',
      reasons: [{ description: 'New access in the statement with index: 0.', statementIndex: 0 }],
    });
    await announce();
    const keys = await world.keys();
    expect(keys).toEqual([
      'failures/finding-opinions.json',
      expect.stringMatching(/^proposals\/123456789012\/role\/Opinions\/[0-9a-f]{32}\/withheld\.json$/),
    ]);
    expect(JSON.parse(await world.read(keys[1] ?? ''))).toMatchObject({
      schemaVersion: 1,
      opinion: 'no-new-access',
      reason:
        'policy Own: CheckNoNewAccess: FAIL: The modified permissions grant new access. New access in the statement with index: 0.',
    });
    const kept: unknown = JSON.parse(await world.read('failures/finding-opinions.json'));
    expect(kept).toMatchObject({
      policy: allow('sqs:SendMessage', 'sqs:PurgeQueue', 'sns:Publish'),
      unused: [{ serviceNamespace: 'sqs', actions: ['PurgeQueue'] }],
      rejected: [allow('sqs:SendMessage', 'sns:Publish')],
    });
    expect(await world.deadLetters('FindingsDeadLetters')).toEqual([]);
    const { log } = await world.handler('Refine');
    expect(metric(log, 'VerificationFailures')).toBe(1);
    expect(log).toContain(
      `the finding finding-opinions gets no proposal for ${resource}, because AWS's own check speaks against it: policy Own: CheckNoNewAccess: FAIL: The modified permissions grant new access. New access in the statement with index: 0.`,
    );
    expect(log).not.toContain('sqs:SendMessage');
  });

  test('that rejected a proposal are final: the next sweep requests nothing, raises no alarm and announces nothing', async () => {
    enable(ALL);
    world.analyzer.opinions.noNewAccess = () => ({ result: 'FAIL', message: 'New access.', reasons: [] });
    await announce();
    const before = asked().length;
    await world.invoke('Sweep', { analyzerArn: ANALYZER_ARN });
    await world.pump('Findings');
    expect(asked().filter((name) => name !== 'ListFindingsV2')).toHaveLength(before);
    const { log } = await world.handler('Refine');
    expect(metric(log, 'VerificationFailures')).toBe(1);
    expect(metric(log, 'FindingsSkipped')).toBe(2);
    expect(await world.proposals()).toEqual([]);
    // Whoever no longer wants that opinion gets the proposal from a function with other options.
    await world.stopHandlers();
    enable(ALL.filter((name) => name !== 'no-new-access'));
    await announce();
    expect(await world.proposals()).toHaveLength(1);
  });

  test('that find a new error withhold the proposal without that alarm', async () => {
    enable(['validate-policy']);
    world.analyzer.opinions.validate = (document) =>
      JSON.stringify(document).includes('PurgeQueue')
        ? []
        : [issue('ERROR', 'DATA_TYPE_MISMATCH', 'The text does not match the expected type.')];
    await announce();
    expect(await world.keys()).toEqual([expect.stringMatching(/\/withheld\.json$/)]);
    expect(await world.deadLetters('FindingsDeadLetters')).toEqual([]);
    const { log } = await world.handler('Refine');
    expect(metric(log, 'VerificationFailures')).toBe(0);
    expect(metric(log, 'DocumentErrors')).toBe(1);
    expect(log).toContain(
      'policy Own: ValidatePolicy: ERROR DATA_TYPE_MISMATCH: The text does not match the expected type.',
    );
  });
});
