import { renderCdk } from './cdk.ts';
import { renderCloudFormation } from './cloudformation.ts';
import { iacModel, type IacInput } from './iac-resources.ts';
import { renderTerraform } from './terraform.ts';

/** A file of the proposal's folder, named relative to it. */
export interface IacFile {
  readonly name: string;
  readonly contentType: 'text/plain';
  readonly body: string;
}

/**
 * The proposal's change for people who keep their policies in code: fragments for CloudFormation, Terraform and CDK,
 * each with exactly the documents that the proposal ends in. They are to be merged by hand; nothing runs them.
 */
export function iacFiles(proposal: IacInput): readonly IacFile[] {
  const model = iacModel(proposal);
  const file = (name: string, body: string): IacFile => ({ name, contentType: 'text/plain', body });
  return [
    file('iac/cloudformation.yaml', renderCloudFormation(model)),
    file('iac/terraform.tf', renderTerraform(model)),
    file('iac/cdk.ts', renderCdk(model)),
  ];
}
