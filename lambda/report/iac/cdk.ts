import { isJsonArray, isJsonObject, type JsonValue, renderJson } from '../../core/model/json.ts';
import { onOneLine } from '../text/format.ts';
import {
  cfnProperties,
  cfnType,
  headLines,
  type IacModel,
  type IacResource,
  pascalIdentifier,
  uniqueIdentifiers,
} from './iac-resources.ts';

/**
 * The proposal as a function for a CDK app in TypeScript. It uses the L1 constructs, because `PolicyDocument` would
 * rewrite the document, and the proof is about this one.
 * Source: https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_iam.CfnManagedPolicy.html
 */
export function renderCdk(model: IacModel): string {
  const ids = uniqueIdentifiers(
    model.resources.map(({ name }) => name),
    pascalIdentifier,
  );
  const constructs = [...new Set(model.resources.map((resource) => constructOf(resource, model)))].sort();
  const head = headLines(model, 'the policies as CDK constructs, to be called in your stack.');
  const lines = model.resources.map((resource, index) => {
    const properties = cfnProperties(resource, model)
      .map(
        ([name, value]) =>
          `    ${name.charAt(0).toLowerCase()}${name.slice(1)}: ${renderTypeScript(value, 4)},\n`,
      )
      .join('');
    return `  // ${onOneLine(resource.comment)}\n  new ${constructOf(resource, model)}(scope, '${ids[index] ?? ''}', {\n${properties}  });\n`;
  });
  const parameter = lines.length > 0 ? 'scope' : '_scope';
  return [
    head.map((line) => `// ${line}\n`).join(''),
    constructs.length > 0 ? `import { ${constructs.join(', ')} } from 'aws-cdk-lib/aws-iam';\n` : '',
    "import type { Construct } from 'constructs';\n\n",
    `export function addRefinedPolicies(${parameter}: Construct): void {\n${lines.join('')}}\n`,
  ].join('');
}

const constructOf = (resource: IacResource, model: IacModel): string => `Cfn${cfnType(resource, model)}`;

/** JSON is TypeScript, but for the key that would set an object's prototype. */
function renderTypeScript(value: JsonValue, indent: number): string {
  const pad = ' '.repeat(indent + 2);
  const end = ' '.repeat(indent);
  if (isJsonArray(value)) {
    if (value.length === 0) return '[]';
    return `[\n${value.map((item) => `${pad}${renderTypeScript(item, indent + 2)},\n`).join('')}${end}]`;
  }
  if (isJsonObject(value)) {
    const keys = Object.keys(value);
    if (keys.length === 0) return '{}';
    const members = keys.map((key) => {
      const name =
        key === '__proto__' ? "['__proto__']" : /^[A-Za-z]\w*$/.test(key) ? key : JSON.stringify(key);
      return `${pad}${name}: ${renderTypeScript(value[key] ?? null, indent + 2)},\n`;
    });
    return `{\n${members.join('')}${end}}`;
  }
  return renderJson(value, 0);
}
