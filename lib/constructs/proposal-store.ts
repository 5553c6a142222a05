import { Aws, Duration, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct, type IConstruct } from 'constructs';

import {
  ANNOUNCED_OBJECT,
  CATALOGUE_PREFIX,
  DECISIONS_PREFIX,
  FAILURES_PREFIX,
  INDEX_DATA_OBJECT,
  INDEX_OBJECT,
  LATEST_CATALOGUE_OBJECT,
  PROPOSALS_PREFIX,
  REOPENED_PREFIX,
  SHARED_PREFIX,
  SWEEPS_PREFIX,
} from '../../lambda/contract/object-keys.ts';
import { acknowledge, allow } from './allow.ts';
import { BucketRefusals } from './bucket-refusals.ts';
import type { Encryption } from './encryption.ts';

export interface ProposalStoreProps {
  /** The path of the reviewers' policy, if roles have one. */
  readonly rolePath: string | undefined;
  readonly encryption: Encryption;
  readonly removalPolicy: RemovalPolicy;
  /**
   * Days after which a proposal expires.
   * @default - proposals are kept
   */
  readonly retentionDays: number | undefined;
  /** ARN patterns of the only roles and users that may read proposals; if empty, IAM decides. */
  readonly readers: readonly string[];
  /** ARN patterns of the only roles and users that may write decisions. */
  readonly deciders: readonly string[];
}

/** How long access logs and noncurrent versions are kept. */
const SHORT_TERM = Duration.days(90);

/** How long the lists and pages of a sweep are kept. The longest sweep is over by then, including dead letters. */
const SWEEPS_KEPT = Duration.days(7);

/** The overview of all proposals, written by the function that notifies. */
const INDEX_OBJECTS = [INDEX_OBJECT, INDEX_DATA_OBJECT];

/** The keys that the option `readers` protects. */
const READ_BY_READERS = [
  `${PROPOSALS_PREFIX}*`,
  `${SHARED_PREFIX}*`,
  `${FAILURES_PREFIX}*`,
  ...INDEX_OBJECTS,
];

/** The keys that `retentionDays` applies to: proposals, failed inputs and the overview. */
const EXPIRING = [PROPOSALS_PREFIX, SHARED_PREFIX, FAILURES_PREFIX, ...INDEX_OBJECTS];

/**
 * The bucket of proposals: private, encrypted, versioned, TLS only, with events for stored objects. Only the workers
 * may write proposals, because people apply what they find here.
 */
export class ProposalStore extends Construct {
  readonly bucket: s3.Bucket;
  /** A policy to attach to reviewers. It reads proposals and nothing else. */
  readonly readers: iam.ManagedPolicy;
  readonly #encryption: Encryption;
  readonly #refusals: BucketRefusals;

