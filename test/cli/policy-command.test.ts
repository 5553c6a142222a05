import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { execute, useCommandLine } from './command.ts';

const cli = useCommandLine();
const ARTICLE = path.resolve('test/laws/fixtures/article-example');

const UNUSED = [{ serviceNamespace: 's3', actions: ['GetObject'] }];
const POLICY = {
  Version: '2012-10-17',
  Statement: [{ Sid: 'Read', Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: '*' }],
};
const REFINED = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Read",
      "Effect": "Allow",
      "Action": [
        "s3:PutObject"
      ],
      "Resource": "*"
    }
  ]
}
`;

describe('the policy command', () => {
  test('prints the refined policy and nothing else', async () => {
    cli.write('policy.json', POLICY);
    cli.write('unused.json', UNUSED);
    expect(await cli.start(['policy', '--policy', 'policy.json', '--unused', 'unused.json'])).toEqual({
      status: 0,
      stdout: REFINED,
      stderr: '',
    });
  });

  test('reads the policy from standard input', async () => {
    cli.write('unused.json', UNUSED);
    const ended = await cli.start(['policy', '--policy', '-', '--unused', 'unused.json'], {
      input: JSON.stringify(POLICY),
    });
    expect(ended).toEqual({ status: 0, stdout: REFINED, stderr: '' });
  });

  test('does not read both files from standard input', async () => {
    const ended = await cli.run(['policy', '--policy', '-', '--unused', '-']);
    expect(ended.status).toBe(2);
    expect(ended.stderr).toBe('unused-access-refiner: --policy and --unused cannot both be standard input\n');
  });

  test('reads the unused access from a get-finding-v2 response', async () => {
    cli.write('policy.json', POLICY);
    cli.write('finding.json', {
      id: 'f',
      resource: 'arn:aws:iam::123456789012:role/R',
      resourceType: 'AWS::IAM::Role',
      resourceOwnerAccount: '123456789012',
      status: 'ACTIVE',
      findingType: 'UnusedPermission',
      updatedAt: '2026-11-20T00:00:00Z',
      findingDetails: [
        {
          unusedPermissionDetails: {
            serviceNamespace: 's3',
            actions: [{ action: 'GetObject', lastAccessed: '2025-01-01T00:00:00Z' }],
          },
        },
        { unusedPermissionDetails: { serviceNamespace: 'sqs', lastAccessed: '2025-01-01T00:00:00Z' } },
      ],
    });
    const ended = await cli.run(['policy', '--policy', 'policy.json', '--unused', 'finding.json']);
    expect(ended).toEqual({ status: 0, stdout: REFINED, stderr: '' });
  });

  test.each([
    ['a service without actions', '[{"serviceNamespace":"s3"}]'],
    ['a service with null for actions', '[{"serviceNamespace":"s3","actions":null}]'],
    ['a service with an empty list of actions', '[{"serviceNamespace":"s3","actions":[]}]'],
  ])('understands %s as the whole service', async (_, unused) => {
    cli.write('policy.json', {
      ...POLICY,
      Statement: [{ ...POLICY.Statement[0], Action: ['s3:*', 'sqs:SendMessage'] }],
    });
    cli.write('unused.json', unused);
    const { stdout } = await cli.run(['policy', '--policy', 'policy.json', '--unused', 'unused.json']);
    expect(JSON.parse(stdout)).toEqual({
      ...POLICY,
      Statement: [{ ...POLICY.Statement[0], Action: ['sqs:SendMessage'] }],
    });
  });

  test('accepts bare and prefixed names of actions, as strings and as objects', async () => {
    cli.write('policy.json', {
      ...POLICY,
      Statement: [
        {
          ...POLICY.Statement[0],
          Action: [
            's3:GetObject',
            's3:PutObject',
            's3:DeleteObject',
            'sqs:SendMessage',
            'sqs:ReceiveMessage',
          ],
        },
      ],
    });
    cli.write('unused.json', [
      { serviceNamespace: 's3', actions: ['getobject', { action: 'S3:PutObject' }] },
      { serviceNamespace: 'sqs', actions: ['sqs:SendMessage', { action: 'ReceiveMessage' }] },
    ]);
    const { stdout } = await cli.run(['policy', '--policy', 'policy.json', '--unused', 'unused.json']);
    expect(stdout).toContain('"Action": [\n        "s3:DeleteObject"\n      ]');
  });

  test("gives the article's answer with the article's catalogue", async () => {
    const ended = await cli.run([
      'policy',
      '--policy',
      path.join(ARTICLE, 'policy.json'),
      '--unused',
      path.join(ARTICLE, 'unused-permissions.json'),
      '--catalogue',
      path.join(ARTICLE, 'catalogue-2024-08.json'),
    ]);
    expect(ended.status).toBe(0);
    expect(ended.stderr).toBe('');
    expect(JSON.parse(ended.stdout)).toEqual(
      JSON.parse(readFileSync(path.join(ARTICLE, 'refined-policy.json'), 'utf8')),
    );
  });

  test.each([
    ['shortest', ['s3:GetObject*', 's3:Put*']],
    ['least', ['s3:GetObject*', 's3:PutObject*']],
    ['enumerate', ['s3:GetObject', 's3:GetObjectAcl', 's3:PutObject', 's3:PutObjectAcl']],
  ])('splits wildcards according to --generalize %s', async (mode, actions) => {
    cli.write('catalogue.json', {
      s3: ['GetObject', 'GetObjectAcl', 'GetBucketPolicy', 'PutObject', 'PutObjectAcl'],
    });
    cli.write('policy.json', { ...POLICY, Statement: [{ ...POLICY.Statement[0], Action: ['s3:*'] }] });
    cli.write('unused.json', [{ serviceNamespace: 's3', actions: ['GetBucketPolicy'] }]);
    const { stdout } = await cli.run([
      'policy',
      '--policy',
      'policy.json',
      '--unused',
      'unused.json',
      '--catalogue',
      'catalogue.json',
      '--generalize',
      mode,
    ]);
    expect(JSON.parse(stdout)).toEqual({
      ...POLICY,
      Statement: [{ ...POLICY.Statement[0], Action: actions }],
    });
  });

  test('keeps what --keep names, however often it is given', async () => {
    cli.write('policy.json', POLICY);
    cli.write('unused.json', [{ serviceNamespace: 's3' }]);
    const { stdout } = await cli.run([
      'policy',
      '--policy',
      'policy.json',
      '--unused',
      'unused.json',
      '--keep',
      's3:Get*',
      '--keep',
      'S3:putobject',
      '--format',
      'json',
    ]);
    const { policy, retained } = JSON.parse(stdout) as { policy: unknown; retained: unknown };
    expect(policy).toEqual(POLICY);
    expect(retained).toEqual([
      { action: 's3:GetObject', reason: 'the keep-list names s3:Get*' },
      { action: 's3:PutObject', reason: 'the keep-list names S3:putobject' },
    ]);
  });

  test('prints policy, changes, retained and verification with --format json', async () => {
    cli.write('policy.json', POLICY);
    cli.write('unused.json', UNUSED);
    const { status, stdout, stderr } = await cli.run([
      'policy',
      '--policy',
      'policy.json',
      '--unused',
      'unused.json',
      '--format',
      'json',
    ]);
    expect(status).toBe(0);
    expect(stderr).toBe('');
    const answer = JSON.parse(stdout) as Record<string, unknown>;
    expect(Object.keys(answer).sort()).toEqual(['changes', 'notes', 'policy', 'retained', 'verification']);
    expect(answer['policy']).toEqual(JSON.parse(REFINED));
    expect(answer['changes']).toMatchObject([
      { statement: 0, sid: 'Read', element: 'Action', pattern: 's3:GetObject', outcome: 'removed', to: [] },
      { statement: 0, sid: 'Read', element: 'Action', pattern: 's3:PutObject', outcome: 'kept' },
    ]);
    expect(answer['retained']).toEqual([]);
    expect(answer['verification']).toMatchObject({ verdict: 'exact', statementsChecked: 1 });
  });

  test.each([
    ['json', { policy: null }],
    ['policy', null],
  ])('prints null with --format %s if nothing is left', async (format, expected) => {
    cli.write('policy.json', POLICY);
    cli.write('unused.json', [{ serviceNamespace: 's3' }]);
    const ended = await cli.run([
      'policy',
      '--policy',
      'policy.json',
      '--unused',
      'unused.json',
      '--format',
      format,
    ]);
    expect(ended.status).toBe(0);
    const answer = JSON.parse(ended.stdout) as unknown;
    if (expected === null) expect(answer).toBeNull();
    else expect(answer).toMatchObject(expected);
    expect(ended.stderr).toBe(
      'policy.json: nothing is left of the policy; detach it (managed) or delete it (inline)\n',
    );
  });

  test('does not change its input', async () => {
    const text = JSON.stringify(POLICY);
    const file = cli.write('policy.json', text);
    const unused = cli.write('unused.json', UNUSED);
    await cli.run(['policy', '--policy', 'policy.json', '--unused', 'unused.json']);
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect(readFileSync(unused, 'utf8')).toBe(JSON.stringify(UNUSED));
  });

  test('does not fail if its output is closed early', async () => {
    const actions = Array.from({ length: 20_000 }, (_, index) => `s3:Get${String(index)}`);
    cli.write('policy.json', { ...POLICY, Statement: [{ ...POLICY.Statement[0], Action: actions }] });
    cli.write('unused.json', UNUSED);
    const script = `"${process.execPath}" "${cli.program}" policy --policy policy.json --unused unused.json | head -n 1`;
    const ended = await execute('/bin/sh', ['-c', script], { cwd: cli.folder });
    expect(ended).toMatchObject({ status: 0, stdout: '{\n' });
    expect(ended.stderr).toMatch(/^policy\.json: the refined policy has [\d,]+ characters, [^\n]*\n$/);
  });
});

describe('what is preserved exactly', () => {
  const keeps = async (statement: string, rest = ''): Promise<string> => {
    cli.write('policy.json', `{"Version":"2012-10-17"${rest},"Statement":[${statement}]}`);
    cli.write('unused.json', UNUSED);
    const { stdout } = await cli.run(['policy', '--policy', 'policy.json', '--unused', 'unused.json']);
    return stdout.replace(/\s*\n\s*/g, '');
  };

  test('numbers in conditions', async () => {
    const condition =
      '"NumericLessThan": {"aws:MultiFactorAuthAge": [1.0,1e400,12345678901234567890,-0,1E+2]}';
    expect(
      await keeps(
        `{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"*","Condition":{${condition}}}`,
      ),
    ).toContain(condition);
  });

  test('unusual Unicode, escapes and names such as __proto__', async () => {
    const condition =
      '"StringLike": {"aws:RequestTag/__proto__": "naïve 🦆","aws:PrincipalTag/constructor": ["\\u2028".."\\u0000"]}'.replace(
        '..',
        ',',
      );
    const text = await keeps(
      `{"Sid":"toString","Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":["arn:aws:s3:::ключ/*"],"Condition":{${condition}}}`,
    );
    const [statement] = (JSON.parse(text) as { Statement: Record<string, unknown>[] }).Statement;
    expect(statement).toEqual({
      Sid: 'toString',
      Effect: 'Allow',
      Action: ['s3:PutObject'],
      Resource: ['arn:aws:s3:::ключ/*'],
      Condition: {
        StringLike: {
          'aws:RequestTag/__proto__': 'naïve 🦆',
          'aws:PrincipalTag/constructor': ['\u2028', '\u0000'],
        },
      },
    });
  });

  test('a Version of 2008, an Id and a Sid of a thousand letters', async () => {
    const sid = 'A'.repeat(1000);
    cli.write(
      'policy.json',
      `{"Id":"Old","Statement":{"Sid":"${sid}","Action":["s3:GetObject","s3:PutObject"],"Effect":"Allow","Resource":"*"},"Version":"2008-10-17"}`,
    );
    cli.write('unused.json', UNUSED);
    const { stdout } = await cli.run(['policy', '--policy', 'policy.json', '--unused', 'unused.json']);
    expect(stdout.replace(/\s*\n\s*/g, '')).toBe(
      `{"Id": "Old","Statement": {"Sid": "${sid}","Action": ["s3:PutObject"],"Effect": "Allow","Resource": "*"},"Version": "2008-10-17"}`,
    );
  });

  test('the absence of a Version', async () => {
    cli.write(
      'policy.json',
      '{"Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"*"}]}',
    );
    cli.write('unused.json', UNUSED);
    const { stdout } = await cli.run(['policy', '--policy', 'policy.json', '--unused', 'unused.json']);
    expect(stdout).not.toContain('Version');
  });

  test('services, actions and names of the object prototype', async () => {
    cli.write('policy.json', {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'constructor',
          Effect: 'Allow',
          Action: ['constructor:toString', 'valueof:hasOwnProperty', 's3:__proto__', 's3:constructor'],
          Resource: '*',
        },
      ],
    });
    cli.write(
      'unused.json',
      '[{"serviceNamespace":"__proto__"},{"serviceNamespace":"valueOf"},{"serviceNamespace":"toString","actions":["constructor"]},{"serviceNamespace":"s3","actions":["constructor","toString"]}]',
    );
    const { status, stdout } = await cli.run([
      'policy',
      '--policy',
      'policy.json',
      '--unused',
      'unused.json',
    ]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'constructor',
          Effect: 'Allow',
          Action: ['constructor:toString', 's3:__proto__'],
          Resource: '*',
        },
      ],
    });
  });
});

describe('the diff', () => {
  const TEXTS: readonly (readonly [string, string])[] = [
    ['two spaces', `${JSON.stringify(POLICY, null, 2)}\n`],
    ['four spaces and no line feed at the end', JSON.stringify(POLICY, null, 4)],
    ['tabs and carriage returns', JSON.stringify(POLICY, null, '\t').replaceAll('\n', '\r\n')],
    ['one line', JSON.stringify(POLICY)],
    [
      'lists on one line',
      '{\n  "Version" : "2012-10-17",\n  "Statement": [\n    { "Sid": "Read", "Effect": "Allow",\n      "Action": [ "s3:GetObject", "s3:PutObject" ],\n      "Resource": "*" } ]\n}\n',
    ],
    ['a byte order mark', `\uFEFF${JSON.stringify(POLICY, null, 2)}\n`],
  ];

  test.each(TEXTS)("applies to the author's own file, written with %s", async (_, text) => {
    const folder = path.join(cli.folder, 'patched');
    mkdirSync(folder, { recursive: true });
    const file = path.join(folder, 'policy.json');
    writeFileSync(file, text);
    cli.write('unused.json', UNUSED);
    const { status, stdout, stderr } = await cli.run([
      'policy',
      '--policy',
      file,
      '--unused',
      'unused.json',
      '--format',
      'diff',
    ]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^--- a\/policy\.json\n\+\+\+ b\/policy\.json\n@@/);
    const applied = await execute('git', ['apply', '-'], { cwd: folder }, stdout);
    expect(applied).toMatchObject({ status: 0 });
    expect(JSON.parse(readFileSync(file, 'utf8').replace('\uFEFF', ''))).toEqual(JSON.parse(REFINED));
  });

  test('shows only what changes', async () => {
    cli.write('policy.json', `${JSON.stringify(POLICY, null, 2)}\n`);
    cli.write('unused.json', UNUSED);
    const { stdout } = await cli.run([
      'policy',
      '--policy',
      'policy.json',
      '--unused',
      'unused.json',
      '--format',
      'diff',
    ]);
    const changed = stdout.split('\n').filter((line) => /^[-+](?![-+]{2} )/.test(line));
    expect(changed).toEqual(['-        "s3:GetObject",']);
  });

  test('is empty when nothing changes', async () => {
    cli.write('policy.json', POLICY);
    cli.write('unused.json', []);
    expect(
      await cli.run(['policy', '--policy', 'policy.json', '--unused', 'unused.json', '--format', 'diff']),
    ).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  test('removes the file when nothing is left', async () => {
    const folder = path.join(cli.folder, 'gone');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'policy.json'), JSON.stringify(POLICY, null, 2));
    cli.write('unused.json', [{ serviceNamespace: 's3' }]);
    const { stdout } = await cli.run([
      'policy',
      '--policy',
      path.join(folder, 'policy.json'),
      '--unused',
      'unused.json',
      '--format',
      'diff',
    ]);
    expect(await execute('git', ['apply', '-'], { cwd: folder }, stdout)).toMatchObject({ status: 0 });
    expect(() => readFileSync(path.join(folder, 'policy.json'))).toThrow(/ENOENT/);
  });

  test('drops statements from the beginning, the middle and the end', async () => {
    const read = (sid: string, action: string): string =>
      `{"Sid":"${sid}", "Effect":"Allow","Action":"${action}","Resource":"*"}`;
    const statements = [
      read('A', 's3:GetObject'),
      read('B', 's3:GetObject'),
      read('C', 'sqs:*'),
      read('D', 's3:GetObject'),
      read('E', 'sns:*'),
      read('F', 's3:GetObject'),
    ];
    const folder = path.join(cli.folder, 'dropped');
    mkdirSync(folder, { recursive: true });
    const file = path.join(folder, 'policy.json');
    writeFileSync(file, `{"Version":"2012-10-17","Statement":[\n  ${statements.join(',\n  ')}\n]}\n`);
    cli.write('unused.json', UNUSED);
    const { stdout } = await cli.run([
      'policy',
      '--policy',
      file,
      '--unused',
      'unused.json',
      '--format',
      'diff',
    ]);
    expect(await execute('git', ['apply', '-'], { cwd: folder }, stdout)).toMatchObject({ status: 0 });
    expect(readFileSync(file, 'utf8')).toBe(
      `{"Version":"2012-10-17","Statement":[\n  ${statements[2] ?? ''},\n  ${statements[4] ?? ''}\n]}\n`,
    );
  });
});
