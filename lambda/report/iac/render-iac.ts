import { renderCdk } from './cdk.ts';
import { renderCloudFormation } from './cloudformation.ts';
import { iacModel, type IacInput } from './iac-resources.ts';
import { renderTerraform } from './terraform.ts';

export const IAC_FORMATS = ['terraform', 'cloudformation', 'cdk'] as const;
export type IacFormat = (typeof IAC_FORMATS)[number];

export const IAC_NAME: Readonly<Record<IacFormat, string>> = {
  terraform: 'Terraform',
  cloudformation: 'CloudFormation',
  cdk: 'CDK',
};

/** Extension of a file that holds a fragment. */
export const IAC_EXTENSION: Readonly<Record<IacFormat, string>> = {
  terraform: '.tf',
  cloudformation: '.yaml',
  cdk: '.ts',
};

const RENDER = { terraform: renderTerraform, cloudformation: renderCloudFormation, cdk: renderCdk } as const;

/**
 * The change as code, for people who keep their policies as code: a fragment with exactly the proposed documents. A person
 * merges it; nothing runs it.
 */
export function renderIac(proposal: IacInput, format: IacFormat): string {
  return RENDER[format](iacModel(proposal));
}
