import {
  BootstraplessSynthesizer,
  CfnCondition,
  CfnOutput,
  CfnParameter,
  Duration,
  Fn,
  type IStackSynthesizer,
  Stack,
  Token,
} from 'aws-cdk-lib';
import * as accessanalyzer from 'aws-cdk-lib/aws-accessanalyzer';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

import { ENV } from '../../lambda/contract/environment.ts';
import { FUNCTION, type FunctionName } from '../../lambda/contract/functions.ts';
import { LOG_RETENTION } from '../config/options.ts';
import { HandlerFunction } from '../constructs/handler-function.ts';
import type { UnusedAccessRefinerProps } from '../constructs/refiner-props.ts';
import { UnusedAccessRefiner } from '../constructs/unused-access-refiner.ts';
import { addSourceParameter, memberExternalId, memberRoleName } from './member-stack.ts';

export interface ReleaseStackProps {
  /** File names of the zips with the bundles, under the prefix of a parameter. */
  readonly zips: Readonly<Record<FunctionName, string>>;
  /** The source of findings that this template is for. */
  readonly findingSource: 'access-analyzer' | 'last-accessed';
}

/**
 * The construct as a template that needs no CDK: the common options are parameters, and the bundles are in a bucket of
 * the Region. All other options have their defaults. The source of findings decides which resources there are, so
 * there is a template for each with the same parameters, and the release merges both into one.
 */