  constructor(scope: Construct, id: string, props: ProposalStoreProps) {
    super(scope, id);
    this.#encryption = props.encryption;
    const shared = {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: props.removalPolicy,
    };
    const accessLogs = new s3.Bucket(this, 'AccessLogs', {
      ...shared,
      // The log delivery service writes with SSE-S3 only.
      encryption: s3.BucketEncryption.S3_MANAGED,
      lifecycleRules: [{ expiration: SHORT_TERM }],
    });
    this.bucket = new s3.Bucket(this, 'Bucket', {
      ...shared,
      ...props.encryption.bucket(),
      versioned: true,
      // Trust boundary: the library's classes and interfaces disagree about `undefined` in optional members.
      serverAccessLogsBucket: accessLogs as s3.IBucket,
      lifecycleRules: [
        {
          noncurrentVersionExpiration: SHORT_TERM,
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
        // They contain policy documents, so they are deleted once their sweep is certainly over.
        ...[SWEEPS_PREFIX, REOPENED_PREFIX].map((prefix) => ({
          prefix,
          expiration: SWEEPS_KEPT,
          noncurrentVersionExpiration: Duration.days(1),
        })),
        // Catalogues do not expire: proposals refer to them, and the latest is written only when AWS changes
        // something.
        ...(props.retentionDays === undefined
          ? []
          : EXPIRING.map((prefix) => ({ prefix, expiration: Duration.days(props.retentionDays ?? 0) }))),
      ],
    });
    enableEventBridge(this.bucket);
    this.#refusals = new BucketRefusals(this.bucket, props.readers, READ_BY_READERS);
    this.readers = this.#readersPolicy(props.rolePath);
    // Decisions control what is proposed, so only the deciders may write them; the functions never do.
    this.#refusals.onlyWriters('OnlyDecidersWriteDecisions', props.deciders, [`${DECISIONS_PREFIX}*`]);
    // If the bucket is retained, so is its policy, because it contains proposals and, for some days, whole accounts.
    for (const { policy } of [accessLogs, this.bucket]) policy?.applyRemovalPolicy(props.removalPolicy);
  }

  /** Lets a role read what people decided. */
  grantReadDecisions(
    role: iam.Role,
    calls: Record<'decisions' | 'decisionsListing', readonly string[]>,
  ): void {
    this.#allow(role, 'ReadDecisions', calls.decisions, `${DECISIONS_PREFIX}*`);
    this.#allowListing(role, 'FindDecisions', calls.decisionsListing, `${DECISIONS_PREFIX}*`);
  }

  /** Lets a role write proposals. Nobody else in the account may. */
  grantWrite(
    role: iam.Role,
    calls: Record<'proposals' | 'repository' | 'failures' | 'reopened', readonly string[]>,
  ): void {
    const proposals = `${PROPOSALS_PREFIX}*`;
    const failures = `${FAILURES_PREFIX}*`;
    this.#allow(role, 'StoreProposals', calls.proposals, proposals);
    this.#allowListing(role, 'FindProposals', calls.repository, proposals);
    this.#allow(role, 'KeepFailures', calls.failures, failures);
    this.#grantNoteReopened(role, calls.reopened);
    this.#encryption.grant(role, 's3', 'write');
    this.#refusals.spareReader(role.roleArn);
    this.#refusals.onlyWriter('OnlyTheWorkersWriteProposals', role, [proposals, failures]);
  }

  #grantNoteReopened(role: iam.Role, calls: readonly string[]): void {
    const reopened = `${REOPENED_PREFIX}*`;
    this.#allow(role, 'NoteReopened', calls, reopened);
    this.#refusals.onlyWriter('OnlyFunctionsNoteReopened', role, [reopened]);
  }

  /** Lets one role write proposals about shared policies and groups. */
  grantWriteShared(role: iam.Role, calls: Record<'shared' | 'sharedRepository', readonly string[]>): void {
    const shared = `${SHARED_PREFIX}*`;
    this.#allow(role, 'StoreShared', calls.shared, shared);
    this.#allowListing(role, 'FindShared', calls.sharedRepository, shared);
    this.#refusals.onlyWriter('OnlyTheAccountWorkerWritesShared', role, [shared]);
  }

  /** Lets a role read proposals, to announce them, and write the overview at the top of the bucket. */
  grantNotify(
    role: iam.Role,
    calls: Record<'proposals' | 'bucket' | 'index' | 'reopened' | 'announced', readonly string[]>,
  ): void {
    const index = [...INDEX_OBJECTS, ANNOUNCED_OBJECT];
    this.#allow(role, 'ReadProposals', calls.proposals, `${PROPOSALS_PREFIX}*`, `${SHARED_PREFIX}*`);
    allow(role, 'SeeWhatIsMissing', calls.bucket, this.bucket.bucketArn);
    this.#allow(role, 'KeepOverview', [...new Set([...calls.index, ...calls.announced])], ...index);
    this.#grantNoteReopened(role, calls.reopened);
    this.#encryption.grant(role, 's3', 'write');
    this.#refusals.spareReader(role.roleArn);
    this.#refusals.onlyWriter('OnlyTheNotifierWritesTheOverview', role, index);
  }

