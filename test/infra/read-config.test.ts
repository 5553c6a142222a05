import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { App } from 'aws-cdk-lib';
import { afterAll, expect, test } from 'vitest';

import { readConfig } from '../../lib/config/read-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'refiner-options-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function read(context: Record<string, unknown>) {
  return readConfig(new App({ context }).node);
}

test("options come from the CDK context, and the CDK's own flags are not options", () => {
  const config = read({
    email: 'a@example.org',
    '@aws-cdk/core:checkSecretUsage': true,
    'aws:cdk:bundling-stacks': [],
    'availability-zones:account=1:region=x': ['a'],
  });
  expect(config.email).toStrictEqual(['a@example.org']);
});

test('options come from a file, and the command line takes precedence', () => {
  const config = file('options.json', '{"email": ["file@example.org"], "concurrency": 7}');
  expect(read({ config, email: 'line@example.org' })).toMatchObject({
    email: ['line@example.org'],
    concurrency: 7,
  });
});

test('a misspelt option on the command line is an error', () => {
  expect(() => read({ notficationWindow: '60' })).toThrow(
    'option notficationWindow does not exist; did you mean notificationWindow?',
  );
});

test('a file that is missing, not JSON or not an object is named', () => {
  expect(() => read({ config: '/nowhere/options.json' })).toThrow(
    'options file /nowhere/options.json cannot be read; give the path of a JSON file',
  );
  const broken = file('broken.json', '{"email": ');
  expect(() => read({ config: broken })).toThrow(`options file ${broken} is not JSON (`);
  const array = file('array.json', '[]');
  expect(() => read({ config: array })).toThrow(
    `options file ${array} holds no JSON object; write {"email": ["you@example.org"]}`,
  );
  expect(() => read({ config: true })).toThrow(
    'option config is true; give the path of a JSON file with options',
  );
});
