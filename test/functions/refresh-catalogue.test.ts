import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { embeddedCatalogue } from '../../lambda/adapters/catalogue/embedded.ts';
import {
  composeRefreshCatalogue,
  refreshCatalogueHandler,
} from '../../lambda/functions/refresh-catalogue.ts';
import { serviceError } from '../adapters/aws/support.ts';
import { useReferenceServer } from '../cli/reference-server.ts';
import { captureOutput, invocation } from '../runtime/captured-output.ts';

const output = captureOutput();
const server = useReferenceServer();
const s3 = mockClient(S3Client);
const ZEROS = {
  CataloguesRefreshed: 0,
  CatalogueLosses: 0,
  CataloguesInvalid: 0,
  AccessDenied: 0,
  Throttled: 0,
};
const VERSION = /^[0-9a-f]{12}$/;
/** What lies under `catalogue/latest.json`. */
let latest: string | undefined;

beforeEach(() => {
  latest = undefined;
  s3.reset();
  s3.on(ListObjectsV2Command).resolves({});
  s3.on(GetObjectCommand).callsFake(() => {
    if (latest === undefined) throw serviceError('AccessDenied', 403);
    const text = latest;
    return { ETag: '"m"', Body: { transformToString: () => Promise.resolve(text) } };
  });
  s3.on(PutObjectCommand).callsFake(({ Key, Body }: { Key: string; Body: string }) => {
    if (Key === 'catalogue/latest.json') latest = Body;
    return { ETag: '"m"' };
  });
});

/** The whole function as it is composed in Lambda, with only S3's client replaced. */
function invoke(event: unknown = {}, remaining = 300_000) {
  const environment = { PROPOSALS_BUCKET: 'bucket', REFERENCE_URL: server.url, AWS_REGION: 'eu-west-1' };
  const handler = refreshCatalogueHandler(composeRefreshCatalogue(environment));
  return handler(
    event,
    invocation(() => remaining),
  );
}
const written = () => s3.commandCalls(PutObjectCommand).map(({ args }) => args[0].input.Key);

describe('refresh-catalogue', () => {
  test.each([[{}], [null], ['now'], [{ source: 'aws.scheduler' }]])(
    'invoked with %j stores a catalogue and returns its version',
    async (event) => {
      const answer = await invoke(event);
      expect(answer).toEqual({
        version: expect.stringMatching(VERSION) as string,
        date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) as string,
        services: 320,
        written: 'new',
        losses: [],
      });
      expect(written()).toEqual([`catalogue/${answer.version}.json`, 'catalogue/latest.json']);
      expect(output.metrics()).toEqual({ ...ZEROS, CataloguesRefreshed: 1 });
      expect(output.logs()).toMatchObject([
        {
          message: 'the reference names most services otherwise than the built-in catalogue',
          level: 'WARN',
        },
        {
          message: 'catalogue is refreshed',
          level: 'INFO',
          version: answer.version,
          read: 320,
          written: 'new',
        },
      ]);
    },
  );

  test('flags on the first run what the embedded catalogue has and the reference lacks: all counted, twenty logged', async () => {
    server.services.clear();
    const { services } = embeddedCatalogue();
    for (const { name, actions } of services.values()) server.services.set(name, actions);
    const gone = [...services.values()].slice(0, 25).map(({ name }) => name);
    for (const name of gone) server.services.delete(name);
    const answer = await invoke();
    expect(answer).toMatchObject({ services: services.size, losses: gone });
    expect(output.metrics()).toEqual({ ...ZEROS, CataloguesRefreshed: 1, CatalogueLosses: 25 });
    expect(output.logs().filter(({ level }) => level === 'WARN')).toHaveLength(20);
    expect(output.logs().at(-1)).toMatchObject({ against: 'embedded', losses: 25 });
    // What was kept is readable, and of unknown tracking.
    const stored = JSON.parse(latest ?? '') as { readonly trackingUnknown: readonly string[] };
    expect(stored.trackingUnknown).toEqual(gone);
  });

  test('flags a loss, and counts it', async () => {
    await invoke();
    server.services.delete('svc3');
    s3.resetHistory();
    expect(await invoke()).toMatchObject({ services: 320, written: 'nothing', losses: ['svc3'] });
    expect(written()).toEqual([]);
    expect(output.text()).toContain('"CatalogueLosses":1');
    expect(output.logs().findLast(({ level }) => level === 'WARN')).toMatchObject({
      message: 'loss is not accepted, the service stays as it was',
      servicePrefix: 'svc3',
      before: 3,
      after: 0,
    });
  });

  test('accepts a loss if requested, and then counts none', async () => {
    await invoke();
    server.services.delete('svc3');
    expect(await invoke({ acceptLosses: true })).toMatchObject({ services: 319, written: 'new' });
    expect(output.text()).not.toContain('"CatalogueLosses":1');
    expect(latest).not.toContain('"svc3"');
  });

  test('replaces an invalid catalogue and says so', async () => {
    latest = '{"source":';
    expect(await invoke()).toMatchObject({ written: 'new' });
    expect(output.metrics()).toEqual({ ...ZEROS, CataloguesRefreshed: 1, CataloguesInvalid: 1 });
    expect(output.logs()[0]).toMatchObject({
      message: 'the stored catalogue was invalid and is made again',
      error: 's3://bucket/catalogue/latest.json is not JSON',
    });
  });

  test('fails with one line if the reference cannot be read, and writes nothing', async () => {
    server.faults.set('svc5', [(_, response) => response.end('<html>maintenance</html>')]);
    const problem = `${server.url}v1/svc5/svc5.json is not JSON; was it cut off?`;
    await expect(invoke()).rejects.toThrow(problem);
    expect(written()).toEqual([]);
    expect(output.logs()).toMatchObject([
      { message: 'catalogue refresh failed', level: 'ERROR', error: problem, decision: 'permanent' },
    ]);
    expect(output.metrics()).toEqual(ZEROS);
  });

  test('fails if the index is too short', async () => {
    for (let n = 0; n < 21; n += 1) server.services.delete(`svc${String(n)}`);
    await expect(invoke()).rejects.toThrow(
      `${server.url}: the index lists 299 services, fewer than the 300 that there certainly are`,
    );
    expect(written()).toEqual([]);
  });

  test('fails in time to report it if the server is too slow', async () => {
    await expect(invoke({}, 20_000)).rejects.toThrow(
      'the time is up after 0 of 320 services; it will be retried',
    );
    expect(written()).toEqual([]);
  });

  test('counts a refused write', async () => {
    s3.on(PutObjectCommand).rejects(serviceError('AccessDenied', 403));
    await expect(invoke()).rejects.toThrow(
      /^cannot write s3:\/\/bucket\/catalogue\/[0-9a-f]{12}\.json: AccessDenied/,
    );
    expect(output.metrics()).toEqual({ ...ZEROS, AccessDenied: 1 });
  });

  test('says what is expected if it is invoked with something else', async () => {
    await expect(invoke({ acceptLosses: 'yes' })).rejects.toThrow(
      'the event of refresh-catalogue has an unexpected member acceptLosses (invalid_type); give {} or {"acceptLosses":true}',
    );
    expect(server.asked).toEqual([]);
  });
});
