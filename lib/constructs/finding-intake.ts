import { Aws, CfnRule as CfnTemplateRule, type Duration, Fn, Token } from 'aws-cdk-lib';
import * as accessanalyzer from 'aws-cdk-lib/aws-accessanalyzer';
import { Construct } from 'constructs';

import type { AnalyzerConfig } from '../config/config.ts';
import type { Encryption } from './encryption.ts';
import { RuleToQueue, WorkQueue } from './work-queue.ts';

export interface FindingIntakeProps {
  readonly analyzer: AnalyzerConfig;
  readonly encryption: Encryption;
  /** How long a message stays invisible while the worker handles it. */
  readonly visibilityTimeout: Duration;
}

/**
 * The intake of findings: the analyzer, the rule for its events, and the queue that absorbs the burst of a new
 * analyzer. If findings come from reports of last use, it is only the queue, for findings that failed within their
 * account's job. The event's shape: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-eventbridge.html
 */
export class FindingIntake extends Construct {
  /** Undefined if there is none. */
  readonly analyzerArn: string | undefined;
  /** Undefined if the analyzer existed before, or there is none. */
  readonly analyzer: accessanalyzer.CfnAnalyzer | undefined;
  readonly findings: WorkQueue;
  /** Undefined if there is no analyzer, and so no events. */
  readonly rule: RuleToQueue | undefined;

  constructor(scope: Construct, id: string, props: FindingIntakeProps) {
    super(scope, id);
    if (props.analyzer.kind === 'existing') {
      this.#assertHere(props.analyzer.arn);
      this.analyzerArn = props.analyzer.arn;
    } else if (props.analyzer.kind === 'create') {
      this.analyzer = this.#createAnalyzer(props.analyzer);
      this.analyzerArn = this.analyzer.attrArn;
    }
    this.findings = new WorkQueue(this, 'Findings', {
      encryption: props.encryption,
      visibilityTimeout: props.visibilityTimeout,
    });
    if (this.analyzerArn !== undefined) this.rule = this.#ruleFor(this.analyzerArn);
  }

  #ruleFor(analyzerArn: string): RuleToQueue {
    return new RuleToQueue(this, 'NewFindings', {
      description: 'Unused-access findings of the analyzer, new and settled ones',
      // Whole events are forwarded: AWS documents a finding's id as `detail.findingId` and as `detail.id`, and the
      // function reads both. Closed findings (resolved, archived, deleted) settle the proposals made from them.
      eventPattern: {
        source: ['aws.access-analyzer'],
        detailType: ['Unused Access Finding for IAM entities'],
        resources: [analyzerArn],
        detail: {
          findingType: [
            'UnusedPermission',
            'UnusedIAMRole',
            'UnusedIAMUserAccessKey',
            'UnusedIAMUserPassword',
          ],
        },
      },
      target: this.findings,
    });
  }

  #createAnalyzer(config: Extract<AnalyzerConfig, { kind: 'create' }>): accessanalyzer.CfnAnalyzer {
    const exclusions = [
      ...(config.excludeAccounts.length === 0 ? [] : [{ accountIds: [...config.excludeAccounts] }]),
      ...config.excludeTags.map((tag) => ({ resourceTags: [[{ key: tag.key, value: tag.value ?? '' }]] })),
    ];
    return new accessanalyzer.CfnAnalyzer(this, 'Analyzer', {
      type: config.type,
      analyzerConfiguration: {
        unusedAccessConfiguration: {
          unusedAccessAge: config.unusedAccessAge,
          ...(exclusions.length === 0 ? {} : { analysisRule: { exclusions } }),
        },
      },
    });
  }

  /** Events reach only the analyzer's own account and Region; anywhere else, the stack would never receive one. */
  #assertHere(arn: string): void {
    // An analyzer of another stack or of a parameter cannot be checked here.
    if (Token.isUnresolved(arn)) return;
    const [, , , region, account] = arn.split(':');
    new CfnTemplateRule(this, 'AnalyzerIsHere', {
      assertions: [
        {
          assert: Fn.conditionAnd(
            Fn.conditionEquals(Aws.REGION, region ?? ''),
            Fn.conditionEquals(Aws.ACCOUNT_ID, account ?? ''),
          ),
          assertDescription: `The analyzer lies in account ${account}, Region ${region}; deploy the stack there, since its events go nowhere else.`,
        },
      ],
    });
  }
}
