import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  ACCOUNT_CALLS,
  ACCOUNT_LIST_CALLS,
  BULK_READS,
  CREDENTIAL_READS,
  IAM_READS,
  LAST_ACCESS_CALLS,
  NOTIFY_CALLS,
  OPINION_CALLS,
  REFINE_CALLS,
  REFRESH_CALLS,
  SWEEP_CALLS,
  UNIT_CALLS,
  COLLECT_CALLS,
} from '../../lambda/contract/iam-calls.ts';

const FOLDER = new URL('../../lambda/adapters/aws/', import.meta.url);

/** Operations whose permission has another name. */
const AUTHORISED_BY: Readonly<Record<string, string>> = {
  'access-analyzer:GetFindingV2': 'access-analyzer:GetFinding',
  'access-analyzer:ListFindingsV2': 'access-analyzer:ListFindings',
  's3:HeadObject': 's3:GetObject',
  's3:ListObjectsV2': 's3:ListBucket',
  'sqs:SendMessageBatch': 'sqs:SendMessage',
};
const PREFIX: Readonly<Record<string, string>> = { accessanalyzer: 'access-analyzer', eventbridge: 'events' };

/** What only the commands `doctor` and `collect` call, with a person's own credentials. */
const OF_DOCTOR = /^doctor\//;
const OF_COLLECT = /^collect\/|^sdk\/caller\.ts$/;
/** What it calls beside that, which functions call too. */
const SHARED_WITH_COLLECT = /^sdk\/member-credentials\.ts$|^organizations\/organization-accounts\.ts$/;

/** The IAM action of every SDK command that an adapter makes. */
function actionsInCode(isMeant: (file: string) => boolean): string[] {
  const actions = new Set<string>();
  for (const file of readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  )) {
    if (!isMeant(file)) continue;
    const text = readFileSync(new URL(file, FOLDER), 'utf8');
    for (const [, names = '', client = ''] of text.matchAll(
      /import \{([^}]*)\} from '@aws-sdk\/client-([a-z0-9]+)'/g,
    )) {
      for (const [, operation = ''] of names.matchAll(/(?<!type )\b([A-Z]\w+)Command\b/g)) {
        const action = `${PREFIX[client] ?? client}:${operation}`;
        actions.add(AUTHORISED_BY[action] ?? action);
      }
    }
  }
  return [...actions].sort();
}

test('the list of permissions is exactly what the code calls', () => {
  const opinions = Object.values(OPINION_CALLS);
  const listed = [
    ACCOUNT_CALLS,
    BULK_READS,
    IAM_READS,
    LAST_ACCESS_CALLS,
    CREDENTIAL_READS,
    ACCOUNT_LIST_CALLS,
    REFINE_CALLS,
    SWEEP_CALLS,
    REFRESH_CALLS,
    NOTIFY_CALLS,
    UNIT_CALLS,
    ...opinions,
  ].flatMap((calls) => Object.values<readonly string[]>(calls).flat());
  expect(actionsInCode((file) => !OF_COLLECT.test(file) && !OF_DOCTOR.test(file))).toEqual(
    [...new Set(listed)].sort(),
  );
});

test("the list of collect's calls is exactly what its code calls, and only reads", () => {
  const called = actionsInCode((file) => OF_COLLECT.test(file) || SHARED_WITH_COLLECT.test(file));
  expect(called).toEqual(Object.values<string>(COLLECT_CALLS).sort());
  for (const action of called)
    expect(action).toMatch(/:(?:Get|List|GenerateServiceLastAccessed|AssumeRole$)/);
});

test('no permission changes IAM', () => {
  const reads = [IAM_READS, CREDENTIAL_READS, BULK_READS].flatMap((calls) =>
    Object.values<readonly string[]>(calls),
  );
  for (const action of reads.flat()) expect(action).toMatch(/^iam:(?:Get|List)/);
});
