import { existsSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { embeddedCatalogue } from '../../lambda/adapters/catalogue/embedded.ts';
import { ServiceReference } from '../../lambda/adapters/reference/service-reference.ts';
import { linesOf, useCommandLine } from './command.ts';
import { documentOf, useReferenceServer } from './reference-server.ts';

const cli = useCommandLine();
const server = useReferenceServer();

const fileOf = (name: string): string => path.join(cli.folder, name);
const update = (name: string, ...more: readonly string[]) =>
  cli.run(['catalogue', 'update', name, '--from', server.url, ...more]);
const contentOf = (name: string): Record<string, Record<string, string>> =>
  JSON.parse(readFileSync(fileOf(name), 'utf8')) as Record<string, Record<string, string>>;

describe("the catalogue from AWS's published reference", () => {
  test('is written, and can be used as a catalogue', async () => {
    server.services.set('zeta', ['PutB', 'putA', '!GetC', '?Odd']);
    const { status, stdout, stderr } = await cli.start([
      ...['catalogue', 'update', 'new.json', '--from', server.url],
    ]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toMatch(
      /^new\.json: AWS Service Authorization Reference [0-9a-f]{12} of \d{4}-\d\d-\d\d: 321 services, 964 actions, 322 of which AWS never reports unused one by one; new, 321 services read\nnew\.json: not compared with the built-in catalogue, which names most services otherwise\n$/,
    );
    expect(contentOf('new.json')['services']?.['zeta']).toBe('GetC Odd putA PutB');
    expect(contentOf('new.json')['untracked']?.['zeta']).toBe('GetC Odd');
    const said = await cli.start(['catalogue', '--json', '--catalogue', 'new.json']);
    expect(JSON.parse(said.stdout)).toMatchObject({
      source: 'AWS Service Authorization Reference',
      services: 321,
      actions: 964,
    });
  });

  test('is compared with the embedded one if it is new: missing actions are kept, and twenty losses are named', async () => {
    server.services.clear();
    const { services } = embeddedCatalogue();
    for (const { name, actions } of services.values()) server.services.set(name, actions);
    const gone = [...services.values()].slice(0, 22).map(({ name }) => name);
    for (const name of gone) server.services.delete(name);
    server.services.set('ec2', ['RunInstances']);
    const { status, stderr } = await update('first.json');
    expect(status).toBe(1);
    const lines = linesOf(stderr);
    expect(lines).toHaveLength(22);
    expect(lines[1]).toBe(
      `first.json: ${gone[0] ?? ''} with its ${String(services.get(gone[0] ?? '')?.actions.length)} actions is gone; kept as it was, unless you give --accept-losses`,
    );
    expect(lines[21]).toBe('first.json: and 3 more services likewise');
    const written = contentOf('first.json');
    expect(written['services']?.['ec2']).toBe(services.get('ec2')?.actions.join(' '));
    expect(written['trackingUnknown']).toEqual([...gone, 'ec2'].sort());
    const said = await cli.run(['catalogue', '--json', '--catalogue', 'first.json']);
    expect(JSON.parse(said.stdout)).toMatchObject({ services: services.size });
  });

  test('is requested again by ETag, eight requests at once, and stays the same to the byte', async () => {
    server.delay = 3;
    await update('twice.json');
    const before = readFileSync(fileOf('twice.json'), 'utf8');
    expect(server.most()).toBe(8);
    const { status, stderr } = await update('twice.json');
    expect(status).toBe(0);
    expect(stderr).toContain('nothing new, 0 services read');
    expect(readFileSync(fileOf('twice.json'), 'utf8')).toBe(before);
    expect(server.asked).toHaveLength(2 * 321);
  });

  test('gets new services, and reads nothing else', async () => {
    await update('grown.json');
    server.services.set('svc7', ['GetThing', 'PutThing', '!Poll', 'DropThing']);
    server.services.set('svc320', ['GetThing']);
    const { stderr } = await update('grown.json');
    expect(stderr).toContain('321 services, 962 actions');
    expect(stderr).toContain('new, 2 services read');
    expect(contentOf('grown.json')['services']?.['svc7']).toBe('DropThing GetThing Poll PutThing');
  });

  test('keeps a service that shrinks by more than half or disappears, unless losses are accepted', async () => {
    server.services.set('svc4', ['A', 'B', 'C', 'D']);
    await update('lost.json');
    server.services.set('svc1', ['GetThing']);
    // Half of it may go.
    server.services.set('svc4', ['A', 'B']);
    server.services.set('svc2', ['GetThing', 'PutThing']);
    server.services.delete('svc3');
    const { status, stderr } = await update('lost.json');
    expect(status).toBe(1);
    expect(linesOf(stderr).slice(1)).toEqual([
      'lost.json: svc1 has 1 action where it had 3; kept as it was, unless you give --accept-losses',
      'lost.json: svc3 with its 3 actions is gone; kept as it was, unless you give --accept-losses',
    ]);
    const { services } = contentOf('lost.json');
    expect([services?.['svc1'], services?.['svc2'], services?.['svc3']]).toEqual([
      'GetThing Poll PutThing',
      'GetThing PutThing',
      'GetThing Poll PutThing',
    ]);
    const accepted = await update('lost.json', '--accept-losses');
    expect(accepted.status).toBe(0);
    expect(contentOf('lost.json')['services']).toMatchObject({ svc1: 'GetThing' });
    expect(contentOf('lost.json')['services']).not.toHaveProperty('svc3');
  });

  test('is retried if the server fails temporarily', async () => {
    server.faults.set('svc5', [(_, response) => response.writeHead(503).end()]);
    server.faults.set('svc6', [(_, response) => response.socket?.destroy()]);
    expect((await update('moment.json')).status).toBe(0);
    expect(server.asked.filter((service) => service === 'svc5' || service === 'svc6')).toHaveLength(4);
  });

  test.each<[string, string, (body: string) => string]>([
    ['cut off', 'is not JSON; was it cut off?', (body) => body.slice(0, -20)],
    ['something else', 'is not JSON', () => '<html>maintenance</html>'],
    [
      'of another shape',
      'is not of the documented shape at Actions.0.Name',
      (b) => b.replace('GetThing', 'Get Thing'),
    ],
    ['without actions', 'is not of the documented shape at Actions', () => '{"Name":"svc9","Actions":[]}'],
    ['about another service', 'is about "other", not about svc9', (body) => body.replace('svc9', 'other')],
  ])('the catalogue is refused as a whole if one answer is %s', async (_, problem, change) => {
    await update('whole.json');
    const before = readFileSync(fileOf('whole.json'), 'utf8');
    const good = JSON.stringify(documentOf('svc9', ['GetThing', 'PutThing']));
    server.faults.set('svc9', [(_request, response) => response.end(change(good))]);
    const { status, stderr } = await update('whole.json');
    expect(status).toBe(1);
    expect(linesOf(stderr)).toHaveLength(1);
    expect(stderr).toContain(`${server.url}v1/svc9/svc9.json ${problem}`);
    expect(readFileSync(fileOf('whole.json'), 'utf8')).toBe(before);
  });

  test('is refused if the index is too short, or missing', async () => {
    for (let n = 299; n < 320; n += 1) server.services.delete(`svc${String(n)}`);
    const short = await update('short.json');
    expect(short.status).toBe(1);
    expect(short.stderr).toContain('lists 299 services, fewer than the 300 that there certainly are');
    server.faults.set('', [(_, response) => response.writeHead(404).end()]);
    const gone = await update('short.json');
    expect(gone.status).toBe(1);
    expect(gone.stderr).toBe(`unused-access-refiner: cannot read ${server.url}: the server answered 404\n`);
    expect(existsSync(fileOf('short.json'))).toBe(false);
  });

  test('does not overwrite a file that the command has not written', async () => {
    cli.write('mine.json', { s3: ['GetObject'] });
    const { status, stderr } = await update('mine.json');
    expect(status).toBe(2);
    expect(stderr).toBe(
      'unused-access-refiner: mine.json: is not a catalogue that this command has written; name another file\n',
    );
    expect(readFileSync(fileOf('mine.json'), 'utf8')).toBe('{"s3":["GetObject"]}');
  });
});

test('a server that takes too long, or sends data too slowly, is a timeout', async () => {
  const source = new ServiceReference({ url: server.url, timeout: 150, pause: 1 });
  const never = (): void => undefined;
  server.faults.set('', [never, never, never]);
  await expect(source.services()).rejects.toThrow(`cannot read ${server.url}: no answer in time`);
  expect(server.asked).toHaveLength(3);
  const entry = { service: 'svc1', url: `${server.url}v1/svc1/svc1.json` };
  server.faults.set(
    'svc1',
    Array.from({ length: 3 }, () => (_: unknown, response: ServerResponse) => {
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => {
        clearInterval(timer);
      });
    }),
  );
  await expect(source.service(entry, undefined)).rejects.toThrow('no answer in time');
});
