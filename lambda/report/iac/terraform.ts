import { onOneLine } from '../text/format.ts';
import {
  headLines,
  type IacModel,
  type IacResource,
  snakeIdentifier,
  uniqueIdentifiers,
} from './iac-resources.ts';
import { isJsonArray, isJsonObject, type JsonValue, renderJson } from '../../core/model/json.ts';

/**
 * The proposal as Terraform resources of the provider `hashicorp/aws`.
 * Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_policy
 */
export function renderTerraform(model: IacModel): string {
  const ids = uniqueIdentifiers(
    model.resources.map(({ name }) => name),
    snakeIdentifier,
  );
  const head = headLines(model, 'the policies as Terraform resources, to be merged into your configuration.');
  return [
    head.map((line) => `# ${line}\n`).join(''),
    ...model.resources.map(
      (resource, index) =>
        `# ${onOneLine(resource.comment)}\n${
          resource.kind === 'inline'
            ? inline(resource, ids[index] ?? '', model)
            : managed(resource, ids[index] ?? '', model)
        }`,
    ),
  ].join('\n');
}

function inline(resource: IacResource, id: string, { principal }: IacModel): string {
  return block(`aws_iam_${principal.type}_policy`, id, [
    ['name', hclString(resource.name)],
    [principal.type, hclString(principal.name)],
    ['policy', `jsonencode(${renderHcl(resource.document, 2)})`],
  ]);
}

function managed(resource: IacResource, id: string, { principal }: IacModel): string {
  const tags = resource.tags
    .map(({ key, value }) => `    ${hclString(key)} = ${hclString(value)}\n`)
    .join('');
  const policy = block('aws_iam_policy', id, [
    ['name', hclString(resource.name)],
    ['path', hclString(resource.path)],
    ...(tags === '' ? [] : [['tags', `{\n${tags}  }`] as const]),
    ['policy', `jsonencode(${renderHcl(resource.document, 2)})`],
  ]);
  const attachment = block(`aws_iam_${principal.type}_policy_attachment`, id, [
    [principal.type, hclString(principal.name)],
    ['policy_arn', `aws_iam_policy.${id}.arn`],
  ]);
  return `${policy}\n${attachment}`;
}

function block(type: string, id: string, attributes: readonly (readonly [string, string])[]): string {
  const width = Math.max(...attributes.map(([name]) => name.length));
  const lines = attributes.map(([name, value]) => `  ${name.padEnd(width)} = ${value}\n`).join('');
  return `resource "${type}" "${id}" {\n${lines}}\n`;
}

/**
 * A JSON value as an HCL expression, as the argument of `jsonencode`. In an HCL string, `${` and `%{` begin templates, so
 * IAM's own `${aws:username}` has to be written `$${aws:username}`.
 * Source: https://developer.hashicorp.com/terraform/language/expressions/strings
 */
export function renderHcl(value: JsonValue, indent: number): string {
  const pad = ' '.repeat(indent + 2);
  const end = ' '.repeat(indent);
  if (isJsonArray(value)) {
    if (value.length === 0) return '[]';
    return `[\n${value.map((item) => `${pad}${renderHcl(item, indent + 2)},\n`).join('')}${end}]`;
  }
  if (isJsonObject(value)) {
    const keys = Object.keys(value);
    if (keys.length === 0) return '{}';
    const members = keys.map(
      (key) => `${pad}${hclKey(key)} = ${renderHcl(value[key] ?? null, indent + 2)}\n`,
    );
    return `{\n${members.join('')}${end}}`;
  }
  return typeof value === 'string' ? hclString(value) : renderJson(value, 0);
}

/** HCL accepts the names of policy elements without quotes; any other key is quoted. */
function hclKey(key: string): string {
  return /^[A-Z][A-Za-z]*$/.test(key) ? key : hclString(key);
}

/**
 * What has to be escaped within quotes: quotes, backslashes, invisible characters, and `$` or `%` before a brace, which
 * would begin a template. One pass replaces them, so that no replacement is replaced again.
 */
const TOKENS = /["\\\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]|[$%]+\{/g;
const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** A text as an HCL string literal. */
export function hclString(text: string): string {
  return `"${text.replace(TOKENS, (token) => (token.endsWith('{') ? literalBrace(token) : (SHORT[token] ?? escaped(token))))}"`;
}

/** Of several marks, only the last begins the template; the marks before it would be read as an escape. */
function literalBrace(token: string): string {
  const last = token.slice(-2, -1);
  return `${[...token.slice(0, -2)].map(escaped).join('')}${last}${last}{`;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
