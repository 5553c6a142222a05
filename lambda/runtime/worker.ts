import { AccessAnalyzerFindings } from '../adapters/aws/access-analyzer/findings.ts';
import { AccessAnalyzerOpinions } from '../adapters/aws/access-analyzer/opinions.ts';
import { IamClients } from '../adapters/aws/iam/iam-clients.ts';
import { IamLastAccess, LatestUse } from '../adapters/aws/iam/last-access.ts';
import { ManagedPolicies } from '../adapters/aws/iam/managed-policies.ts';
import { IamPolicies } from '../adapters/aws/iam/policies.ts';
import { IamUseReports } from '../adapters/aws/iam/use-reports.ts';
import { SqsDeferredMessages } from '../adapters/aws/messaging/queues.ts';
import { OrganizationUnits } from '../adapters/aws/organizations/organization-units.ts';
import { S3CatalogueStore } from '../adapters/aws/s3/catalogue-store.ts';
import { S3Decisions } from '../adapters/aws/s3/decisions.ts';
import { S3Objects } from '../adapters/aws/s3/objects.ts';
import { S3Proposals } from '../adapters/aws/s3/proposals.ts';
import { AccountPace } from '../adapters/aws/sdk/account-pace.ts';
import {
  makeAccessAnalyzerClient,
  makeIamClient,
  makeOrganizationsClient,
  makeS3Client,
  makeSqsClient,
  makeStsClient,
} from '../adapters/aws/sdk/clients.ts';
import { MemberCredentials } from '../adapters/aws/sdk/member-credentials.ts';
import { embeddedCatalogue } from '../adapters/catalogue/embedded.ts';
import { sha256, systemClock } from '../adapters/node.ts';
import { INDEX_OBJECT } from '../contract/object-keys.ts';
import type { CatalogueSource } from '../ports/catalogue.ts';
import type { FindingSource } from '../ports/findings.ts';
import type { PolicySource } from '../ports/policies.ts';
import type { FailureStore } from '../ports/proposals.ts';
import { consoleLink } from '../report/text/console-link.ts';
import { makeReportWriter } from '../report/proposal/report-html.ts';
import { CatalogueChanges } from '../use-cases/catalogue/catalogue-changes.ts';
import { ProposalLifecycle } from '../use-cases/lifecycle/proposal-lifecycle.ts';
import type { ProposeDependencies } from '../use-cases/propose/dependencies.ts';
import { findingFromLastUse, isFromLastUse } from '../use-cases/propose/last-use.ts';
import { Deferral } from './defer.ts';
import { ENGINE_VERSION } from './engine-version.ts';
import {
  type Environment,
  type FindingOrigin,
  readRefineEnvironment,
  type RefineEnvironment,
} from './environment.ts';
import type { Instruments } from './invocation.ts';
import { Telemetry } from './telemetry.ts';
import { makeTracing, type Tracing } from './tracing.ts';
import { workerCatalogue } from './worker-catalogue.ts';

/** What both workers keep for the life of the process. */
export interface WorkerParts extends Instruments {
  /** The analyzer ARN that messages must have; messages from another source are dropped. */
  readonly analyzerArn: string;
  /** What the use case needs, apart from what belongs to one invocation. */
  readonly dependencies: Omit<ProposeDependencies, 'clock' | 'runId' | 'catalogue' | 'store'>;
  readonly catalogue: CatalogueSource;
  readonly failures: FailureStore;
  /** Judges earlier proposals when a finding leads to none. */
  readonly lifecycle: Pick<ProposalLifecycle, 'refine' | 'withhold'>;
  /** Defers findings whose account is throttled. */
  readonly deferral: Pick<Deferral, 'whilePaused' | 'intoGroup' | 'afterThrottling' | 'requeue'>;
}

/** What a worker is built from, for callers that build more from it. */
interface WorkerSources {
  readonly origin: FindingOrigin;
  /** IAM of each account. */
  readonly accounts: IamClients;
  readonly objects: S3Objects;
  readonly proposals: S3Proposals;
}

/**
 * @param functionName the function that is composed; names its logs and metrics
 * @throws EnvironmentError
 */
