import type { IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { HOME_ACCOUNT, iamClient } from './harness/accounts.ts';
import { findingEvent } from './harness/events.ts';
import { finding, unusedActions } from './harness/findings.ts';
import { allow, createRole } from './harness/iam-fixtures.ts';
import { ANALYZER_ARN } from './harness/names.ts';
import { World } from './harness/world.ts';

/** The emulator has a report on last use only for the asking, and never a use in it. */
const REPORT = `<GetServiceLastAccessedDetailsResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetServiceLastAccessedDetailsResult>
  <JobStatus>COMPLETED</JobStatus><JobCreationDate>2026-11-23T00:00:00Z</JobCreationDate><JobCompletionDate>2026-11-23T00:00:01Z</JobCompletionDate>
  <ServicesLastAccessed><member><ServiceName>Amazon SQS</ServiceName><ServiceNamespace>sqs</ServiceNamespace><TrackedActionsLastAccessed>
    <member><ActionName>CreateQueue</ActionName><LastAccessedTime>2026-11-02T10:00:00Z</LastAccessedTime></member>
    <member><ActionName>DeleteQueue</ActionName></member>
  </TrackedActionsLastAccessed></member></ServicesLastAccessed></GetServiceLastAccessedDetailsResult></GetServiceLastAccessedDetailsResponse>`;
const STARTED =
  '<GenerateServiceLastAccessedDetailsResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GenerateServiceLastAccessedDetailsResult><JobId>examplef-1305-c245-eba4-71fe298bcda7</JobId></GenerateServiceLastAccessedDetailsResult></GenerateServiceLastAccessedDetailsResponse>';
const DENIED =
  '<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized</Message></Error><RequestId>r</RequestId></ErrorResponse>';
const ASKED = ['GenerateServiceLastAccessedDetails', 'GetServiceLastAccessedDetails'];

describe('the last use of a role', () => {
  let world: World;
  let iam: IAMClient;

  beforeAll(async () => {
    world = await World.open();
    iam = await iamClient(world.endpoint, HOME_ACCOUNT);
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    await world.reset();
    world.environment.set('Refine', { LAST_ACCESSED: 'yes' });
  });

  async function refine(name: string): Promise<void> {
    const own = allow('sqs:CreateQueue', 'sqs:DeleteQueue', 'sqs:PurgeQueue', 'sqs:SendMessage');
    const resource = await createRole(iam, { name, inline: { Own: own } });
    const one = finding({ id: `finding-${name}`, resource, details: [unusedActions('sqs', 'PurgeQueue')] });
    world.analyzer.put(ANALYZER_ARN, one);
    await world.putEvent(findingEvent(ANALYZER_ARN, one));
    expect((await world.pump('Findings')).flatMap((batch) => batch.failed)).toEqual([]);
  }
  const asked = (): string[] =>
    world.proxy.calls.flatMap(({ operation }) => (ASKED.includes(operation) ? [operation] : []));
  function answer(generate: { readonly status: number; readonly body: string }): void {
    world.proxy.intercept(({ operation }) => {
      if (operation === ASKED[0]) return { answer: { ...generate, contentType: 'text/xml' } };
      if (operation === ASKED[1]) return { answer: { status: 200, contentType: 'text/xml', body: REPORT } };
      return undefined;
    });
  }

  test('is read for a new proposal, is in it and its report, and is read again if the proposal is made again', async () => {
    answer({ status: 200, body: STARTED });
    await refine('LastUseKnown');
    const proposal = await world.proposalOf('LastUseKnown');
    expect(proposal['staying']).toEqual([
      {
        reason: 'used',
        count: 1,
        actions: ['sqs:CreateQueue'],
        lastAccessed: { 'sqs:CreateQueue': '2026-11-02T10:00:00.000Z' },
      },
      { reason: 'tracked-not-reported', count: 1, actions: ['sqs:DeleteQueue'] },
      { reason: 'tracking-unknown', count: 1, actions: ['sqs:SendMessage'] },
    ]);
    const report = (await world.keys('proposals/')).find((key) => key.endsWith('/report.html'));
    expect(await world.read(report!)).toContain('<small>last used 2026-11-02</small>');
    expect(asked()).toEqual(ASKED);
    await world.send('Findings', JSON.stringify(message('LastUseKnown')));
    await world.pump('Findings');
    // Somebody may have used by now what the stored proposal takes away.
    expect(asked()).toEqual([...ASKED, ...ASKED]);
  });

  test('delays nothing if AWS does not answer, and the proposal says why', async () => {
    answer({ status: 403, body: DENIED });
    await refine('LastUseDenied');
    const proposal = await world.proposalOf('LastUseDenied');
    expect(proposal['notes']).toEqual([
      'When actions were last used is not known: cannot read when arn:aws:iam::123456789012:role/LastUseDenied last used what: AccessDenied: not authorized; grant the permission to the role that makes the call.',
    ]);
  });

  test('is requested concurrently with the second opinions', async () => {
    world.environment.set('Refine', {
      LAST_ACCESSED: 'yes',
      SECOND_OPINIONS: JSON.stringify(['no-new-access', 'access-not-granted']),
    });
    let seen = (): void => undefined;
    const checkIsAsked = new Promise<void>((resolve) => {
      seen = resolve;
    });
    let checks = 0;
    world.analyzer.opinions.noNewAccess = () => {
      checks += 1;
      seen();
      return { result: 'PASS', message: 'No new access.', reasons: [] };
    };
    world.proxy.intercept(async ({ operation }) => {
      if (operation === ASKED[0]) {
        // The report is begun only when the check is under way.
        await checkIsAsked;
        return { answer: { status: 200, contentType: 'text/xml', body: STARTED } };
      }
      if (operation === ASKED[1]) return { answer: { status: 200, contentType: 'text/xml', body: REPORT } };
      return undefined;
    });
    await refine('LastUseBeside');
    expect(checks).toBe(1);
    const proposal = await world.proposalOf('LastUseBeside');
    expect(proposal['notes']).toEqual([]);
    expect(proposal['staying']).toMatchObject([{ reason: 'used' }, {}, {}]);
  });

  test('is not read if the option is off', async () => {
    world.environment.clear();
    await refine('LastUseOff');
    expect(asked()).toEqual([]);
  });

  function message(name: string): unknown {
    const resource = `arn:aws:iam::${HOME_ACCOUNT}:role/${name}`;
    return { analyzerArn: ANALYZER_ARN, findingId: `finding-${name}`, accountId: HOME_ACCOUNT, resource };
  }
});