export class ReleaseStack extends Stack {
  constructor(scope: Construct, id: string, { zips, findingSource }: ReleaseStackProps) {
    super(scope, id, {
      description: 'Proposes IAM policies without the access that nobody uses',
      // Trust boundary: the library's classes and interfaces disagree about `undefined` in optional members.
      synthesizer: new BootstraplessSynthesizer() as IStackSynthesizer,
    });
    const email = this.#text('Email', {
      description: 'Address that is notified of proposals and alarms; it has to confirm two subscriptions',
      allowedPattern: '[^@\\s]+@[^@\\s]+',
      maxLength: 254,
    });
    const bucketName = this.#text('CodeBucket', {
      description: 'Bucket in this Region that holds the zips of the release',
      allowedPattern: '[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]',
    });
    const prefix = this.#text('CodePrefix', {
      description: 'What the keys of the zips begin with, with its slash: for example unused-access-refiner/',
      default: '',
    });
    const memberRole = { roleName: memberRoleName(this), externalId: memberExternalId(this) };
    addSourceParameter(this);
    const coverage = this.#text('AnalyzerType', {
      description:
        'What the analyzer that is made covers, or what is asked for reports of last use: this account, or its organisation',
      default: 'ACCOUNT_UNUSED_ACCESS',
      allowedValues: ['ACCOUNT_UNUSED_ACCESS', 'ORGANIZATION_UNUSED_ACCESS'],
    });
    const age = this.#number('UnusedAccessAge', {
      description: 'Days without use after which access counts as unused; of an existing analyzer, its own',
      default: 90,
      minValue: 1,
      maxValue: 365,
    });
    const isOrganization = new CfnCondition(this, 'CoversOrganization', {
      expression: Fn.conditionEquals(coverage, 'ORGANIZATION_UNUSED_ACCESS'),
    });
    const existing = this.#existingAnalyzer();
    const refiner = new UnusedAccessRefiner(this, 'Default', {
      email: [email],
      ...(findingSource === 'last-accessed'
        ? { findingSource, unusedAfter: Duration.days(age) }
        : { analyzerArn: this.#analyzerArn(existing, coverage, age) }),
      generalize: generalize(
        this.#text('Generalize', {
          description: 'What a split wildcard becomes',
          default: 'shortest',
          allowedValues: ['shortest', 'least', 'enumerate'],
        }),
      ),
      logRetention: this.#number('LogRetentionDays', {
        description: 'Days that the logs of the functions are kept',
        // Text, because the allowed values are text.
        default: '90',
        allowedValues: LOG_RETENTION.map(String),
      }),
      runbookUrl: this.#text('RunbookUrl', {
        description: 'Where your people open the runbook that alarms name',
        default: 'docs/runbook.md',
        maxLength: 400,
      }),
      memberRole,
    });
    for (const name of Object.values(FUNCTION)) {
      functionOf(refiner, name).code = { s3Bucket: bucketName, s3Key: Fn.join('', [prefix, zips[name]]) };
    }
    this.#boundary(refiner);
    if (findingSource === 'last-accessed') {
      // If only this account is covered, a sweep must not look for others.
      const name = Fn.conditionIf(isOrganization.logicalId, memberRole.roleName, Fn.ref('AWS::NoValue'));
      functionOf(refiner, FUNCTION.sweep).addPropertyOverride(
        `Environment.Variables.${ENV.memberRoleName}`,
        name,
      );
    }
    for (const [name, value] of Object.entries(refiner.outputs)) new CfnOutput(this, name, { value });
  }

  #existingAnalyzer(): string {
    return this.#text('ExistingAnalyzerArn', {
      description:
        'Analyzer of unused access in this account and Region; empty: one is made, which AWS charges for',
      default: '',
      allowedPattern: '|arn:aws(-[a-z]+)*:access-analyzer:[a-z0-9-]+:[0-9]{12}:analyzer/.+',
    });
  }

  /** The ARN of the named analyzer, or of the one that is created if none is named. */
  #analyzerArn(given: string, type: string, age: number): string {
    const none = new CfnCondition(this, 'MakesAnalyzer', {
      expression: Fn.conditionEquals(given, ''),
    });
    const analyzer = new accessanalyzer.CfnAnalyzer(this, 'Analyzer', {
      type,
      analyzerConfiguration: { unusedAccessConfiguration: { unusedAccessAge: Duration.days(age).toDays() } },
    });
    analyzer.cfnOptions.condition = none;
    return Fn.conditionIf(none.logicalId, analyzer.attrArn, given).toString();
  }

  #boundary(refiner: UnusedAccessRefiner): void {
    const arn = this.#text('PermissionsBoundary', {
      description: 'ARN of the permissions boundary of every role; empty: none',
      default: '',
      allowedPattern: '|arn:aws(-[a-z]+)*:iam::([0-9]{12}|aws):policy/.+',
    });
    const some = new CfnCondition(this, 'HasBoundary', {
      expression: Fn.conditionNot(Fn.conditionEquals(arn, '')),
    });
    for (const construct of refiner.node.findAll()) {
      if (!(construct instanceof iam.CfnRole)) continue;
      construct.permissionsBoundary = Fn.conditionIf(some.logicalId, arn, Fn.ref('AWS::NoValue')).toString();
    }
  }

  #text(id: string, props: ConstructorParameters<typeof CfnParameter>[2]): string {
    return new CfnParameter(this, id, { type: 'String', ...props }).valueAsString;
  }

  #number(id: string, props: ConstructorParameters<typeof CfnParameter>[2]): number {
    return new CfnParameter(this, id, { type: 'Number', ...props }).valueAsNumber;
  }
}

function functionOf(refiner: UnusedAccessRefiner, name: FunctionName): lambda.CfnFunction {
  const resource = refiner.node
    .findAll()
    .flatMap((construct) => (construct instanceof HandlerFunction ? [construct] : []))
    .find((handler) => handler.name === name)?.function.node.defaultChild;
  if (resource instanceof lambda.CfnFunction) return resource;
  throw new Error(`there is no function ${name}`);
}

/** Narrows the type of a parameter with these allowed values. */
function generalize(value: string): NonNullable<UnusedAccessRefinerProps['generalize']> {
  if (!Token.isUnresolved(value)) throw new Error('only a parameter may stand for the mode');
  // Trust boundary: CloudFormation enforces the allowed values.
  return value as NonNullable<UnusedAccessRefinerProps['generalize']>;
}