export function composeWorker(
  environment: Environment,
  functionName: 'refine-finding' | 'refine-account',
): WorkerParts & WorkerSources {
  const values = readRefineEnvironment(environment, functionName);
  const { partition, bucketName, memberRoleName: roleName, memberExternalId: externalId } = values;
  const tracing = makeTracing();
  const objects = new S3Objects(tracing.client(makeS3Client(environment)), bucketName);
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
  const origin = values.source;
  const includesAges = origin.kind === 'last-accessed';
  const policies = new IamPolicies(accounts, new ManagedPolicies(Date.now, includesAges), includesAges);
  const catalogues = new S3CatalogueStore(objects, sha256);
  const catalogue = workerCatalogue(catalogues, telemetry, systemClock);
  const proposals = new S3Proposals(objects);
  const lifecycle = new ProposalLifecycle({
    store: proposals,
    repository: proposals,
    policies,
    catalogueChanges: new CatalogueChanges({
      catalogue,
      store: catalogues,
      embedded: embeddedCatalogue,
      repository: proposals,
    }),
    opinions: values.secondOpinions,
    noted: (prefix, { state, reason }) => {
      telemetry.info('state of a proposal is noted', { prefix, state, reason });
    },
  });
  return {
    analyzerArn: origin.analyzerArn,
    origin,
    dependencies: {
      ...(origin.kind === 'last-accessed'
        ? singleUses(origin, { accounts, policies, catalogue })
        : {
            findings: notFromLastUse(
              new AccessAnalyzerFindings(
                tracing.client(makeAccessAnalyzerClient(values.analyzerCallsPerSecond)),
              ),
            ),
            lastAccess: values.asksLastAccess ? new IamLastAccess(accounts) : undefined,
          }),
      policies,
      reports: makeReportWriter({
        engineVersion: ENGINE_VERSION,
        // The console opens a report at a signed URL, in which a relative link would not work.
        links: {
          index: consoleLink({
            partition,
            region: environment['AWS_REGION'] ?? '',
            bucket: bucketName,
            key: INDEX_OBJECT,
          }),
          bucket: `s3://${bucketName}/`,
        },
      }),
      units: accountUnits(values, tracing),
      settings: values.settings,
      decisions: new S3Decisions(objects, systemClock),
      ...opinions(values, tracing),
      digest: sha256,
      engineVersion: ENGINE_VERSION,
    },
    catalogue,
    failures: proposals,
    lifecycle,
    deferral: new Deferral({ pauses: pace, messages: deferredMessages(values, tracing), telemetry }),
    accounts,
    objects,
    proposals,
    telemetry,
    tracing,
  };
}

/** Drops findings that an earlier deployment without an analyzer queued. */
function notFromLastUse(findings: FindingSource): FindingSource {
  const reason = 'it was made from reports of last use, and findings are those of an analyzer at present';
  return {
    getFinding: (reference) =>
      isFromLastUse(reference)
        ? Promise.resolve({ kind: 'unsupported', reason })
        : findings.getFinding(reference),
  };
}

/**
 * Makes findings about single principals from new reports, for principals whose refinement failed within their
 * account's job.
 */
function singleUses(
  { unusedDays }: Extract<FindingOrigin, { kind: 'last-accessed' }>,
  {
    accounts,
    policies,
    catalogue,
  }: { readonly accounts: IamClients; readonly policies: PolicySource; readonly catalogue: CatalogueSource },
): Pick<ProposeDependencies, 'findings' | 'lastAccess'> {
  const reports = new LatestUse(new IamLastAccess(accounts));
  const credentials = new IamUseReports(accounts);
  const reason =
    'it is the finding of an analyzer, and findings are made from reports of last use at present';
  return {
    findings: {
      getFinding: async (reference) =>
        isFromLastUse(reference)
          ? findingFromLastUse(reference, {
              policies,
              reports: { lastAccessOf: (ref, millis) => reports.renew(ref, millis) },
              credentialsOf: (ref) => credentials.credentialsOf(ref),
              catalogue: await catalogue.load(),
              unusedDays,
            })
          : { kind: 'unsupported', reason },
    },
    lastAccess: reports,
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

/** Uses a separate client, because throttling here must not slow down reading findings. */
function opinions(
  { secondOpinions: enabled, opinionMillis: millis, analyzerCallsPerSecond }: RefineEnvironment,
  tracing: Tracing,
): Pick<ProposeDependencies, 'opinions'> {
  if (enabled.length === 0) return {};
  const source = new AccessAnalyzerOpinions(tracing.client(makeAccessAnalyzerClient(analyzerCallsPerSecond)));
  return { opinions: { source, enabled, millis, timeout: (after) => AbortSignal.timeout(after) } };
}