  /** Lets a role sweep: read which proposals the overview shows or should show, and store what it listed. */
  grantSweep(
    role: iam.Role,
    calls: Record<
      'overview' | 'overviewListing' | 'proposals' | 'reopenedListing' | 'sweeps' | 'sweepsListing',
      readonly string[]
    >,
  ): void {
    const proposals = [PROPOSALS_PREFIX, SHARED_PREFIX].map((prefix) => `${prefix}*`);
    this.#allow(role, 'ReadReopened', calls.proposals, ...proposals);
    const listed = [`${REOPENED_PREFIX}*`, ...proposals];
    this.#allowListing(role, 'FindReopened', calls.reopenedListing, listed);
    this.#allow(role, 'ReadOverview', calls.overview, INDEX_DATA_OBJECT);
    this.#allowListing(role, 'FindOverview', calls.overviewListing, INDEX_DATA_OBJECT);
    this.grantSweepRecords(role, calls);
    this.#refusals.spareReader(role.roleArn);
    this.#encryption.grant(role, 's3', 'write');
  }

  /**
   * Lets a role write and read the objects of a sweep. Nobody else may write them, because proposals are made from
   * them, or read them, because they contain whole accounts.
   */
  grantSweepRecords(role: iam.Role, calls: Record<'sweeps' | 'sweepsListing', readonly string[]>): void {
    const sweeps = `${SWEEPS_PREFIX}*`;
    this.#allow(role, 'KeepSweeps', calls.sweeps, sweeps);
    this.#allowListing(role, 'FindSweeps', calls.sweepsListing, sweeps);
    this.#refusals.onlyWriter('OnlySweepsWriteTheirObjects', role, [sweeps]);
    this.#refusals.onlyReader('OnlySweepsReadTheirObjects', role, [sweeps]);
  }

  /** Lets a role read the current action catalogue, and those of earlier proposals. */
  grantReadCatalogues(
    role: iam.Role,
    calls: Record<'catalogue' | 'catalogueListing', readonly string[]>,
  ): void {
    this.#allow(role, 'ReadCatalogues', calls.catalogue, `${CATALOGUE_PREFIX}*`);
    this.#allowListing(role, 'FindCatalogues', calls.catalogueListing, `${CATALOGUE_PREFIX}*`);
  }

  /** Lets one role write action catalogues. Nobody else may, because the workers refine with them. */
  grantWriteCatalogues(
    role: iam.Role,
    calls: Record<'latest' | 'latestListing' | 'catalogue', readonly string[]>,
  ): void {
    this.#allow(role, 'ReadCatalogue', calls.latest, LATEST_CATALOGUE_OBJECT);
    this.#allowListing(role, 'FindCatalogue', calls.latestListing, LATEST_CATALOGUE_OBJECT);
    this.#allow(role, 'StoreCatalogues', calls.catalogue, `${CATALOGUE_PREFIX}*`);
    this.#encryption.grant(role, 's3', 'write');
    this.#refusals.onlyWriter('OnlyTheRefresherWritesCatalogues', role, [`${CATALOGUE_PREFIX}*`]);
  }

