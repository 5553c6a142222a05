import {
  GetPolicyCommand,
  GetPolicyVersionCommand,
  type IAMClient,
  type Tag as SdkTag,
} from '@aws-sdk/client-iam';
import type { GrantDocument, ManagedPolicyFacts, Tag } from '../../../core/model/principal.ts';
import type { PolicyTags } from '../../../ports/policies.ts';
import { AdapterError } from '../../../ports/system.ts';
import { attemptUnless } from '../sdk/errors.ts';
import type { IamClients } from './iam-clients.ts';
import { NO_SUCH_ENTITY, vanished } from './marker-pages.ts';
import { readPolicyText } from '../../../json/policy-text.ts';

interface ManagedPolicy {
  readonly facts: ManagedPolicyFacts;
  readonly document: GrantDocument;
}

/** Milliseconds for which the default version of an AWS managed policy is cached. */
const AWS_FACTS_AGE = 15 * 60 * 1_000;
/** How many documents are cached; 500 of IAM's largest size are 3 million characters. */
const DOCUMENTS = 500;

/** Whether AWS owns a policy: its ARN names the account `aws`. */
export function isAwsManaged(arn: string): boolean {
  return /^arn:[^:]+:iam::aws:policy\//.test(arn);
}

/**
 * Reads managed policies with their default version, the one in force. A version never changes, so documents are
 * cached for the life of the process, by policy id: a policy that was deleted and created again under the same ARN has
 * another id. The default version and the attachments do change, so a customer managed policy is read each time, and
 * one of AWS, whose attachments do not matter, every 15 minutes.
 */
export class ManagedPolicies {
  readonly #now: () => number;
  readonly #includesAges: boolean;
  readonly #documents = new Map<string, Promise<GrantDocument>>();
  readonly #awsFacts = new Map<string, { readonly at: number; readonly facts: Promise<Read> }>();
  /** @param includesAges whether policies have the time of their newest version */
  constructor(now: () => number = Date.now, includesAges = false) {
    this.#now = now;
    this.#includesAges = includesAges;
  }

  /** @throws AdapterError; retry if the policy was deleted after it was listed */
  async get(iam: IAMClient, arn: string): Promise<ManagedPolicy> {
    const { facts, policyId } = await this.#facts(iam, arn);
    return { facts, document: await this.#document(iam, arn, policyId, facts.versionId) };
  }

  #facts(iam: IAMClient, arn: string): Promise<Read> {
    if (!isAwsManaged(arn)) return readFacts(iam, arn, this.#includesAges);
    const known = this.#awsFacts.get(arn);
    if (known !== undefined && this.#now() - known.at < AWS_FACTS_AGE) return known.facts;
    const facts = readFacts(iam, arn, this.#includesAges);
    remember(this.#awsFacts, arn, { at: this.#now(), facts }, DOCUMENTS);
    forgetOnFailure(this.#awsFacts, arn, facts);
    return facts;
  }

  #document(iam: IAMClient, arn: string, policyId: string, versionId: string): Promise<GrantDocument> {
    const key = `${arn} ${policyId} ${versionId}`;
    const known = this.#documents.get(key);
    if (known !== undefined) {
      remember(this.#documents, key, known, DOCUMENTS);
      return known;
    }
    const document = readDocument(iam, arn, versionId);
    remember(this.#documents, key, document, DOCUMENTS);
    forgetOnFailure(this.#documents, key, document);
    return document;
  }
}

/** A policy according to IAM. */
interface Read {
  readonly facts: ManagedPolicyFacts;
  /** Id of the policy that has the ARN now. */
  readonly policyId: string;
}

async function readFacts(iam: IAMClient, arn: string, includesAges: boolean): Promise<Read> {
  const doing = `read the policy ${arn}`;
  const answer = await attemptUnless(doing, NO_SUCH_ENTITY, () =>
    iam.send(new GetPolicyCommand({ PolicyArn: arn })),
  );
  if (answer === undefined) throw vanished(doing);
  const {
    DefaultVersionId,
    AttachmentCount,
    PermissionsBoundaryUsageCount,
    Path,
    Tags,
    PolicyId,
    UpdateDate,
  } = answer.Policy ?? {};
  // Without the count it is unknown whether a new version would affect others.
  if (DefaultVersionId === undefined || AttachmentCount === undefined) {
    throw new AdapterError(
      `cannot ${doing}: the answer lacks ${DefaultVersionId === undefined ? 'DefaultVersionId' : 'AttachmentCount'}`,
      'permanent',
      'malformed',
    );
  }
  const facts = {
    arn,
    ...(PolicyId === undefined ? {} : { id: PolicyId }),
    path: Path ?? '/',
    versionId: DefaultVersionId,
    attachments: AttachmentCount,
    boundaryUses: PermissionsBoundaryUsageCount ?? 0,
    ...(includesAges && UpdateDate ? { updatedAt: UpdateDate.toISOString() } : {}),
    tags: readTags(Tags),
  };
  return { facts, policyId: PolicyId ?? '' };
}

async function readDocument(iam: IAMClient, arn: string, versionId: string): Promise<GrantDocument> {
  const doing = `read version ${versionId} of the policy ${arn}`;
  const answer = await attemptUnless(doing, NO_SUCH_ENTITY, () =>
    iam.send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId: versionId })),
  );
  if (answer === undefined) throw vanished(doing);
  return readPolicyText(answer.PolicyVersion?.Document);
}

/** Adds an entry as the newest, and drops the oldest beyond the limit. */
function remember<V>(map: Map<string, V>, key: string, value: V, limit: number): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= limit) break;
    map.delete(oldest);
  }
}

function forgetOnFailure(map: Map<string, unknown>, key: string, pending: Promise<unknown>): void {
  pending.catch(() => {
    map.delete(key);
  });
}

export function readTags(tags: readonly SdkTag[] | undefined): readonly Tag[] {
  return (tags ?? []).map(({ Key, Value }) => ({ key: Key ?? '', value: Value ?? '' }));
}

/** Reads the tags of managed policies, which `GetAccountAuthorizationDetails` leaves out. */
export class IamPolicyTags implements PolicyTags {
  readonly #clients: Pick<IamClients, 'forAccount'>;
  constructor(clients: Pick<IamClients, 'forAccount'>) {
    this.#clients = clients;
  }

  async tagsOf(accountId: string, policyArn: string): Promise<readonly Tag[]> {
    const iam = await this.#clients.forAccount(accountId);
    const doing = `read the tags of the policy ${policyArn}`;
    const answer = await attemptUnless(doing, NO_SUCH_ENTITY, () =>
      iam.send(new GetPolicyCommand({ PolicyArn: policyArn })),
    );
    if (answer === undefined) throw vanished(doing);
    return readTags(answer.Policy?.Tags);
  }
}
