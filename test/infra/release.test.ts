import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';
import { parse as parseHcl } from '@cdktf/hcl2json';
import { expect, test } from 'vitest';
import { FUNCTION, type FunctionName } from '../../lambda/contract/functions.ts';
import { plainSynth } from '../../scripts/plain-synth.ts';
import { MemberStack } from '../../lib/stacks/member-stack.ts';
import { ReleaseStack } from '../../lib/stacks/release-stack.ts';
import { zipOf } from '../../scripts/release.ts';
import { ofType } from './synth.ts';

const zips = Object.fromEntries(Object.values(FUNCTION).map((name) => [name, `${name}-1.zip`])) as Record<
  FunctionName,
  string
>;
const templates = plainSynth({}, (app) => {
  new ReleaseStack(app, 'Main', { zips });
  new MemberStack(app, 'Member', { lastAccessed: false, findingSource: 'access-analyzer' });
});
const main = templates.get('Main')!;
const member = templates.get('Member')!;

test('the common options are parameters, and only two have no default', () => {
  const defaults = Object.entries(main.Parameters ?? {}).map(([name, { Default }]) => [name, Default]);
  expect(Object.fromEntries(defaults)).toStrictEqual({
    Email: undefined,
    CodeBucket: undefined,
    CodePrefix: '',
    ExistingAnalyzerArn: '',
    AnalyzerType: 'ACCOUNT_UNUSED_ACCESS',
    UnusedAccessAge: 90,
    Generalize: 'shortest',
    LogRetentionDays: '90',
    RunbookUrl: 'docs/runbook.md',
    MemberRoleName: 'UnusedAccessRefinerReader',
    MemberExternalId: 'unused-access-refiner',
    PermissionsBoundary: '',
  });
  expect(Object.keys(member.Parameters ?? {}).toSorted()).toStrictEqual([
    'AccountWorkerRoleArn',
    'MemberExternalId',
    'MemberRoleName',
    'WorkerRoleArn',
  ]);
  for (const name of ['MemberRoleName', 'MemberExternalId']) {
    expect(member.Parameters?.[name]).toStrictEqual(main.Parameters?.[name]);
  }
});

test('the code lies in the bucket, and nothing asks for the CDK', () => {
  const functions = ofType(main, 'AWS::Lambda::Function').map(({ Properties }) => Properties['Code']);
  expect(functions).toHaveLength(5);
  for (const name of Object.values(FUNCTION)) {
    expect(functions).toContainEqual({
      S3Bucket: { Ref: 'CodeBucket' },
      S3Key: { 'Fn::Join': ['', [{ Ref: 'CodePrefix' }, `${name}-1.zip`]] },
    });
  }
  expect(JSON.stringify([main, member])).not.toMatch(/cdk-hnb659fds|BootstrapVersion/);
});

test('an analyzer is made only where none is named, and every role has the boundary that is named', () => {
  const [analyzer] = ofType(main, 'AWS::AccessAnalyzer::Analyzer');
  expect(analyzer).toMatchObject({
    Condition: 'MakesAnalyzer',
    Properties: {
      AnalyzerConfiguration: { UnusedAccessConfiguration: { UnusedAccessAge: { Ref: 'UnusedAccessAge' } } },
    },
  });
  const arn = {
    'Fn::If': ['MakesAnalyzer', { 'Fn::GetAtt': ['Analyzer', 'Arn'] }, { Ref: 'ExistingAnalyzerArn' }],
  };
  const environments = ofType(main, 'AWS::Lambda::Function').flatMap(({ Properties }) => {
    const { Variables } = Properties['Environment'] as { Variables: Record<string, unknown> };
    return 'ANALYZER_ARN' in Variables ? [Variables['ANALYZER_ARN']] : [];
  });
  expect(environments).toStrictEqual([arn, arn, arn]);
  for (const { Properties } of ofType(main, 'AWS::IAM::Role')) {
    expect(Properties['PermissionsBoundary']).toStrictEqual({
      'Fn::If': ['HasBoundary', { Ref: 'PermissionsBoundary' }, { Ref: 'AWS::NoValue' }],
    });
  }
});

test('the Terraform example names parameters and outputs of the template, and says that nobody ran it', async () => {
  const text = readFileSync('examples/terraform/main.tf', 'utf8');
  expect(text).toContain('It has not been run with Terraform itself.');
  const { resource, output } = (await parseHcl('main.tf', text)) as {
    resource: { aws_cloudformation_stack: { refiner: { parameters: object; capabilities: string[] }[] } };
    output: Record<string, { value: string }[]>;
  };
  const [stack] = resource.aws_cloudformation_stack.refiner;
  const known = Object.keys(main.Parameters ?? {});
  const given = Object.keys(stack?.parameters ?? {});
  expect(given.filter((name) => !known.includes(name))).toStrictEqual([]);
  expect(given).toEqual(expect.arrayContaining(['Email', 'CodeBucket']));
  const outputs = Object.values(output).map(([one]) => /outputs\["(\w+)"\]/.exec(one?.value ?? '')?.[1]);
  expect(outputs).toHaveLength(2);
  for (const name of outputs) expect(main.Outputs).toHaveProperty(String(name));
});

test('a zip holds its one file, and the same content has the same bytes', () => {
  const content = Buffer.from('export const handler = 1;\n'.repeat(100));
  const zip = zipOf('index.mjs', content);
  expect(zip.equals(zipOf('index.mjs', content))).toBe(true);
  expect(zip.readUInt32LE(0)).toBe(0x04034b50);
  const name = zip.readUInt16LE(26);
  expect(zip.subarray(30, 30 + name).toString()).toBe('index.mjs');
  const packed = zip.subarray(30 + name, 30 + name + zip.readUInt32LE(18));
  expect(inflateRawSync(packed).equals(content)).toBe(true);
  expect(zip.readUInt32LE(zip.length - 22)).toBe(0x06054b50);
});
