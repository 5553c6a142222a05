import { AccessAnalyzerFindings } from '../adapters/aws/access-analyzer/findings.ts';
import { AccessAnalyzerOpinions } from '../adapters/aws/access-analyzer/opinions.ts';
import { AccountPace } from '../adapters/aws/sdk/account-pace.ts';
import {
  makeAccessAnalyzerClient,
  makeIamClient,
  makeOrganizationsClient,
  makeS3Client,
  makeSqsClient,
  makeStsClient,
} from '../adapters/aws/sdk/clients.ts';
import { IamClients } from '../adapters/aws/iam/clients.ts';
import { IamLastAccess } from '../adapters/aws/iam/last-access.ts';
import { ManagedPolicies } from '../adapters/aws/iam/managed-policies.ts';
import { IamPolicies } from '../adapters/aws/iam/policies.ts';
import { MemberCredentials } from '../adapters/aws/sdk/member-credentials.ts';
import { OrganizationUnits } from '../adapters/aws/organizations/organization-units.ts';
import { embeddedCatalogue } from '../adapters/catalogue/embedded.ts';
import { S3CatalogueStore } from '../adapters/aws/s3/catalogue-store.ts';
import { S3FailureStore } from '../adapters/aws/s3/failure-store.ts';
import { S3ProposalRepository } from '../adapters/aws/s3/proposal-repository.ts';
import { S3ProposalStore } from '../adapters/aws/s3/proposal-store.ts';
import { SqsDeferredMessages } from '../adapters/aws/messaging/sqs-waiting-messages.ts';
import type { CatalogueSource } from '../ports/catalogue.ts';
import type { FailureStore } from '../ports/proposals.ts';
import { makeReportWriter } from '../report/proposal/report-writer.ts';
import { CatalogueChanges } from '../use-cases/catalogue/catalogue-changes.ts';
import { ProposalLifecycle } from '../use-cases/lifecycle/proposal-lifecycle.ts';
import type { ProposeDependencies } from '../use-cases/propose/propose-refinement.ts';
import { ENGINE_VERSION } from './engine-version.ts';
import { type Environment, readRefineEnvironment, type RefineEnvironment } from './environment.ts';
import { sha256 } from '../adapters/node.ts';
import { systemClock } from '../adapters/node.ts';
import { Deferral } from './defer.ts';
import { Telemetry } from './telemetry.ts';
import { makeTracing, type Tracing } from './tracing.ts';
import { workerCatalogue } from './worker-catalogue.ts';

/** Everything of `refine-finding` that outlives one invocation. */
export interface RefineFindingParts {
  readonly analyzerArn: string;
  /** What the use case needs, apart from what belongs to one invocation. */
  readonly dependencies: Omit<ProposeDependencies, 'clock' | 'runId' | 'catalogue'>;
  readonly catalogue: CatalogueSource;
  readonly failures: FailureStore;
  /** What becomes of earlier proposals when a finding comes to none. */
  readonly lifecycle: Pick<ProposalLifecycle, 'withdraw' | 'withhold'>;
  /** What becomes of findings whose account is throttled. */
  readonly deferral: Pick<Deferral, 'whilePaused' | 'intoGroup' | 'afterThrottling'>;
  /** IAM of each account. */
  readonly accounts: IamClients;
  readonly telemetry: Telemetry;
  readonly tracing: Tracing;
}

/**
 * @param functionName the function that refines; its logs and metrics are told apart by it
 * @throws EnvironmentError
 */
export function composeRefineFinding(
  environment: Environment,
  functionName: 'refine-finding' | 'refine-account' = 'refine-finding',
): RefineFindingParts {
  const values = readRefineEnvironment(environment, functionName);
  const { partition, bucketName, memberRoleName: roleName, memberExternalId: externalId } = values;
  const tracing = makeTracing();
  const s3 = tracing.client(makeS3Client(environment));
  const home = tracing.client(makeIamClient());
  const members =
    roleName === undefined
      ? undefined
      : new MemberCredentials(tracing.client(makeStsClient()), {
          partition,
          roleName,
          externalId,
        });
  const telemetry = new Telemetry(functionName);
  const pace = new AccountPace(values.accountCallsPerSecond);
  const accounts = new IamClients(
    home,
    values.homeAccountId,
    members,
    (client) => tracing.client(client),
    pace,
  );
  const policies = new IamPolicies(accounts, new ManagedPolicies());
  const catalogues = new S3CatalogueStore(s3, bucketName, sha256);
  const catalogue = workerCatalogue(catalogues, telemetry, systemClock);
  const repository = new S3ProposalRepository(s3, bucketName);
  const lifecycle = new ProposalLifecycle({
    store: new S3ProposalStore(s3, bucketName),
    repository,
    policies,
    catalogueChanges: new CatalogueChanges({
      catalogue,
      store: catalogues,
      embedded: embeddedCatalogue,
      repository,
    }),
    opinions: values.secondOpinions,
    noted: (prefix, { state, reason }) => {
      telemetry.info('state of a proposal is noted', { prefix, state, reason });
    },
  });
  return {
    analyzerArn: values.analyzerArn,
    dependencies: {
      findings: new AccessAnalyzerFindings(
        tracing.client(makeAccessAnalyzerClient(values.analyzerCallsPerSecond)),
      ),
      policies,
      store: lifecycle,
      lastAccess: values.asksLastAccess ? new IamLastAccess(accounts) : undefined,
      reports: makeReportWriter({ engineVersion: ENGINE_VERSION }),
      units: accountUnits(values, tracing),
      settings: values.settings,
      ...opinions(values, tracing),
      digest: sha256,
      engineVersion: ENGINE_VERSION,
    },
    catalogue,
    failures: new S3FailureStore(s3, bucketName),
    lifecycle,
    deferral: new Deferral({ pauses: pace, messages: deferredMessages(values, tracing), telemetry }),
    accounts,
    telemetry,
    tracing,
  };
}

function accountUnits({ settings }: RefineEnvironment, tracing: Tracing): OrganizationUnits | undefined {
  const { organizationalUnits = [] } = settings.exclude;
  if (organizationalUnits.length === 0) return undefined;
  return new OrganizationUnits(tracing.client(makeOrganizationsClient()));
}

function deferredMessages(
  { findingsQueueUrl: url }: RefineEnvironment,
  tracing: Tracing,
): SqsDeferredMessages | undefined {
  return url === undefined ? undefined : new SqsDeferredMessages(tracing.client(makeSqsClient()), url);
}

/** A client of its own: being throttled here must not slow down the reading of findings. */
function opinions(
  { secondOpinions: enabled, opinionMillis: millis, analyzerCallsPerSecond }: RefineEnvironment,
  tracing: Tracing,
): Pick<ProposeDependencies, 'opinions'> {
  if (enabled.length === 0) return {};
  const source = new AccessAnalyzerOpinions(tracing.client(makeAccessAnalyzerClient(analyzerCallsPerSecond)));
  return { opinions: { source, enabled, millis, timeout: (after) => AbortSignal.timeout(after) } };
}
