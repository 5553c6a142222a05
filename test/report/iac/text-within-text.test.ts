import { parse as parseHcl } from '@cdktf/hcl2json';
import fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import type { JsonValue } from '../../../lambda/core/model/json.ts';
import { renderHcl } from '../../../lambda/report/iac/terraform.ts';
import { IAC_FORMATS, renderIac } from '../../../lambda/report/iac/render-iac.ts';
import { awsCommand } from '../../../lambda/report/text/shell.ts';
import { proposalFor } from './awkward.ts';

/*
 * What a policy's author wrote freely is written into other languages. Each fragment is read back with the parser that
 * its users have: every string is the same again, whatever stands in it.
 */

/** Pieces that a language could take for something of its own, beside any character but half a surrogate pair. */
const PIECES = ['\\', '"', "'", '$', '%', '{', '}', '${', '%{', '\\b', '\\f', '\\n', '\\u0008', '#', '//', '/*', '`', '\n', '\r', '\t', '\b', '\f', '\u0085', '\u2028', '\u202e', '\ufeff', ': ', '- ', 'CORP\\bob', '${aws:username}', 'EOT', 'é', '😀'] as const; // prettier-ignore
const text = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 8 })
  .map((parts) => parts.join(''));
const RUNS = { numRuns: 300 } as const;

/** A policy with the texts in every place where IAM lets its author write freely. */
function documentOf(texts: readonly string[]): JsonValue {
  const [sid = '', key = 'k', ...values] = texts;
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: sid,
        Effect: 'Allow',
        Action: 's3:GetObject',
        Resource: values,
        Condition: { StringLike: { [`aws:PrincipalTag/${key}`]: values } },
      },
    ],
  };
}

const texts = fc.array(text, { minLength: 3, maxLength: 6 });

/** The proposal of the fixture with such a document in it. */
function proposalWith(document: JsonValue) {
  const proposal = proposalFor('role');
  const [first, ...rest] = proposal.policies;
  if (!first) throw new Error('the fixture is empty');
  return {
    ...proposal,
    policies: [{ ...first, after: [{ name: 'Orders', document }] }, ...rest.slice(4, 5)],
  };
}

describe('text within text', () => {
  test('Terraform: an HCL parser reads back every string', async () => {
    await fc.assert(
      fc.asyncProperty(texts, async (values) => {
        // Terraform brings every string into normal form C, whatever is written.
        const normal = values.map((value) => value.normalize('NFC'));
        const list = values.map((value) => renderHcl(value, 0)).join(', ');
        const parsed = await parseHcl('main.tf', `locals {\n  list = [${list}]\n}\n`);
        expect(stringsOf(parsed)).toEqual(normal);
      }),
      RUNS,
    );
  });

  test('Terraform: a whole fragment parses, and a backslash in a name is kept', async () => {
    await fc.assert(
      fc.asyncProperty(texts, async (values) => {
        const parsed = await parseHcl('main.tf', renderIac(proposalWith(documentOf(values)), 'terraform'));
        expect(Object.keys(parsed['resource'] as object)).toEqual(['aws_iam_role_policy']);
      }),
      { numRuns: 100 },
    );
    expect(renderHcl(['CORP\\bob', 'CORP\\frank'], 0)).toBe('[\n  "CORP\\\\bob",\n  "CORP\\\\frank",\n]');
  });

  test('CloudFormation: a YAML parser reads back the document', () => {
    fc.assert(
      fc.property(texts, (values) => {
        const document = documentOf(values);
        const template = parseYaml(renderIac(proposalWith(document), 'cloudformation')) as {
          Resources: { Orders: { Properties: { PolicyDocument: unknown } } };
        };
        expect(template.Resources.Orders.Properties.PolicyDocument).toEqual(document);
      }),
      RUNS,
    );
  });

  test('CDK: TypeScript reads back the document', () => {
    fc.assert(
      fc.property(texts, (values) => {
        const document = documentOf(values);
        const { outputText, diagnostics } = ts.transpileModule(renderIac(proposalWith(document), 'cdk'), {
          reportDiagnostics: true,
          compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023 },
        });
        expect(diagnostics).toEqual([]);
        const made: unknown[] = [];
        class CfnRolePolicy {
          constructor(_scope: unknown, _id: string, { policyDocument }: { policyDocument: unknown }) {
            made.push(policyDocument);
          }
        }
        const exported: { addRefinedPolicies?: (scope: unknown) => void } = {};
        // The fragment is the code under test: it runs here as it would in an app.
        new Function('exports', 'require', outputText)(exported, () => ({ CfnRolePolicy }));
        exported.addRefinedPolicies?.(undefined);
        expect(made).toEqual([document]);
      }),
      RUNS,
    );
  });

  test('commands: a shell passes every word unchanged', () => {
    // A process argument ends at the character that C ends strings with, and IAM takes it nowhere.
    const word = text.map((value) => value.replaceAll('\0', ''));
    fc.assert(
      fc.property(fc.array(word, { minLength: 20, maxLength: 40 }), (values) => {
        const lines = values.map((Value) => awsCommand({ call: 'TagRole', parameters: { Value } }));
        const script = `aws() { printf '%s\\0' "\${@:3}"; }\n${lines.join('\n')}\n`;
        const { stdout, status } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
        expect(status).toBe(0);
        expect(stdout.split('\0').slice(0, -1).join('\0')).toBe(
          values
            .flatMap((value) => (value.startsWith('-') ? [`--value=${value}`] : ['--value', value]))
            .join('\0'),
        );
      }),
      { numRuns: 20 },
    );
  });

  test('comments end where their line ends, in every format', () => {
    fc.assert(
      fc.property(text, fc.constantFrom(...IAC_FORMATS), (name, format) => {
        const proposal = proposalFor('role');
        const removed = proposal.policies.slice(4, 5).map((policy) => ({ ...policy, arn: `arn:${name}` }));
        const body = renderIac({ ...proposal, policies: removed }, format);
        const plain = renderIac(
          { ...proposal, policies: removed.map((one) => ({ ...one, arn: 'arn:' })) },
          format,
        );
        expect(body.split(/[\n\r\u0085\u2028\u2029]/).length).toBe(plain.split('\n').length);
      }),
      RUNS,
    );
  });
});

/** The list as the parser gives it; it leaves an escaped template as it is written. */
function stringsOf(parsed: Record<string, unknown>): readonly string[] {
  const [locals] = parsed['locals'] as readonly { readonly list: readonly string[] }[];
  return (locals?.list ?? []).map((value) => value.replace(/([$%])\1\{/g, '$1{'));
}
