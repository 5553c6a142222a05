import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { allow, finding, inline, proposalPaths, role, roleArn } from './accounts.ts';
import { useCommandLine } from './command.ts';
import { runHere } from './in-process.ts';

/* Who is recorded as having decided, for a proposal in a bucket and for one in a folder. */

const cli = useCommandLine();
const at = (...names: readonly string[]): string => path.join(cli.folder, ...names);
const BUCKET = 'amzn-s3-demo-bucket';
const CALLER = 'arn:aws:sts::123456789012:assumed-role/Reviewer/ana';
const DECISIONS = 'decisions/123456789012.json';

const s3 = mockClient(S3Client);
const sts = mockClient(STSClient);
/** What the bucket holds, by key. */
const objects = new Map<string, string>();
let folder: string;

beforeAll(async () => {
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAIOSFODNN7EXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'none');
  vi.stubEnv('AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED', 'true');
  cli.write('export.json', {
    RoleDetailList: [
      role('one', { RolePolicyList: [inline('Data', allow('s3:GetObject', 's3:PutObject'))] }),
    ],
  });
  cli.write('finding.json', finding(roleArn('one'), { s3: ['GetObject'] }));
  const options = [
    '--account-details',
    at('export.json'),
    '--findings',
    at('finding.json'),
    '--out',
    at('out'),
  ];
  await runHere(['account', ...options, '--no-reports', '--quiet']);
  const [file = ''] = proposalPaths(at('out'));
  folder = path.dirname(file);
});
afterAll(() => vi.unstubAllEnvs());

beforeEach(() => {
  s3.reset();
  sts.reset();
  objects.clear();
  objects.set(`${folder}/proposal.json`, readFileSync(at('out', folder, 'proposal.json'), 'utf8'));
  sts.on(GetCallerIdentityCommand).resolves({ Account: '123456789012', Arn: CALLER });
  s3.on(GetObjectCommand).callsFake(({ Key }: { Key: string }) => {
    const text = objects.get(Key);
    if (text === undefined) throw Object.assign(new Error('no such key'), { name: 'NoSuchKey' });
    return {
      Body: {
        transformToByteArray: () => Promise.resolve(Buffer.from(text)),
        transformToString: () => Promise.resolve(text),
      },
      ETag: `"${String(text.length)}"`,
    };
  });
  s3.on(ListObjectsV2Command).callsFake(({ Prefix }: { Prefix: string }) => ({
    Contents: [...objects.keys()].filter((key) => key.startsWith(Prefix)).map((Key) => ({ Key })),
  }));
  s3.on(PutObjectCommand).callsFake(({ Key, Body }: { Key: string; Body: string | Uint8Array }) => {
    objects.set(Key, Buffer.from(Body as Uint8Array).toString());
    return { ETag: '"1"' };
  });
});

const decide = (address: string, ...more: readonly string[]) =>
  runHere(['decide', address, '--accept', '--reason', 'agreed', ...more]);

function recorded(text: string | undefined): readonly unknown[] {
  const { decisions } = JSON.parse(text ?? '{}') as { decisions: readonly { by: string; about: string }[] };
  return decisions.map(({ by, about }) => ({ by, about }));
}

test('the decider in a bucket is the caller, and the command says so', async () => {
  const ended = await decide(`s3://${BUCKET}/${folder}/`);
  expect({ status: ended.status, lines: ended.stderr.split('\n').slice(0, 2) }).toEqual({
    status: 0,
    lines: [
      expect.stringMatching(
        /^role one, account 123456789012: accepted by arn:aws:sts::.* on \d{4}-\d\d-\d\d: agreed$/,
      ),
      `recorded in s3://${BUCKET}/${DECISIONS}, decided by ${CALLER}: the caller of these credentials`,
    ],
  });
  expect(recorded(objects.get(DECISIONS))).toEqual([{ by: CALLER, about: roleArn('one') }]);
  expect(s3.commandCalls(PutObjectCommand)[0]?.args[0].input).toMatchObject({
    Bucket: BUCKET,
    IfNoneMatch: '*',
  });
});

test('the decider in a bucket is whom --by names, without a call to AWS', async () => {
  const ended = await decide(`s3://${BUCKET}/${folder}/`, '--by', 'ana');
  expect(ended.stderr).toContain(`recorded in s3://${BUCKET}/${DECISIONS}\n`);
  expect(recorded(objects.get(DECISIONS))).toEqual([{ by: 'ana', about: roleArn('one') }]);
  expect(sts.calls()).toEqual([]);
});

test('nothing is recorded if AWS does not return the caller', async () => {
  sts.on(GetCallerIdentityCommand).rejects(Object.assign(new Error('no'), { name: 'ExpiredToken' }));
  const ended = await decide(`s3://${BUCKET}/${folder}/`);
  expect([ended.status, ended.stderr]).toEqual([
    2,
    expect.stringContaining('the credentials have expired') as string,
  ]);
  expect(objects.has(DECISIONS)).toBe(false);
});

test.each([
  ['a folder', () => at('out', folder)],
  ['a bucket, into a file', () => `s3://${BUCKET}/${folder}/`],
])('the decider of %s is the user of this machine, and the command says so', async (_, address) => {
  const file = at(`decisions-${String(objects.size)}-${String(_.length)}.json`);
  const ended = await decide(address(), '--decisions', file);
  const me = os.userInfo().username;
  expect(ended.stderr).toContain(
    `recorded in ${file}, decided by ${me}: your user name on this machine; --by names somebody else\n`,
  );
  expect(recorded(readFileSync(file, 'utf8'))).toEqual([{ by: me, about: roleArn('one') }]);
  expect(sts.calls()).toEqual([]);
});
