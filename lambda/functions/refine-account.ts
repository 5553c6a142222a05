import type { SQSBatchResponse } from 'aws-lambda';
import { BulkPolicies } from '../adapters/account/bulk-policies.ts';
import { IamAccountPages } from '../adapters/aws/iam/account-pages.ts';
import { IamPolicyTags } from '../adapters/aws/iam/managed-policies.ts';
import { SqsAccountJobs, SqsFindingQueue } from '../adapters/aws/messaging/queues.ts';
import { IamUseReports } from '../adapters/aws/iam/use-reports.ts';
import { S3AccountRecords } from '../adapters/aws/s3/sweeps.ts';
import { makeSqsClient } from '../adapters/aws/sdk/clients.ts';
import { METRIC } from '../contract/metrics.ts';
import type { AccountJob } from '../ports/account.ts';
import type { FindingSource } from '../ports/findings.ts';
import { type Environment, readAccountEnvironment } from '../runtime/environment.ts';
import {
  entry,
  type Handler,
  type Invocation,
  lambdaClock,
  queueHandler,
  type SqsRecord,
} from '../runtime/invocation.ts';
import { readAccountMessage } from '../runtime/messages.ts';
import { keepReplay, refiner, UNREACHABLE } from '../runtime/refiner.ts';
import { composeWorker, type WorkerParts } from '../runtime/worker.ts';
import {
  type AccountJobDependencies,
  type AccountJobOutcome,
  refineAccountJob,
} from '../use-cases/account/refine-account-job.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { proposeSharedSlice, type SharedDependencies } from '../use-cases/account/shared-slice.ts';
import type { UseDependencies } from '../use-cases/account/batches.ts';
import { excludedAccount } from '../use-cases/propose/skip-reason.ts';
import { proposeRefinement } from '../use-cases/propose/propose-refinement.ts';
import type { SharedOutcome } from '../use-cases/propose/propose-shared.ts';

/** What the function keeps between invocations: the parts of `refine-finding`, and those that read whole accounts. */
export interface RefineAccountParts extends WorkerParts {
  readonly account: Omit<
    AccountJobDependencies<BulkPolicies>,
    'clock' | 'isLeftAlone' | 'refine' | 'proposeShared' | 'use'
  >;
  /** Given if findings come from reports of last use. */
  readonly use?: Omit<UseDependencies, 'clock' | 'catalogue' | 'exclude' | 'silent'> | undefined;
  readonly shared: Pick<SharedDependencies, 'reports' | 'lifecycle'>;
}

