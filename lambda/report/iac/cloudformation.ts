import { jsonObject, isJsonArray, isJsonObject, type JsonValue, renderJson } from '../../core/model/json.ts';
import { onOneLine } from '../text/format.ts';
import {
  cfnProperties,
  cfnType,
  headLines,
  type IacModel,
  pascalIdentifier,
  uniqueIdentifiers,
} from './iac-resources.ts';

/**
 * The proposal as a part of a CloudFormation template.
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-managedpolicy.html
 */
export function renderCloudFormation(model: IacModel): string {
  const ids = uniqueIdentifiers(
    model.resources.map(({ name }) => name),
    pascalIdentifier,
  );
  const head = headLines(model, 'the policies as CloudFormation resources, to be merged into your template.');
  const body = model.resources
    .map((resource, index) => {
      const properties = renderYaml(jsonObject(cfnProperties(resource, model)), 6);
      return `  # ${onOneLine(resource.comment)}\n  ${ids[index] ?? ''}:\n    Type: AWS::IAM::${cfnType(resource, model)}\n    Properties:\n${properties}`;
    })
    .join('');
  return `${head.map((line) => `# ${line}\n`).join('')}Resources:${body === '' ? ' {}\n' : `\n${body}`}`;
}

/** Words that YAML 1.1 or 1.2 does not read as text. `Null` is also the name of a condition operator. */
const RESERVED = /^(null|true|false|yes|no|on|off|y|n)$/i;

/**
 * A JSON value as block YAML, indented by so many spaces. Every string is in double quotes, within which YAML's escapes are
 * JSON's, so nothing in a policy can be read as another type, a reference or a comment.
 * Source: https://yaml.org/spec/1.2.2/#731-double-quoted-style
 */
function renderYaml(value: JsonValue, indent: number): string {
  const pad = ' '.repeat(indent);
  if (isJsonArray(value)) {
    if (value.length === 0) return `${pad}[]\n`;
    return value.map((item) => `${pad}- ${renderYaml(item, indent + 2).trimStart()}`).join('');
  }
  if (isJsonObject(value)) {
    const keys = Object.keys(value);
    if (keys.length === 0) return `${pad}{}\n`;
    return keys.map((key) => pad + member(key, value[key] ?? null, indent)).join('');
  }
  return `${pad}${scalar(value)}\n`;
}

function member(key: string, value: JsonValue, indent: number): string {
  const name = /^[A-Za-z][A-Za-z0-9_]*$/.test(key) && !RESERVED.test(key) ? key : scalar(key);
  const nested =
    (isJsonArray(value) && value.length > 0) || (isJsonObject(value) && Object.keys(value).length > 0);
  return nested ? `${name}:\n${renderYaml(value, indent + 2)}` : `${name}: ${renderYaml(value, 0)}`;
}

function scalar(value: JsonValue): string {
  return renderJson(value, 0).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
