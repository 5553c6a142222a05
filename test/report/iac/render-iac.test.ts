import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parse as parseHcl } from '@cdktf/hcl2json';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { Construct } from 'constructs';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { parse as parseYaml, parseDocument } from 'yaml';
import {
  IAC_EXTENSION,
  IAC_FORMATS,
  type IacFormat,
  renderIac,
} from '../../../lambda/report/iac/render-iac.ts';
import { hclString } from '../../../lambda/report/iac/terraform.ts';
import {
  pascalIdentifier,
  snakeIdentifier,
  uniqueIdentifiers,
} from '../../../lambda/report/iac/iac-resources.ts';
import { AWKWARD, proposalFor } from './awkward.ts';

const PLAIN = {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' },
};
const SPELLED = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: '*',
      Condition: { NumericEquals: { 's3:max-keys': 1.5 } },
    },
  ],
};

function body(type: 'role' | 'user', format: IacFormat): string {
  return renderIac(proposalFor(type), format);
}

/** Of a proposal that only takes away. */
function bodyOfRemovals(format: IacFormat): string {
  const proposal = proposalFor('role');
  return renderIac({ ...proposal, policies: proposal.policies.slice(4) }, format);
}

test('there are three formats, each with the extension that its tools expect', () => {
  expect(IAC_FORMATS.map((format) => IAC_EXTENSION[format])).toEqual(['.tf', '.yaml', '.ts']);
});

describe('CloudFormation', () => {
  const inline = (document: unknown, name: string) => ({
    Type: 'AWS::IAM::RolePolicy',
    Properties: { RoleName: 'Orders+Service', PolicyName: name, PolicyDocument: document },
  });
  const managed = (document: unknown, name: string, path: string) => ({
    Type: 'AWS::IAM::ManagedPolicy',
    Properties: { ManagedPolicyName: name, Path: path, Roles: ['Orders+Service'], PolicyDocument: document },
  });

  test('a YAML parser reads back every document exactly, whatever it contains', () => {
    expect(parseYaml(body('role', 'cloudformation'))).toEqual({
      Resources: {
        Orders: inline(AWKWARD, 'Orders'),
        Orders2: managed(PLAIN, 'orders', '/'),
        Policy9Lives: inline(SPELLED, '9 lives'),
        SharedCopy: managed(PLAIN, 'Shared-copy', '/team/'),
        Mine: managed(AWKWARD, 'Mine', '/team/'),
      },
    });
  });

  test('it means the same in YAML 1.1, which CloudFormation reads', () => {
    const text = body('role', 'cloudformation');
    const old: unknown = parseDocument(text, { version: '1.1' }).toJS();
    expect(old).toEqual(parseYaml(text));
  });

  test('a user has user policies', () => {
    const text = body('user', 'cloudformation');
    expect(text).toContain('Type: AWS::IAM::UserPolicy');
    expect(text).toContain('UserName: "ana"');
    expect(text).toContain('Users:\n        - "ana"');
    expect(text).not.toContain('Role');
  });

  test('the header lists what has to be removed, since no fragment can express that', () => {
    expect(body('role', 'cloudformation').split('\n').slice(1, 4)).toEqual([
      '# Also:',
      '# - detach arn:aws:iam::123456789012:policy/team/Shared from Orders+Service: the new policies replace it',
      '# - detach arn:aws:iam::aws:policy/ReadOnlyAccess from Orders+Service: everything that it grants is reported unused',
    ]);
  });

  test('a proposal that only removes gives a valid template', () => {
    expect(parseYaml(bodyOfRemovals('cloudformation'))).toEqual({ Resources: {} });
  });
});

describe('Terraform', () => {
  test('an HCL parser reads the file, and every policy in it is exactly the document', async () => {
    const text = body('role', 'terraform');
    const parsed: unknown = await parseHcl('terraform.tf', text);
    expect(parsed).toMatchObject({
      resource: {
        aws_iam_role_policy: {
          orders: [{ name: 'Orders', role: 'Orders+Service' }],
          policy_9_lives: [{ name: '9 lives', role: 'Orders+Service' }],
        },
        aws_iam_policy: {
          orders2: [{ name: 'orders', path: '/' }],
          // The parser leaves an escaped template as it is written.
          shared_copy: [{ name: 'Shared-copy', path: '/team/', tags: { 'cost $${centre}': 'a "b"' } }],
          mine: [{ name: 'Mine', path: '/team/' }],
        },
        aws_iam_role_policy_attachment: {
          orders2: [{ role: 'Orders+Service', policy_arn: '${aws_iam_policy.orders2.arn}' }],
          shared_copy: [{ role: 'Orders+Service', policy_arn: '${aws_iam_policy.shared_copy.arn}' }],
          mine: [{ role: 'Orders+Service', policy_arn: '${aws_iam_policy.mine.arn}' }],
        },
      },
    });
    expect(await encodedDocuments(text)).toEqual([AWKWARD, PLAIN, SPELLED, PLAIN, AWKWARD]);
  });

  test('a policy variable of IAM does not become a Terraform template expression', () => {
    expect(hclString('home/${aws:username}')).toBe('"home/$${aws:username}"');
    expect(hclString('%{for}')).toBe('"%%{for}"');
    expect(hclString('$${x} $%{y} $5 100%')).toBe('"\\u0024$${x} \\u0024%%{y} $5 100%"');
    expect(hclString('\b\f')).toBe('"\\u0008\\u000c"');
  });

  test('a user has user policies', () => {
    const text = body('user', 'terraform');
    expect(text).toContain(
      'resource "aws_iam_user_policy" "orders" {\n  name   = "Orders"\n  user   = "ana"\n',
    );
    expect(text).toContain('resource "aws_iam_user_policy_attachment" "mine" {\n  user       = "ana"\n');
    expect(text).not.toContain('role');
  });
});

