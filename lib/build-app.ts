import { type App, Aws, type Stack, Stage, Tags, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';

import { SERVICE_NAME } from '../lambda/contract/functions.ts';
import { MemberStack } from './stacks/member-stack.ts';
import type { RefinerConfig } from './config/config.ts';
import { readConfig } from './config/read-config.ts';
import { iamReads } from './constructs/refine-permissions.ts';
import { RefinerStack } from './stacks/refiner-stack.ts';

/** The default name of the main stack, and always its id in the app. */
export const STACK_NAME = 'UnusedAccessRefiner';
/** The stage that holds the member accounts' stack. */
export const MEMBER_STAGE = 'Member';

/**
 * Builds the app with checks: every finding of cdk-nag's two packs and of the library's own validation fails the
 * synthesis.
 * @throws ConfigError if an option is wrong
 */
export function buildApp(app: App): void {
  addStacks(app);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
}

/**
 * Adds the stack and, if member accounts are configured, the template of their role. That template is in a separate
 * stage, so that `cdk deploy` without a name still deploys only the stack of this account.
 * @throws ConfigError if an option is wrong
 */
export function addStacks(app: App): void {
  const config = readConfig(app.node);
  // Environment-agnostic: the template is the same everywhere, and synthesis needs no credentials.
  const stack = new RefinerStack(app, STACK_NAME, {
    config,
    ...(config.stackName === STACK_NAME ? {} : { stackName: config.stackName }),
  });
  mark(stack, config);
  if (config.member !== undefined) {
    const { member, rolePath } = config;
    const memberStack = new MemberStack(new Stage(app, MEMBER_STAGE), STACK_NAME, {
      ...member,
      rolePath,
      ...iamReads(config),
    });
    mark(memberStack, config);
  }
}

/** Adds the tags and the permissions boundary that apply to every resource. */
function mark(stack: Stack, { tags, permissionsBoundary }: RefinerConfig): void {
  Tags.of(stack).add('application', SERVICE_NAME);
  for (const { key, value } of tags) Tags.of(stack).add(key, value);
  if (permissionsBoundary === undefined) return;
  const arn = `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:policy/${permissionsBoundary}`;
  iam.PermissionsBoundary.of(stack).apply(iam.ManagedPolicy.fromManagedPolicyArn(stack, 'Boundary', arn));
}
