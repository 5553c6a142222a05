import { type JsonObject, jsonObject } from '../../core/model/json.ts';
import { onOneLine } from '../text/one-line.ts';
import { headLines } from './comments.ts';
import type { IacModel, IacResource } from './iac-resources.ts';
import { pascalIdentifier, uniqueIdentifiers } from './identifiers.ts';
import { renderYaml } from './yaml.ts';

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
      const properties = renderYaml(propertiesOf(resource, model), 6);
      return `  # ${onOneLine(resource.comment)}\n  ${ids[index] ?? ''}:\n    Type: ${typeOf(resource, model)}\n    Properties:\n${properties}`;
    })
    .join('');
  return `${head.map((line) => `# ${line}\n`).join('')}Resources:${body === '' ? ' {}\n' : `\n${body}`}`;
}

function typeOf(resource: IacResource, { principal }: IacModel): string {
  if (resource.kind === 'managed') return 'AWS::IAM::ManagedPolicy';
  return principal.type === 'role' ? 'AWS::IAM::RolePolicy' : 'AWS::IAM::UserPolicy';
}

function propertiesOf(resource: IacResource, { principal }: IacModel): JsonObject {
  const role = principal.type === 'role';
  if (resource.kind === 'inline') {
    return jsonObject([
      [role ? 'RoleName' : 'UserName', principal.name],
      ['PolicyName', resource.name],
      ['PolicyDocument', resource.document],
    ]);
  }
  return jsonObject([
    ['ManagedPolicyName', resource.name],
    ['Path', resource.path],
    [role ? 'Roles' : 'Users', [principal.name]],
    ['PolicyDocument', resource.document],
  ]);
}