/** @throws EnvironmentError */
export function composeRefineAccount(environment: Environment): RefineAccountParts {
  const parts = composeWorker(environment, 'refine-account');
  const { findingsQueueUrl, accountJobsQueueUrl } = readAccountEnvironment(environment);
  const { tracing, accounts, dependencies, objects, proposals, origin } = parts;
  const sqs = tracing.client(makeSqsClient());
  const tags = new IamPolicyTags(accounts);
  const records = new S3AccountRecords(objects);
  const isByUse = origin.kind === 'last-accessed';
  return {
    ...parts,
    account: {
      makeMemory: () => new BulkPolicies(dependencies.policies, tags, isByUse),
      pages: new IamAccountPages(accounts),
      records,
      queue: new SqsFindingQueue(sqs, findingsQueueUrl),
      jobs: new SqsAccountJobs(sqs, accountJobsQueueUrl),
    },
    use: isByUse
      ? {
          reports: new IamUseReports(accounts),
          records,
          unusedDays: origin.unusedDays,
          wait: (millis) => sleep(millis),
        }
      : undefined,
    shared: {
      reports: dependencies.reports,
      lifecycle: {
        store: proposals,
        repository: proposals,
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

/**
 * Refines whole accounts, one at a time. A job fails only if its account cannot be read at present. Findings that fail
 * within it go to the findings queue.
 */
export function refineAccountHandler(
  parts: RefineAccountParts,
  propose: typeof proposeRefinement = proposeRefinement,
): Handler<SQSBatchResponse> {
  const { telemetry, account, dependencies, analyzerArn, failures } = parts;
  const { refine, reportFailure } = refiner(parts, propose);

  function useOf({ accountId }: AccountJob, context: Invocation): UseDependencies | undefined {
    return (
      parts.use && {
        ...parts.use,
        clock: lambdaClock(context),
        catalogue: () => parts.catalogue.load(),
        exclude: dependencies.settings.exclude,
        silent: (principal, reason) => {
          telemetry.count(METRIC.skipped);
          telemetry.info('principal is skipped', { accountId, principal, reason });
        },
      }
    );
  }

  async function run(job: AccountJob, context: Invocation): Promise<void> {
    const outcome = await refineAccountJob(job, {
      ...account,
      clock: lambdaClock(context),
      use: useOf(job, context),
      isLeftAlone: async (accountId) => {
        const { settings, units } = dependencies;
        return (await excludedAccount(settings.exclude, accountId, units)) !== undefined;
      },
      refine: async (reference, memory, since, found, evidence) => {
        const source = evidence?.findings ?? dependencies.findings;
        const lastAccess = evidence?.lastAccess ?? dependencies.lastAccess;
        const findings: FindingSource = {
          getFinding: async (asked) => {
            const answer = await source.getFinding(asked);
            if (answer.kind === 'found') found(answer.finding);
            return answer;
          },
        };
        try {
          await refine(reference, context, { memory, since, findings, lastAccess });
        } catch (error) {
          await reportFailure(reference, error);
          throw error;
        }
      },
      proposeShared: async ({ memory, since, isPartial, shown, unused, lastAccess }) => {
        const { settings, units, digest, engineVersion, decisions } = dependencies;
        return proposeSharedSlice(
          {
            inventory: memory.index.inventory(job.accountId),
            unused,
            isPartial,
            since,
            shown,
            after: job.shared,
          },
          {
            ...parts.shared,
            tags: memory,
            lastAccess: lastAccess ?? dependencies.lastAccess,
            settings,
            decisions,
            units,
            digest,
            engineVersion,
            catalogue: await parts.catalogue.load(),
            clock: lambdaClock(context),
            runId: context.awsRequestId,
            onOutcome: (outcome) => countShared({ telemetry, failures }, outcome),
          },
        );
      },
    });
    report(job, outcome);
  }

  function report({ accountId, sweepId }: AccountJob, outcome: AccountJobOutcome): void {
    const { pages, findings, sentOn } = outcome;
    const facts = { accountId, sweepId, pages, findings, sentOn };
    const { faults: [fault, ...others] = [] } = outcome;
    if (fault !== undefined) {
      telemetry.error('entries of the account cannot be read: nothing is concluded from them', {
        accountId,
        sweepId,
        unread: others.length + 1,
        error: fault,
      });
    }
    switch (outcome.kind) {
      case 'completed':
        telemetry.count(METRIC.accountJobsCompleted);
        telemetry.info('account is completed', facts);
        return;
      case 'continued':
        if (outcome.because === 'throttled') telemetry.count(METRIC.throttled);
        telemetry.info('account goes on later', { ...facts, because: outcome.because, next: outcome.next });
        return;
      case 'handed-over':
        telemetry.count(METRIC.accountJobsCompleted);
        telemetry.count(METRIC.accountsHandedOver);
        telemetry.failure(
          'account cannot be read as a whole: its findings go one by one',
          outcome.error,
          facts,
        );
        return;
      case 'unreachable':
        telemetry.count(METRIC.accountJobsCompleted);
        telemetry.count(METRIC.findingsUnreachable, outcome.left);
        telemetry.failure(UNREACHABLE, outcome.error, { ...facts, left: outcome.left });
        return;
      default:
        return outcome satisfies never;
    }
  }

  async function work({ messageId, body }: SqsRecord, context: Invocation): Promise<boolean> {
    const message = readAccountMessage(body);
    if (!message.ok) {
      telemetry.count(METRIC.malformed);
      telemetry.error('message is malformed', { messageId, error: message.problem });
      return false;
    }
    const { accountId, sweepId } = message.value;
    if (message.value.analyzerArn !== analyzerArn) {
      telemetry.info('account of another analyzer is dropped', { messageId, accountId, sweepId });
      return true;
    }
    try {
      await run(message.value, context);
      return true;
    } catch (error) {
      telemetry.failure('account failed', error, { messageId, accountId, sweepId });
      return false;
    }
  }

  return queueHandler('refine-account', parts, 1, work);
}

/** Logs and counts the outcome for one shared policy or group. If the verifier rejected it, the input is stored. */
async function countShared(
  parts: Pick<WorkerParts, 'telemetry' | 'failures'>,
  { subject, ...outcome }: SharedOutcome,
): Promise<void> {
  const { telemetry } = parts;
  const facts = { accountId: subject.accountId, shared: subject.arn };
  switch (outcome.kind) {
    case 'proposed': {
      const { stored, proposal, refused } = outcome;
      const isNew = stored.outcome === 'stored';
      if (isNew) telemetry.count(METRIC.sharedProposalsStored);
      telemetry.count(METRIC.refusedPolicies, refused.length);
      telemetry.info(isNew ? 'shared proposal is stored' : 'shared proposal exists', {
        ...facts,
        prefix: stored.prefix,
        principals: proposal.holders.principals,
        better: proposal.advice.better,
        refusedPolicies: refused.length,
      });
      return;
    }
    case 'unchanged':
    case 'blocked':
      telemetry.info('nothing is proposed for what is shared', {
        ...facts,
        kind: outcome.kind,
        reason: outcome.reason,
      });
      return;
    case 'failed':
      telemetry.error('shared policy or group failed', { ...facts, reason: outcome.reason });
      if (outcome.replay === undefined) return;
      telemetry.count(METRIC.verificationFailures);
      await keepReplay(parts, outcome.key, outcome.replay, facts);
      return;
    default:
      return outcome satisfies never;
  }
}

/** The Lambda handler. */
export const handler = entry((environment) => refineAccountHandler(composeRefineAccount(environment)));
