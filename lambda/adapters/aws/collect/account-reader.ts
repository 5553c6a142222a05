import {
  type FindingDetails,
  type FindingSummaryV2,
  GetFindingV2Command,
  type GetFindingV2Response,
  ListAnalyzersCommand,
  ListFindingsV2Command,
} from '@aws-sdk/client-accessanalyzer';
import {
  GenerateServiceLastAccessedDetailsCommand,
  GetAccessKeyLastUsedCommand,
  GetAccountAuthorizationDetailsCommand,
  GetLoginProfileCommand,
  GetServiceLastAccessedDetailsCommand,
  type GetServiceLastAccessedDetailsCommandOutput,
  ListAccessKeysCommand,
  ListUsersCommand,
} from '@aws-sdk/client-iam';
import { setTimeout as sleep } from 'node:timers/promises';
import { COLLECT_CALLS, type CollectOperation } from '../../../contract/iam-calls.ts';
import { accountOfArn } from '../../../core/model/account.ts';
import { isJsonObject, type JsonValue, renderJson } from '../../../core/model/json.ts';
import type {
  AccountReader,
  ActiveAnalyzer,
  CollectedFinding,
  CollectedUser,
  DetailsPage,
  ListedFinding,
} from '../../../ports/collect.ts';
import { AdapterError } from '../../../ports/system.ts';
import { UNUSED_FINDING_TYPES } from '../access-analyzer/finding-details.ts';
import { MAX_ITEMS, NO_SUCH_ENTITY } from '../iam/marker-pages.ts';
import { sentenceOf } from '../sdk/caller.ts';
import { errorWords, translateError } from '../sdk/errors.ts';
import type { AccountClients } from './collect-clients.ts';
import { asPrinted, printedTime } from './printed.ts';

/** Attempts of one call, each with the SDK's own six. */
const ATTEMPTS = 8;
/** Milliseconds before the second attempt; doubled each time, up to half a minute. */
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;
/** Milliseconds between two polls for a report, at first and at most; and how long a report may take. */
const FIRST_LOOK = 500;
const LONGEST_LOOK = 5_000;
const LONGEST_REPORT = 10 * 60_000;
/** How often a finding may change while its pages are read. */
const CHANGES = 5;

/**
 * One account, read with the caller's own credentials. A call that is throttled, or fails temporarily, is retried
 * after a wait.
 */
export class AwsAccountReader implements AccountReader {
  readonly accountId: string;
  readonly #clients: AccountClients;
  readonly #profile: string | undefined;

  /** @param profile named in the message about expired credentials */
  constructor(accountId: string, clients: AccountClients, profile: string | undefined) {
    this.accountId = accountId;
    this.#clients = clients;
    this.#profile = profile;
  }

