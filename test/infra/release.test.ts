import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';
import { parse as parseHcl } from '@cdktf/hcl2json';
import { expect, test } from 'vitest';
import { FUNCTION, type FunctionName } from '../../lambda/contract/functions.ts';
import { releaseTemplates, templatesBySource, zipOf } from '../../scripts/release.ts';
import { ofType, statements } from './synth.ts';

const zips = Object.fromEntries(Object.values(FUNCTION).map((name) => [name, `${name}-1.zip`])) as Record<
  FunctionName,
  string
>;
const { main, member } = releaseTemplates(zips);
const bySource = templatesBySource(zips);

test('the common options are parameters, and only two have no default', () => {
  const defaults = Object.entries(main.Parameters ?? {}).map(([name, { Default }]) => [name, Default]);
  expect(Object.fromEntries(defaults)).toStrictEqual({
    Email: undefined,
    CodeBucket: undefined,
    CodePrefix: '',
    FindingSource: 'access-analyzer',
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
    'FindingSource',
    'MemberExternalId',
    'MemberRoleName',
    'OrganizationId',
    'WorkerRoleArn',
  ]);
  for (const name of ['FindingSource', 'MemberRoleName', 'MemberExternalId']) {
    expect(member.Parameters?.[name]).toStrictEqual(main.Parameters?.[name]);
  }
});

test('the code is in the bucket, and nothing needs the CDK', () => {
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

const NO_VALUE = { Ref: 'AWS::NoValue' };

test('an analyzer is created only if none is named, and every role has the named boundary', () => {
  const [analyzer] = ofType(main, 'AWS::AccessAnalyzer::Analyzer');
  expect(analyzer).toMatchObject({
    Condition: 'UsesAnalyzerAndMakesAnalyzer',
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
  const whereThereIsOne = { 'Fn::If': ['UsesAnalyzer', arn, NO_VALUE] };
  expect(environments).toStrictEqual([whereThereIsOne, whereThereIsOne, whereThereIsOne]);
  for (const { Properties } of ofType(main, 'AWS::IAM::Role')) {
    expect(Properties['PermissionsBoundary']).toStrictEqual({
      'Fn::If': ['HasBoundary', { Ref: 'PermissionsBoundary' }, { Ref: 'AWS::NoValue' }],
    });
  }
});

/** A value of a template while FindingSource has this value; undefined where there is none. */
function chosen(value: unknown, usesAnalyzer: boolean): unknown {
  if (Array.isArray(value)) {
    return value.map((one) => chosen(one, usesAnalyzer)).filter((one) => one !== undefined);
  }
  if (typeof value !== 'object' || value === null) return value;
  if ('Fn::If' in value && Array.isArray(value['Fn::If']) && value['Fn::If'][0] === 'UsesAnalyzer') {
    const [, yes, no] = value['Fn::If'] as readonly unknown[];
    const one = chosen(usesAnalyzer ? yes : no, usesAnalyzer);
    return JSON.stringify(one) === JSON.stringify(NO_VALUE) ? undefined : one;
  }
  const members = Object.entries(value).map(([name, one]) => [name, chosen(one, usesAnalyzer)] as const);
  return Object.fromEntries(members.filter(([, one]) => one !== undefined));
}

test.each(['main', 'member'] as const)(
  'with either source the %s template is the one that the CDK would deploy',
  (stack) => {
    const merged = { main, member }[stack];
    for (const [place, plain] of bySource[stack].entries()) {
      const isHere = ({ Condition = 'any' }: { readonly Condition?: string }): boolean =>
        Condition === 'any' ||
        !['UsesAnalyzer', 'UsesAnalyzerAndMakesAnalyzer'].includes(Condition) ||
        place === 0;
      for (const part of ['Resources', 'Outputs'] as const) {
        const parts = Object.entries<object>(merged[part]).filter(([, one]) => isHere(one));
        const found = parts.map(([id, { ...one }]) => {
          if ('Condition' in one && one.Condition === 'UsesAnalyzer') delete one.Condition;
          if (id === 'Analyzer') Object.assign(one, { Condition: 'MakesAnalyzer' });
          return [id, withDependencies(chosen(one, place === 0))];
        });
        const expected = Object.entries<object>(plain[part]).map(([id, one]) => [id, withDependencies(one)]);
        expect(Object.fromEntries(found)).toStrictEqual(Object.fromEntries(expected));
      }
    }
  },
);

/** One dependency is written without a list. */
function withDependencies(one: unknown): unknown {
  const { DependsOn, ...rest } = one as { readonly DependsOn?: string | readonly string[] };
  return DependsOn === undefined ? rest : { ...rest, DependsOn: [DependsOn].flat().toSorted() };
}

test('without an analyzer there is no rule for its events and no permission for Access Analyzer', () => {
  const { Resources } = bySource.main[1];
  const text = JSON.stringify(chosen(Resources, false));
  expect(text).not.toMatch(/access-analyzer:|AccessAnalyzer::|ANALYZER_ARN"/);
  expect(Object.values(Resources).filter(({ Type }) => Type === 'AWS::Events::Rule')).toHaveLength(1);
  expect(main.Resources['Analyzer']).toMatchObject({ Condition: 'UsesAnalyzerAndMakesAnalyzer' });
  expect(main.Conditions?.['UsesAnalyzerAndMakesAnalyzer']).toStrictEqual({
    'Fn::And': [{ Condition: 'UsesAnalyzer' }, { Condition: 'MakesAnalyzer' }],
  });
  expect(main.Outputs['AnalyzerArn']).toMatchObject({ Condition: 'UsesAnalyzer' });
});

test('without an analyzer the days are a parameter, and other accounts are listed only if requested', () => {
  const environments = Object.fromEntries(
    ofType(bySource.main[1], 'AWS::Lambda::Function').map(({ Properties }) => {
      const { Variables } = Properties['Environment'] as { Variables: Record<string, unknown> };
      return [JSON.stringify(Properties['Code']).match(/"([a-z-]+)-1\.zip"/)?.[1], Variables];
    }),
  );
  for (const name of ['refine-finding', 'refine-account']) {
    expect(environments[name]).toMatchObject({
      FINDING_SOURCE: 'last-accessed',
      UNUSED_DAYS: { Ref: 'UnusedAccessAge' },
      MEMBER_ROLE_NAME: { Ref: 'MemberRoleName' },
    });
  }
  expect(environments['sweep-findings']).toMatchObject({
    FINDING_SOURCE: 'last-accessed',
    MEMBER_ROLE_NAME: { 'Fn::If': ['CoversOrganization', { Ref: 'MemberRoleName' }, NO_VALUE] },
  });
});

test('the member role checks the named organisation, and may read last use only if findings come from it', () => {
  const [role] = ofType(member, 'AWS::IAM::Role');
  const [trust] = statements(role?.Properties['AssumeRolePolicyDocument']);
  expect(trust?.Condition).toMatchObject({
    StringEquals: {
      'sts:ExternalId': { Ref: 'MemberExternalId' },
      'aws:PrincipalOrgID': { 'Fn::If': ['HasOrganization', { Ref: 'OrganizationId' }, NO_VALUE] },
    },
  });
  const asks = bySource.member.map((template) =>
    JSON.stringify(template).includes('iam:GenerateServiceLastAccessedDetails'),
  );
  expect(asks).toStrictEqual([false, true]);
});

test('the Terraform example uses parameters and outputs of the template, and says that it was never run', async () => {
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

test('a zip contains its one file, and the same content gives the same bytes', () => {
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
