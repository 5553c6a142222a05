import { Aws, Duration, Lazy, type RemovalPolicy, Stack } from 'aws-cdk-lib';
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
import { acknowledge } from './acknowledge.ts';
import type { Encryption } from './encryption.ts';

export interface ProposalStoreProps {
  /** The path of the reviewers' policy, where roles have one. */
  readonly rolePath: string | undefined;
  readonly encryption: Encryption;
  readonly removalPolicy: RemovalPolicy;
  /**
   * Days after which a proposal expires.
   * @default - proposals are kept
   */
  readonly retentionDays: number | undefined;
  /** ARN patterns of roles and users that may read proposals, and nobody else; none leaves it to IAM. */
  readonly readers: readonly string[];
  /** ARN patterns of roles and users that may write decisions; nobody else may. */
  readonly deciders: readonly string[];
}

/** What writes an object, or takes away what was written. A delete marker hides an object and loses nothing. */
const WRITING = ['s3:PutObject', 's3:ReplicateObject', 's3:ReplicateDelete', 's3:DeleteObjectVersion'];
const READING = ['s3:GetObject', 's3:GetObjectVersion'];

/** The statement that refuses reading to all but the readers. */
const ONLY_READERS = 'OnlyReadersReadProposals';

/** Days that access logs and replaced versions are kept. */
const SHORT_TERM = Duration.days(90);

/** Days that the lists and pages of a sweep are kept. The longest sweep is over by then, dead letters included. */
const SWEEPS_KEPT = Duration.days(7);

/** The overview of all proposals, written by the function that notifies. */
const INDEX_OBJECTS = [INDEX_OBJECT, INDEX_DATA_OBJECT];

