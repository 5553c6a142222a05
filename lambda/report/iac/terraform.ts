import { onOneLine } from '../text/one-line.ts';
import { headLines } from './comments.ts';
import { hclString, renderHcl } from './hcl.ts';
import type { IacModel, IacResource } from './iac-resources.ts';
import { snakeIdentifier, uniqueIdentifiers } from './identifiers.ts';

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