  async detailsPage(marker: string | null): Promise<DetailsPage> {
    const answer = await this.#call(
      'GetAccountAuthorizationDetails',
      'its roles, users, groups and policies',
      () =>
        this.#clients.iam.send(
          new GetAccountAuthorizationDetailsCommand({
            MaxItems: MAX_ITEMS,
            ...(marker === null ? {} : { Marker: marker }),
          }),
        ),
    );
    const list = (entries: readonly unknown[] = []): readonly JsonValue[] => entries.map(asPrinted);
    return {
      lists: {
        UserDetailList: list(answer.UserDetailList),
        GroupDetailList: list(answer.GroupDetailList),
        RoleDetailList: list(answer.RoleDetailList),
        Policies: list(answer.Policies),
      },
      marker: nextMarker(answer, marker, 'the description of the account'),
    };
  }

  async analyzers(): Promise<readonly ActiveAnalyzer[]> {
    const found: ActiveAnalyzer[] = [];
    for (const type of ['ACCOUNT_UNUSED_ACCESS', 'ORGANIZATION_UNUSED_ACCESS'] as const) {
      const client = this.#clients.analyzerOf(this.accountId);
      const pages = this.#pages('ListAnalyzers', 'its analyzers', this.accountId, (nextToken) =>
        client.send(new ListAnalyzersCommand({ type, ...nextToken })),
      );
      for await (const { analyzers = [] } of pages) {
        for (const { arn, status } of analyzers) {
          if (arn !== undefined && status === 'ACTIVE') {
            found.push({ arn, isOrganization: type === 'ORGANIZATION_UNUSED_ACCESS' });
          }
        }
      }
    }
    return found;
  }

  async findings(analyzerArn: string): Promise<readonly ListedFinding[]> {
    const found = new Map<string, ListedFinding>();
    const owner = accountOfArn(analyzerArn);
    const client = this.#clients.analyzerOf(owner);
    const pages = this.#pages('ListFindingsV2', `the findings of ${analyzerArn}`, owner, (nextToken) =>
      client.send(
        new ListFindingsV2Command({
          analyzerArn,
          filter: {
            status: { eq: ['ACTIVE'] },
            findingType: { eq: [...UNUSED_FINDING_TYPES] },
            resourceOwnerAccount: { eq: [this.accountId] },
          },
          ...nextToken,
        }),
      ),
    );
    for await (const { findings = [] } of pages) {
      for (const summary of findings) if (summary.id !== undefined) found.set(summary.id, listed(summary));
    }
    return [...found.values()];
  }

  async finding(analyzerArn: string, id: string): Promise<CollectedFinding | undefined> {
    for (let change = 0; ; change += 1) {
      const whole = await this.#wholeFinding(analyzerArn, id);
      if (whole !== 'changed') return whole;
      if (change === CHANGES) {
        throw new AdapterError(`the finding ${id} changes each time that it is read`, 'retry', 'unavailable');
      }
    }
  }

  async #wholeFinding(analyzerArn: string, id: string): Promise<CollectedFinding | 'changed' | undefined> {
    const owner = accountOfArn(analyzerArn);
    const client = this.#clients.analyzerOf(owner);
    const details: FindingDetails[] = [];
    let first: GetFindingV2Response | undefined;
    let nextToken: string | undefined;
    do {
      const question = { analyzerArn, id, ...(nextToken === undefined ? {} : { nextToken }) };
      const ask = () => client.send(new GetFindingV2Command(question));
      const page = await this.#callUnlessGone('GetFindingV2', `the finding ${id}`, ask, owner);
      if (page === undefined) return undefined;
      first ??= page;
      if (page.updatedAt?.getTime() !== first.updatedAt?.getTime() || page.status !== first.status)
        return 'changed';
      details.push(...(page.findingDetails ?? []));
      nextToken = page.nextToken === '' ? undefined : page.nextToken;
    } while (nextToken !== undefined);
    // A finding that is no longer ACTIVE is not read.
    if (first.status !== 'ACTIVE') return undefined;
    const finding = asPrinted({ ...first, nextToken: undefined, findingDetails: details });
    return { ...listed(first), line: renderJson(finding, 0) };
  }

  async lastAccessed(principalArn: string): Promise<JsonValue | undefined> {
    const what = `when ${principalArn} last used what`;
    const started = await this.#callUnlessGone('GenerateServiceLastAccessedDetails', what, () =>
      this.#clients.iam.send(
        new GenerateServiceLastAccessedDetailsCommand({ Arn: principalArn, Granularity: 'ACTION_LEVEL' }),
      ),
    );
    if (started === undefined) return undefined;
    const first = await this.#whenReady(started.JobId, null, what);
    const services = [...(first.ServicesLastAccessed ?? [])];
    let marker = nextMarker(first, null, what);
    while (marker !== null) {
      const page = await this.#whenReady(started.JobId, marker, what);
      services.push(...(page.ServicesLastAccessed ?? []));
      marker = nextMarker(page, marker, what);
    }
    return asPrinted({ ...first, ServicesLastAccessed: services, IsTruncated: false, Marker: undefined });
  }

  async #whenReady(
    JobId: string | undefined,
    marker: string | null,
    what: string,
  ): Promise<GetServiceLastAccessedDetailsCommandOutput> {
    const command = new GetServiceLastAccessedDetailsCommand({
      JobId,
      MaxItems: MAX_ITEMS,
      ...(marker === null ? {} : { Marker: marker }),
    });
    let waited = 0;
    for (let pause = FIRST_LOOK; ; pause = Math.min(LONGEST_LOOK, pause * 2)) {
      const answer = await this.#call('GetServiceLastAccessedDetails', what, () =>
        this.#clients.iam.send(command),
      );
      if (answer.JobStatus === 'COMPLETED') return answer;
      const { Code = 'no code', Message = 'no message' } = answer.Error ?? {};
      if (answer.JobStatus === 'FAILED') {
        throw new AdapterError(`IAM cannot say ${what}: ${Code}: ${Message}`, 'permanent', 'invalid');
      }
      if (waited > LONGEST_REPORT) {
        throw new AdapterError(`IAM has not said ${what} within 10 minutes`, 'retry', 'unavailable');
      }
      await sleep(pause);
      waited += pause;
    }
  }

  async users(): Promise<readonly JsonValue[]> {
    const users: JsonValue[] = [];
    let marker: string | null = null;
    do {
      const page = await this.#call('ListUsers', 'its users', () =>
        this.#clients.iam.send(
          new ListUsersCommand({ MaxItems: MAX_ITEMS, ...(marker === null ? {} : { Marker: marker }) }),
        ),
      );
      users.push(...(page.Users ?? []).map(asPrinted));
      marker = nextMarker(page, marker, 'the list of users');
    } while (marker !== null);
    return users;
  }

  async credentials(user: JsonValue): Promise<CollectedUser | undefined> {
    const name = isJsonObject(user) && typeof user['UserName'] === 'string' ? user['UserName'] : '';
    const what = `the credentials of user ${name}`;
    const listedKeys = await this.#callUnlessGone('ListAccessKeys', what, () =>
      this.#clients.iam.send(new ListAccessKeysCommand({ UserName: name, MaxItems: MAX_ITEMS })),
    );
    if (listedKeys === undefined) return undefined;
    const keys: unknown[] = [];
    for (const key of listedKeys.AccessKeyMetadata ?? []) {
      const used = await this.#callUnlessGone('GetAccessKeyLastUsed', what, () =>
        this.#clients.iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: key.AccessKeyId })),
      );
      keys.push({
        ...key,
        ...(used?.AccessKeyLastUsed ? { AccessKeyLastUsed: used.AccessKeyLastUsed } : {}),
      });
    }
    const profile = await this.#callUnlessGone('GetLoginProfile', what, () =>
      this.#clients.iam.send(new GetLoginProfileCommand({ UserName: name })),
    );
    const known = isJsonObject(user) ? user : {};
    const facts = { LoginProfile: asPrinted(profile?.LoginProfile ?? null), AccessKeys: asPrinted(keys) };
    return { name, line: renderJson({ ...known, ...facts }, 0) };
  }

  async *#pages<T extends { readonly nextToken?: string | undefined }>(
    operation: CollectOperation,
    what: string,
    accountId: string,
    page: (token: { readonly nextToken?: string }) => Promise<T>,
  ): AsyncGenerator<T, void, undefined> {
    const seen = new Set<string>();
    let token: string | undefined;
    do {
      const given = token === undefined ? {} : { nextToken: token };
      const answer = await this.#call(operation, what, () => page(given), accountId);
      yield answer;
      token = answer.nextToken === '' ? undefined : answer.nextToken;
      if (token !== undefined && seen.has(token)) throw endless(what);
      if (token !== undefined) seen.add(token);
    } while (token !== undefined);
  }

  async #callUnlessGone<T>(
    operation: CollectOperation,
    what: string,
    call: () => Promise<T>,
    accountId = this.accountId,
  ): Promise<T | undefined> {
    const unlessGone = async (): Promise<T | undefined> => {
      try {
        return await call();
      } catch (error) {
        if (error instanceof Error && GONE.has(error.name)) return undefined;
        throw error;
      }
    };
    return this.#call(operation, what, unlessGone, accountId);
  }

  /**
   * @param accountId the account that is called
   * @throws AdapterError, or InputError if the credentials have expired
   */
  async #call<T>(
    operation: CollectOperation,
    what: string,
    call: () => Promise<T>,
    accountId = this.accountId,
  ): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await call();
      } catch (thrown) {
        const sentence = sentenceOf(thrown, this.#profile);
        if (sentence) throw sentence;
        const error = translateError(thrown, `read ${what}`);
        // The error about the account's role already says what is wrong.
        if (error.code === 'access-denied' && error !== thrown) throw denied(operation, accountId, thrown);
        if (error.decision === 'permanent' || attempt === ATTEMPTS) throw error;
        const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempt - 1));
        await sleep(Math.max(wait, this.#clients.pace.pausedMillis(accountId)));
      }
    }
  }
}

function denied(operation: CollectOperation, accountId: string, error: unknown): AdapterError {
  return new AdapterError(
    `account ${accountId} does not allow ${COLLECT_CALLS[operation]} (${errorWords(error)}); --print-policy prints all that is needed`,
    'permanent',
    'access-denied',
    { cause: error },
  );
}

const GONE: ReadonlySet<string> = new Set([...NO_SUCH_ENTITY, 'ResourceNotFoundException']);

function listed({
  id = '',
  updatedAt,
  resource = '',
}: FindingSummaryV2 | GetFindingV2Response): ListedFinding {
  return { id, updatedAt: updatedAt === undefined ? '' : printedTime(updatedAt), resource };
}

/** @throws AdapterError if a page says that more follows but has no marker */
function nextMarker(
  {
    IsTruncated,
    Marker,
  }: { readonly IsTruncated?: boolean | undefined; readonly Marker?: string | undefined },
  before: string | null,
  what: string,
): string | null {
  if (IsTruncated !== true) return null;
  if (Marker === undefined || Marker === before) throw endless(what);
  return Marker;
}

function endless(what: string): AdapterError {
  return new AdapterError(
    `cannot read ${what}: a page says that more follows but not where`,
    'permanent',
    'malformed',
  );
}