  /** Allows a role actions on objects under these keys, which may end with `*`. */
  #allow(role: iam.Role, sid: string, actions: readonly string[], ...keys: readonly string[]): void {
    const objects = keys.map((key) => this.bucket.arnForObjects(key));
    allow(role, sid, actions, objects);
    this.#acknowledgeKeys(role, ...keys.filter((key) => key.endsWith('*')));
  }

  /** Lets a role list its own keys, so that a missing object answers 404 and not 403. */
  #allowListing(
    role: iam.Role,
    sid: string,
    actions: readonly string[],
    prefix: string | readonly string[],
  ): void {
    allow(role, sid, actions, this.bucket.bucketArn, { StringLike: { 's3:prefix': prefix } });
  }

  #acknowledgeKeys(grantee: IConstruct, ...keys: readonly string[]): void {
    const bucket = Stack.of(this).getLogicalId(cfnBucket(this.bucket));
    for (const key of keys) {
      acknowledge(
        grantee,
        `AwsSolutions-IAM5[Resource::<${bucket}.Arn>/${key}]`,
        'Keys name account, principal and content, or a version; they cannot be listed beforehand.',
      );
    }
  }

  /** Lets a role or user read proposals, and exempts it from the Deny statements. */
  grantRead(grantee: iam.IGrantable): iam.Grant {
    const principal = grantee.grantPrincipal;
    if (iam.Role.isRole(principal)) this.#refusals.spareReader(principal.roleArn);
    else if (principal instanceof iam.User) this.#refusals.spareReader(principal.userArn);
    const [first, ...rest] = this.#readStatements().map((statement) =>
      iam.Grant.addToPrincipal({
        grantee,
        actions: statement.actions,
        resourceArns: statement.resources,
        // Trust boundary: the library types its own conditions as `any`.
        conditions: statement.conditions as Record<string, Record<string, unknown>>,
      }),
    );
    return rest.reduce(
      (all, grant) => all.combine(grant),
      first ?? iam.Grant.drop(grantee, 'read proposals'),
    );
  }

  #readersPolicy(path: string | undefined): iam.ManagedPolicy {
    const policy = new iam.ManagedPolicy(this, 'Readers', {
      description: 'Reads the proposals of unused-access-refiner, and nothing else.',
      ...(path === undefined ? {} : { path }),
      statements: this.#readStatements(),
    });
    this.#acknowledgeKeys(policy, `${PROPOSALS_PREFIX}*`, `${SHARED_PREFIX}*`);
    return policy;
  }

  #readStatements(): iam.PolicyStatement[] {
    const key = this.#encryption.key;
    return [
      new iam.PolicyStatement({
        sid: 'ReadProposals',
        actions: ['s3:GetObject'],
        resources: [`${PROPOSALS_PREFIX}*`, `${SHARED_PREFIX}*`, ...INDEX_OBJECTS].map((name) =>
          this.bucket.arnForObjects(name),
        ),
      }),
      // The AWS CLI and the SDKs read the bucket's location first.
      new iam.PolicyStatement({
        sid: 'FindBucket',
        actions: ['s3:GetBucketLocation'],
        resources: [this.bucket.bucketArn],
      }),
      new iam.PolicyStatement({
        sid: 'FindProposals',
        actions: ['s3:ListBucket'],
        resources: [this.bucket.bucketArn],
        // The console lists the empty prefix first; failures are not listed.
        conditions: { StringLike: { 's3:prefix': ['', `${PROPOSALS_PREFIX}*`, `${SHARED_PREFIX}*`] } },
      }),
      ...(key === undefined
        ? []
        : [
            new iam.PolicyStatement({
              sid: 'UseKey',
              actions: ['kms:Decrypt'],
              resources: [key.keyArn],
              conditions: {
                StringEquals: { 'kms:ViaService': `s3.${Aws.REGION}.${Aws.URL_SUFFIX}` },
              },
            }),
          ]),
    ];
  }
}

/**
 * Turns on EventBridge for a bucket. The library's own property adds a custom resource with a function and a broad
 * role; CloudFormation's property needs neither.
 */
function enableEventBridge(bucket: s3.Bucket): void {
  cfnBucket(bucket).notificationConfiguration = {
    eventBridgeConfiguration: { eventBridgeEnabled: true },
  };
}

function cfnBucket(bucket: s3.Bucket): s3.CfnBucket {
  const resource = bucket.node.defaultChild;
  if (!(resource instanceof s3.CfnBucket)) throw new Error('the bucket has no CloudFormation resource');
  return resource;
}