/** What `retentionDays` applies to: proposals, failed inputs and the overview. */
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
  /** Roles that a refusal spares, by the statement. */
  readonly #spared = new Map<string, string[]>();
  readonly #readers: readonly string[];

  constructor(scope: Construct, id: string, props: ProposalStoreProps) {
    super(scope, id);
    this.#encryption = props.encryption;
    this.#readers = props.readers;
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
        // They hold policy documents, so they are deleted when their sweep is long over.
        ...[SWEEPS_PREFIX, REOPENED_PREFIX].map((prefix) => ({
          prefix,
          expiration: SWEEPS_KEPT,
          noncurrentVersionExpiration: Duration.days(1),
        })),
        // Catalogues stay: proposals name them, and the latest is written only when AWS changes something.
        ...(props.retentionDays === undefined
          ? []
          : EXPIRING.map((prefix) => ({ prefix, expiration: Duration.days(props.retentionDays ?? 0) }))),
      ],
    });
    tellEventBridge(this.bucket);
    this.readers = this.#readersPolicy(props.rolePath);
    this.#onlyDeciders(props.deciders);
    // A bucket that stays when the stack is removed stays closed: it holds proposals, and for days whole accounts.
    for (const { policy } of [accessLogs, this.bucket]) policy?.applyRemovalPolicy(props.removalPolicy);
  }

  /** Decisions say what is proposed, so only those write them who are to decide; the functions never do. */
  #onlyDeciders(deciders: readonly string[]): void {
    this.bucket.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'OnlyDecidersWriteDecisions',
        effect: iam.Effect.DENY,
        principals: [new iam.AnyPrincipal()],
        actions: WRITING,
        resources: [this.bucket.arnForObjects(`${DECISIONS_PREFIX}*`)],
        ...(deciders.length === 0
          ? {}
          : { conditions: { ArnNotLike: { 'aws:PrincipalArn': [...deciders] } } }),
      }),
    );
  }

  /** Lets a role read what people decided. */
  grantReadDecisions(
    role: iam.Role,
    calls: Record<'decisions' | 'decisionsListing', readonly string[]>,
  ): void {
    role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'ReadDecisions',
        actions: [...calls.decisions],
        resources: [this.bucket.arnForObjects(`${DECISIONS_PREFIX}*`)],
      }),
    );
    this.#grantListing(role, 'FindDecisions', calls.decisionsListing, `${DECISIONS_PREFIX}*`);
    this.#acknowledgeKeys(role, `${DECISIONS_PREFIX}*`);
  }

  /** Lets a role write proposals. Nobody else in the account may. */
  grantWrite(
    role: iam.Role,
    calls: Record<'proposals' | 'repository' | 'failures' | 'reopened', readonly string[]>,
  ): void {
    const proposals = this.bucket.arnForObjects(`${PROPOSALS_PREFIX}*`);
    const failures = this.bucket.arnForObjects(`${FAILURES_PREFIX}*`);
    const reopened = this.bucket.arnForObjects(`${REOPENED_PREFIX}*`);
    role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'StoreProposals',
        actions: [...calls.proposals],
        resources: [proposals],
      }),
    );
    role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'FindProposals',
        actions: [...calls.repository],
        resources: [this.bucket.bucketArn],
        conditions: { StringLike: { 's3:prefix': `${PROPOSALS_PREFIX}*` } },
      }),
    );
    role.addToPolicy(
      new iam.PolicyStatement({ sid: 'KeepFailures', actions: [...calls.failures], resources: [failures] }),
    );
    role.addToPolicy(
      new iam.PolicyStatement({ sid: 'NoteReopened', actions: [...calls.reopened], resources: [reopened] }),
    );
    this.#encryption.grant(role, 's3', 'write');
    this.#oneOfTheReaders(role);
    this.#onlyWriter('OnlyTheWorkersWriteProposals', role, [proposals, failures, reopened]);
    this.#acknowledgeKeys(role, `${PROPOSALS_PREFIX}*`, `${FAILURES_PREFIX}*`, `${REOPENED_PREFIX}*`);
  }

  /** Lets one role write proposals about shared policies and groups. */
  grantWriteShared(role: iam.Role, calls: Record<'shared' | 'sharedRepository', readonly string[]>): void {
    const shared = this.bucket.arnForObjects(`${SHARED_PREFIX}*`);
    role.addToPolicy(
      new iam.PolicyStatement({ sid: 'StoreShared', actions: [...calls.shared], resources: [shared] }),
    );
    role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'FindShared',
        actions: [...calls.sharedRepository],
        resources: [this.bucket.bucketArn],
        conditions: { StringLike: { 's3:prefix': `${SHARED_PREFIX}*` } },
      }),
    );
    this.#onlyWriter('OnlyTheAccountWorkerWritesShared', role, [shared]);
    this.#acknowledgeKeys(role, `${SHARED_PREFIX}*`);
  }

  /** Lets a role read proposals, to announce them, and write the overview at the top of the bucket. */
  grantNotify(
    role: iam.Role,
    calls: Record<'proposals' | 'bucket' | 'index' | 'announced', readonly string[]>,
  ): void {
    const index = [...INDEX_OBJECTS, ANNOUNCED_OBJECT].map((name) => this.bucket.arnForObjects(name));
    role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'ReadProposals',
        actions: [...calls.proposals],
        resources: [PROPOSALS_PREFIX, SHARED_PREFIX].map((prefix) => this.bucket.arnForObjects(`${prefix}*`)),
      }),
    );
    role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'SeeWhatIsMissing',
        actions: [...calls.bucket],
        resources: [this.bucket.bucketArn],
      }),
    );
    role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'KeepOverview',
        actions: [...new Set([...calls.index, ...calls.announced])],
        resources: index,
      }),
    );
    this.#encryption.grant(role, 's3', 'write');
    this.#oneOfTheReaders(role);
    this.#onlyWriter('OnlyTheNotifierWritesTheOverview', role, index);
    this.#acknowledgeKeys(role, `${PROPOSALS_PREFIX}*`);
    this.#acknowledgeKeys(role, `${SHARED_PREFIX}*`);
  }

  /** Lets a role sweep: read which proposals the overview shows, and should show, and store what it listed. */
  grantSweep(
    role: iam.Role,
    calls: Record<
      'overview' | 'overviewListing' | 'proposals' | 'reopenedListing' | 'sweeps' | 'sweepsListing',
      readonly string[]
    >,
  ): void {
    const prefixes = [PROPOSALS_PREFIX, SHARED_PREFIX];
    role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'ReadReopened',
        actions: [...calls.proposals],
        resources: prefixes.map((prefix) => this.bucket.arnForObjects(`${prefix}*`)),
      }),
    );
    const listed = [REOPENED_PREFIX, ...prefixes].map((prefix) => `${prefix}*`);
    this.#grantListing(role, 'FindReopened', calls.reopenedListing, listed);
    this.#acknowledgeKeys(role, ...prefixes.map((prefix) => `${prefix}*`));
    role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'ReadOverview',
        actions: [...calls.overview],
        resources: [this.bucket.arnForObjects(INDEX_DATA_OBJECT)],
      }),
    );
    this.#grantListing(role, 'FindOverview', calls.overviewListing, INDEX_DATA_OBJECT);
    this.grantSweepRecords(role, calls);
    this.#oneOfTheReaders(role);
    this.#encryption.grant(role, 's3', 'write');
  }

  /**
   * Lets a role write and read what belongs to a sweep. Nobody else may write it, because proposals are made from it, and
   * nobody else may read it, because it holds whole accounts.
   */
  grantSweepRecords(role: iam.Role, calls: Record<'sweeps' | 'sweepsListing', readonly string[]>): void {
    const sweeps = this.bucket.arnForObjects(`${SWEEPS_PREFIX}*`);
    role.addToPolicy(
      new iam.PolicyStatement({ sid: 'KeepSweeps', actions: [...calls.sweeps], resources: [sweeps] }),
    );
    this.#grantListing(role, 'FindSweeps', calls.sweepsListing, `${SWEEPS_PREFIX}*`);
    this.#onlyWriter('OnlySweepsWriteTheirObjects', role, [sweeps]);
    this.#refuseAllBut('OnlySweepsReadTheirObjects', role, READING, [sweeps], 'ArnNotEquals');
    this.#acknowledgeKeys(role, `${SWEEPS_PREFIX}*`);
  }

  /** Lets a role read the current action catalogue, and those of earlier proposals. */
  grantReadCatalogues(
    role: iam.Role,
    calls: Record<'catalogue' | 'catalogueListing', readonly string[]>,
  ): void {
    role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'ReadCatalogues',
        actions: [...calls.catalogue],
        resources: [this.bucket.arnForObjects(`${CATALOGUE_PREFIX}*`)],
      }),
    );
    this.#grantListing(role, 'FindCatalogues', calls.catalogueListing, `${CATALOGUE_PREFIX}*`);
    this.#acknowledgeKeys(role, `${CATALOGUE_PREFIX}*`);
  }

  /** Lets one role write action catalogues. Nobody else may, because the workers refine with them. */
  grantWriteCatalogues(
    role: iam.Role,
    calls: Record<'latest' | 'latestListing' | 'catalogue', readonly string[]>,
  ): void {
    const catalogues = this.bucket.arnForObjects(`${CATALOGUE_PREFIX}*`);
    role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'ReadCatalogue',
        actions: [...calls.latest],
        resources: [this.bucket.arnForObjects(LATEST_CATALOGUE_OBJECT)],
      }),
    );
    this.#grantListing(role, 'FindCatalogue', calls.latestListing, LATEST_CATALOGUE_OBJECT);
    role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'StoreCatalogues',
        actions: [...calls.catalogue],
        resources: [catalogues],
      }),
    );
    this.#encryption.grant(role, 's3', 'write');
    this.#onlyWriter('OnlyTheRefresherWritesCatalogues', role, [catalogues]);
    this.#acknowledgeKeys(role, `${CATALOGUE_PREFIX}*`);
  }

  /** Lets a role see what of its own is not there. */
  #grantListing(
    role: iam.Role,
    sid: string,
    actions: readonly string[],
    prefix: string | readonly string[],
  ): void {
    role.addToPolicy(
      new iam.PolicyStatement({
        sid,
        actions: [...actions],
        resources: [this.bucket.bucketArn],
        conditions: { StringLike: { 's3:prefix': prefix } },
      }),
    );
  }

  /** Refuses writing to everybody else, whatever their own policies allow; roles of one `sid` share the right. */
  #onlyWriter(sid: string, role: iam.Role, resources: readonly string[]): void {
    this.#refuseAllBut(sid, role, WRITING, resources, 'ArnNotEquals');
  }

  /** With the option `readers`, refuses reading to all but those, the functions and the account's root. */
  #oneOfTheReaders(role: iam.Role): void {
    if (this.#readers.length === 0) return;
    const keys = [`${PROPOSALS_PREFIX}*`, `${SHARED_PREFIX}*`, `${FAILURES_PREFIX}*`, ...INDEX_OBJECTS];
    this.#refuseAllBut(
      ONLY_READERS,
      role,
      READING,
      keys.map((key) => this.bucket.arnForObjects(key)),
      'ArnNotLike',
      [`arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:root`, ...this.#readers],
    );
  }

  #refuseAllBut(
    sid: string,
    role: iam.Role,
    actions: readonly string[],
    resources: readonly string[],
    operator: 'ArnNotEquals' | 'ArnNotLike',
    others: readonly string[] = [],
  ): void {
    const known = this.#spared.get(sid);
    if (known?.includes(role.roleArn) === false) known.push(role.roleArn);
    if (known) return;
    const spared = [...others, role.roleArn];
    this.#spared.set(sid, spared);
    this.bucket.addToResourcePolicy(
      new iam.PolicyStatement({
        sid,
        effect: iam.Effect.DENY,
        principals: [new iam.AnyPrincipal()],
        actions: [...actions],
        resources: [...resources],
        conditions: {
          [operator]: {
            'aws:PrincipalArn': Lazy.any({ produce: () => (spared.length === 1 ? spared[0] : spared) }),
          },
        },
      }),
    );
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

  /** Lets a role or user read proposals, and spares it where others are refused. */
  grantRead(grantee: iam.IGrantable): iam.Grant {
    const principal = grantee.grantPrincipal;
    const spared = this.#spared.get(ONLY_READERS);
    if (spared !== undefined && (iam.Role.isRole(principal) || principal instanceof iam.User)) {
      spared.push(iam.Role.isRole(principal) ? principal.roleArn : principal.userArn);
    }
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
      // The CLI and the SDKs ask for it before they read.
      new iam.PolicyStatement({
        sid: 'FindBucket',
        actions: ['s3:GetBucketLocation'],
        resources: [this.bucket.bucketArn],
      }),
      new iam.PolicyStatement({
        sid: 'FindProposals',
        actions: ['s3:ListBucket'],
        resources: [this.bucket.bucketArn],
        // An empty prefix is the console's first page; failures are not listed.
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
 * Turns on EventBridge for a bucket. The library's own property brings a custom resource with a function and a wide
 * role; CloudFormation's needs neither.
 */
function tellEventBridge(bucket: s3.Bucket): void {
  cfnBucket(bucket).notificationConfiguration = {
    eventBridgeConfiguration: { eventBridgeEnabled: true },
  };
}

function cfnBucket(bucket: s3.Bucket): s3.CfnBucket {
  const resource = bucket.node.defaultChild;
  if (!(resource instanceof s3.CfnBucket)) throw new Error('the bucket has no CloudFormation resource');
  return resource;
}
