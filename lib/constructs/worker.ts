import type { RemovalPolicy } from 'aws-cdk-lib';
import { Aws, Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

import { ENV } from '../../lambda/contract/environment.ts';
import { FUNCTION } from '../../lambda/contract/functions.ts';
import { OPINION_CALLS, REFINE_CALLS, UNIT_CALLS } from '../../lambda/contract/iam-calls.ts';
import { acknowledge } from '../acknowledge.ts';
import type { RefinerConfig } from '../config.ts';
import { IAM_READ_RESOURCES, iamReadStatements } from '../iam-read-statements.ts';
import type { Encryption } from './encryption.ts';
import type { FindingIntake } from './finding-intake.ts';
import { HandlerFunction } from './handler-function.ts';
import type { ProposalStore } from './proposal-store.ts';

export interface WorkerProps {
  readonly config: RefinerConfig;
  readonly removalPolicy: RemovalPolicy;
  readonly encryption: Encryption;
  readonly intake: FindingIntake;
  readonly store: ProposalStore;
}

/** How long one batch of findings may take. IAM's throttling, not our arithmetic, fills this time. */
export const WORKER_TIMEOUT = Duration.minutes(5);

/**
 * Calls of IAM a second that one copy of the worker may make in one account, in hundredths. Copies do not know of each
 * other, so each keeps to its share.
 */
function callsOfOneCopy({ accountCallsPerSecond, concurrency }: RefinerConfig): number {
  return Math.floor((accountCallsPerSecond / concurrency) * 100) / 100;
}

/** Turns findings into proposals. It reads IAM, here or through a member account's role, and can change nothing in it. */
export class Worker extends Construct {
  readonly handler: HandlerFunction;

  constructor(scope: Construct, id: string, props: WorkerProps) {
    super(scope, id);
    const { config, intake, store } = props;
    this.handler = new HandlerFunction(this, 'Refine', {
      name: FUNCTION.refine,
      description: 'Reads a finding and what its principal is granted, stores a proposal',
      timeout: WORKER_TIMEOUT,
      memorySize: 1024,
      logRetentionDays: config.logRetentionDays,
      removalPolicy: props.removalPolicy,
      environment: {
        [ENV.analyzerArn]: intake.analyzerArn,
        [ENV.homeAccountId]: Aws.ACCOUNT_ID,
        [ENV.partition]: Aws.PARTITION,
        [ENV.bucketName]: store.bucket.bucketName,
        [ENV.generalize]: config.generalize,
        [ENV.keep]: JSON.stringify(config.keep),
        [ENV.exclude]: JSON.stringify(config.exclude),
        [ENV.findingsQueueUrl]: intake.findings.queue.queueUrl,
        [ENV.accountCallsPerSecond]: String(callsOfOneCopy(config)),
        ...(config.ownerTag === undefined ? {} : { [ENV.ownerTag]: config.ownerTag }),
        ...(config.lastAccessed ? { [ENV.lastAccessed]: 'yes' } : {}),
        ...(config.secondOpinions.length === 0
          ? {}
          : { [ENV.secondOpinions]: JSON.stringify(config.secondOpinions) }),
        ...(config.member === undefined
          ? {}
          : {
              [ENV.memberRoleName]: config.member.roleName,
              [ENV.memberExternalId]: config.member.externalId,
            }),
      },
    });
    const { role } = this.handler;
    for (const statement of iamReadStatements({ asksLastAccess: config.lastAccessed }))
      role.addToPolicy(statement);
    role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'ReadFindings',
        actions: [...REFINE_CALLS.analyzer],
        resources: [intake.analyzerArn],
      }),
    );
    role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'PutOffFindings',
        actions: [...REFINE_CALLS.findingsQueue],
        resources: [intake.findings.queue.queueArn],
      }),
    );
    if (config.exclude.organizationalUnits !== undefined) this.#seeOrganisation();
    this.#askForOpinions(config.secondOpinions, intake.analyzerArn);
    if (config.member !== undefined) this.#reachMembers(config.member.roleName);
    store.writtenBy(role, REFINE_CALLS);
    store.readCatalogueBy(role, REFINE_CALLS);
    props.encryption.grant(role, 'sqs', 'write');
    this.handler.consume(intake.findings.queue, { batchSize: 10, maxConcurrency: config.concurrency });
    for (const resource of IAM_READ_RESOURCES) {
      acknowledge(
        role,
        `AwsSolutions-IAM5[Resource::${resource}]`,
        'A finding may be about any role or user; the actions only read, and AWS offers nothing narrower.',
      );
    }
  }

  /** Only what is enabled. */
  #askForOpinions(opinions: RefinerConfig['secondOpinions'], analyzerArn: string): void {
    const allow = (sid: string, actions: readonly string[], resource: string) => {
      if (actions.length === 0) return;
      const statement = new iam.PolicyStatement({ sid, actions: [...actions], resources: [resource] });
      this.handler.role.addToPolicy(statement);
    };
    const calls = opinions.map((opinion) => OPINION_CALLS[opinion]);
    const checks = calls.flatMap(({ anything }) => anything);
    allow('CheckDocuments', checks, '*');
    allow(
      'AskForRecommendations',
      calls.flatMap(({ analyzer }) => analyzer),
      analyzerArn,
    );
    if (checks.length > 0) {
      acknowledge(
        this.handler.role,
        'AwsSolutions-IAM5[Resource::*]',
        "Access Analyzer's checks look at a document that is sent along and at no resource; they take * only.",
      );
    }
  }

  /** Which organisation it is, and which account manages it, is not known here. */
  #seeOrganisation(): void {
    const resources = ['account', 'ou'].map((kind) => `arn:${Aws.PARTITION}:organizations::*:${kind}/*`);
    this.handler.role.addToPolicy(
      new iam.PolicyStatement({ sid: 'SeeOrganisation', actions: [...UNIT_CALLS.tree], resources }),
    );
    for (const kind of ['account', 'ou']) {
      acknowledge(
        this.handler.role,
        `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:organizations::*:${kind}/*]`,
        'A finding may be about any account; the action only says which unit holds it.',
      );
    }
  }

  #reachMembers(roleName: string): void {
    this.handler.role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'ReachMemberAccounts',
        actions: [...REFINE_CALLS.memberRole],
        resources: [`arn:${Aws.PARTITION}:iam::*:role/${roleName}`],
      }),
    );
    acknowledge(
      this.handler.role,
      `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:iam::*:role/${roleName}]`,
      'One role name, in whichever accounts the organisation has; each of them has to trust this role by name and external id.',
    );
  }
}
