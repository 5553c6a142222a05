import { BulkPolicies } from '../adapters/account/bulk-policies.ts';
import { makeS3Client, makeSqsClient } from '../adapters/aws/sdk/clients.ts';
import { IamAccountPages } from '../adapters/aws/iam/account-pages.ts';
import { IamPolicyTags } from '../adapters/aws/iam/tags.ts';
import { S3AccountRecords } from '../adapters/aws/s3/account-records.ts';
import { S3Objects } from '../adapters/aws/s3/objects.ts';
import { S3ProposalRepository } from '../adapters/aws/s3/proposal-repository.ts';
import { S3ProposalStore } from '../adapters/aws/s3/proposal-store.ts';
import { SqsAccountJobs } from '../adapters/aws/messaging/sqs-account-jobs.ts';
import { SqsFindingQueue } from '../adapters/aws/messaging/sqs-finding-queue.ts';
import { makeSharedReportWriter } from '../report/proposal/shared-report.ts';
import type { ShareDependencies } from '../use-cases/account/share-of-account.ts';
import type { AccountJobDependencies } from '../use-cases/account/refine-account-job.ts';
import { composeRefineFinding, type RefineFindingParts } from './compose-refine-finding.ts';
import { ENGINE_VERSION } from './engine-version.ts';
import { type Environment, readAccountEnvironment } from './environment.ts';

/** Everything of `refine-account` that outlives one invocation: what `refine-finding` has, and the whole accounts. */
export interface RefineAccountParts extends RefineFindingParts {
  readonly account: Omit<
    AccountJobDependencies<BulkPolicies>,
    'clock' | 'isLeftAlone' | 'refine' | 'proposeShared'
  >;
  readonly shared: Pick<ShareDependencies, 'store' | 'reports' | 'lifecycle'>;
}

/** @throws EnvironmentError */
export function composeRefineAccount(environment: Environment): RefineAccountParts {
  const parts = composeRefineFinding(environment, 'refine-account');
  const { bucketName, findingsQueueUrl, accountJobsQueueUrl } = readAccountEnvironment(environment);
  const { tracing, accounts, dependencies } = parts;
  const sqs = tracing.client(makeSqsClient());
  const s3 = tracing.client(makeS3Client(environment));
  const tags = new IamPolicyTags(accounts);
  return {
    ...parts,
    account: {
      makeMemory: () => new BulkPolicies(dependencies.policies, tags),
      pages: new IamAccountPages(accounts),
      records: new S3AccountRecords(new S3Objects(s3, bucketName)),
      queue: new SqsFindingQueue(sqs, findingsQueueUrl),
      jobs: new SqsAccountJobs(sqs, accountJobsQueueUrl),
    },
    shared: {
      store: new S3ProposalStore(s3, bucketName),
      reports: makeSharedReportWriter({ engineVersion: ENGINE_VERSION }),
      lifecycle: {
        repository: new S3ProposalRepository(s3, bucketName),
        noted: (prefix, { state, reason }) => {
          parts.telemetry.info('state of a proposal is noted', { prefix, state, reason });
        },
        failed: (prefix, error) => {
          parts.telemetry.failure('earlier proposal cannot be judged', error, { prefix });
        },
      },
    },
  };
}
