import { describe, expect, test } from 'vitest';
import { matchesEvent } from './event-pattern.ts';
import { readOptions } from './options.ts';

describe('patterns of rules', () => {
  const pattern = {
    source: ['aws.s3'],
    detail: { bucket: { name: ['b'] }, object: { key: [{ wildcard: 'proposals/*/proposal.json' }] } },
  };
  const event = (key: string, source = 'aws.s3') => ({
    source,
    detail: { bucket: { name: 'b' }, object: { key } },
  });

  test('match what they name and nothing else', () => {
    expect(matchesEvent(pattern, event('proposals/1/role/a/x/proposal.json'))).toBe(true);
    expect(matchesEvent(pattern, event('proposals/1/role/a/x/report.html'))).toBe(false);
    expect(matchesEvent(pattern, event('proposals/1/proposal.json', 'aws.sqs'))).toBe(false);
    expect(matchesEvent({ resources: ['two'] }, { resources: ['one', 'two'] })).toBe(true);
    expect(matchesEvent(pattern, { source: 'aws.s3' })).toBe(false);
  });

  test('with an unknown operator stop the run', () => {
    expect(() => matchesEvent({ a: [{ cidr: '10.0.0.0/8' }] }, { a: 'x' })).toThrow(
      'the load model does not know the pattern operator cidr',
    );
  });
});

describe('the arguments of a load run', () => {
  test('have defaults with every fault on', () => {
    expect(readOptions([])).toMatchObject({
      findings: 1000,
      accounts: 10,
      throttled: 0.05,
      failed: 0.01,
      lost: 0.01,
      duplicated: 0.01,
      sweeps: 1,
    });
  });

  test('are refused in one line that says what to give', () => {
    expect(() => readOptions(['--findings', 'many'])).toThrow(
      '--findings is "many"; give a whole number of at least 1',
    );
    expect(() => readOptions(['--lost', '1'])).toThrow(
      '--lost is "1"; give a share from 0 up to 1, such as 0.05',
    );
    expect(() => readOptions(['--context', 'bulkThreshold'])).toThrow(
      '--context is "bulkThreshold"; give NAME=VALUE with an option of the app',
    );
  });
});