/** Reads what stands in each `jsonencode(…)` as an expression of its own, which the parser evaluates. */
async function encodedDocuments(text: string): Promise<readonly unknown[]> {
  const documents: unknown[] = [];
  for (const [, expression] of text.matchAll(/policy = jsonencode\(([\s\S]*?\n {2}\})\)\n\}/g)) {
    const parsed = await parseHcl('document.tf', `locals {\n  document = ${expression ?? ''}\n}\n`);
    documents.push(unescaped(parsed['locals'][0]['document']));
  }
  return documents;
}

/** The parser gives texts with templates still escaped: `$${` stands for `${`. */
function unescaped(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/([$%])\1\{/g, '$1{');
  if (Array.isArray(value)) return value.map(unescaped);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [unescaped(key), unescaped(item)]));
}

describe('CDK', () => {
  test('the TypeScript type-checks strictly against aws-cdk-lib, even if a proposal only removes', () => {
    const role = body('role', 'cdk');
    expect(
      diagnostics({
        'role.ts': role,
        'user.ts': body('user', 'cdk'),
        'empty.ts': bodyOfRemovals('cdk'),
        // The check itself must be able to fail.
        'wrong.ts': role.replace('roleName', 'rolName'),
      }),
    ).toEqual({ 'role.ts': 0, 'user.ts': 0, 'empty.ts': 0, 'wrong.ts': 1 });
  });

  test('every synthesised document is exactly the proposed one', async () => {
    expect(await synthesised('role')).toEqual([
      { Type: 'AWS::IAM::RolePolicy', PolicyName: 'Orders', RoleName: 'Orders+Service', PolicyDocument: AWKWARD },
      { Type: 'AWS::IAM::ManagedPolicy', ManagedPolicyName: 'orders', Path: '/', Roles: ['Orders+Service'], PolicyDocument: PLAIN },
      { Type: 'AWS::IAM::RolePolicy', PolicyName: '9 lives', RoleName: 'Orders+Service', PolicyDocument: SPELLED },
      { Type: 'AWS::IAM::ManagedPolicy', ManagedPolicyName: 'Shared-copy', Path: '/team/', Roles: ['Orders+Service'], PolicyDocument: PLAIN },
      { Type: 'AWS::IAM::ManagedPolicy', ManagedPolicyName: 'Mine', Path: '/team/', Roles: ['Orders+Service'], PolicyDocument: AWKWARD },
    ]); // prettier-ignore
  });
});

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** How many errors the compiler finds in each of some files that exist only here. */
function diagnostics(files: Readonly<Record<string, string>>): Readonly<Record<string, number>> {
  const texts = new Map(Object.entries(files).map(([name, text]) => [join(ROOT, name), text]));
  const options: ts.CompilerOptions = {
    strict: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ['node'],
  };
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (name, language) => {
    const text = texts.get(name);
    return text === undefined ? read(name, language) : ts.createSourceFile(name, text, language);
  };
  const program = ts.createProgram([...texts.keys()], options, host);
  return Object.fromEntries(
    [...texts.keys()].map((path) => [
      path.slice(ROOT.length),
      ts.getPreEmitDiagnostics(program, program.getSourceFile(path)).length,
    ]),
  );
}

/** Runs the fragment in a stack, and answers with each resource's properties in the order of the proposal. */
async function synthesised(type: 'role' | 'user'): Promise<readonly unknown[]> {
  // Within the project, so that its imports are found.
  const folder = mkdtempSync(join(ROOT, 'build-cdk-'));
  try {
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const file = join(folder, 'fragment.mjs');
    const { outputText } = ts.transpileModule(body(type, 'cdk'), {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
    });
    writeFileSync(file, outputText);
    const { addRefinedPolicies } = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as {
      addRefinedPolicies: (scope: Construct) => void;
    };
    const stack = new Stack(new App(), 'Fragment');
    addRefinedPolicies(stack);
    const template = Template.fromStack(stack).toJSON() as {
      Resources: Record<string, { Type: string; Properties: object }>;
    };
    return ['Orders', 'Orders2', 'Policy9Lives', 'SharedCopy', 'Mine'].map((id) => {
      const { Type, Properties } = template.Resources[id]!;
      return { Type, ...Properties };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("identifiers are valid and unique, whatever the policies' names", () => {
  expect(uniqueIdentifiers(['Orders', 'orders', 'or-ders', 'ORDERS'], pascalIdentifier)).toEqual([
    'Orders',
    'Orders2',
    'OrDers3',
    'ORDERS4',
  ]);
  expect(['9 lives', '=+,.@-_', 'read+write_all', 'a.b@c'].map(pascalIdentifier)).toEqual([
    'Policy9Lives',
    'Policy',
    'ReadWriteAll',
    'ABC',
  ]);
  expect(['9 lives', '=+,.@-', 'ReadWriteAll', 'S3Access'].map(snakeIdentifier)).toEqual([
    'policy_9_lives',
    'policy_',
    'read_write_all',
    's3_access',
  ]);
});
