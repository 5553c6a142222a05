import {
  GenerateServiceLastAccessedDetailsCommand,
  GetAccessKeyLastUsedCommand,
  GetLoginProfileCommand,
  GetServiceLastAccessedDetailsCommand,
  type GetServiceLastAccessedDetailsCommandOutput,
  GetUserCommand,
  type IAMClient,
  ListAccessKeysCommand,
} from '@aws-sdk/client-iam';
import type { PrincipalRef } from '../../../core/model/principal.ts';
import type { Credential, UserCredentials } from '../../../core/usage/last-accessed-findings.ts';
import { lastAccessIn } from '../../../core/model/unused-access.ts';
import type { ReportAnswer, UseReports } from '../../../ports/account.ts';
import { AdapterError } from '../../../ports/system.ts';
import { iso } from '../access-analyzer/finding-details.ts';
import { lastUsedDate } from './last-used-date.ts';
import { attempt, attemptUnless } from '../sdk/errors.ts';
import type { IamClients } from './iam-clients.ts';
import { allMarkerPages, MAX_ITEMS, NO_SUCH_ENTITY } from './marker-pages.ts';

/**
 * IAM's errors for a job that it does not know. A job belongs to the session that started it, so another session
 * cannot read it.
 */
const UNKNOWN_JOB = [...NO_SUCH_ENTITY, 'InvalidInput', 'InvalidInputException'];

/**
 * IAM's reports of last use, which it produces in the background, and the state of users' credentials. Sources:
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateServiceLastAccessedDetails.html and
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLastAccessedDetails.html
 */
export class IamUseReports implements UseReports {
  readonly #clients: Pick<IamClients, 'forAccount'>;
  readonly #now: () => string;
  /** @param now returns the time, ISO 8601 */
  constructor(clients: Pick<IamClients, 'forAccount'>, now: () => string = () => new Date().toISOString()) {
    this.#clients = clients;
    this.#now = now;
  }

  async ask(ref: PrincipalRef, abortSignal?: AbortSignal): Promise<string | undefined> {
    const iam = await this.#clients.forAccount(ref.accountId);
    const command = new GenerateServiceLastAccessedDetailsCommand({
      Arn: ref.arn,
      Granularity: 'ACTION_LEVEL',
    });
    const doing = reading(ref);
    const answer = await attemptUnless(doing, NO_SUCH_ENTITY, () =>
      iam.send(command, abortSignal ? { abortSignal } : {}),
    );
    if (answer === undefined) return undefined;
    if (answer.JobId !== undefined) return answer.JobId;
    throw new AdapterError(`cannot ${doing}: IAM names no job`, 'retry', 'malformed');
  }

  async look(ref: PrincipalRef, jobId: string, abortSignal?: AbortSignal): Promise<ReportAnswer> {
    const iam = await this.#clients.forAccount(ref.accountId);
    const doing = reading(ref);
    const page = async (
      Marker: string | undefined,
    ): Promise<GetServiceLastAccessedDetailsCommandOutput | undefined> => {
      const command = new GetServiceLastAccessedDetailsCommand({
        JobId: jobId,
        MaxItems: MAX_ITEMS,
        ...(Marker === undefined ? {} : { Marker }),
      });
      return attemptUnless(doing, UNKNOWN_JOB, () => iam.send(command, abortSignal ? { abortSignal } : {}));
    };
    const first = await page(undefined);
    if (first === undefined) return { kind: 'unknown' };
    if (first.JobStatus === 'FAILED') {
      const { Code = 'no code', Message = 'no message' } = first.Error ?? {};
      return { kind: 'failed', reason: `cannot ${doing}: ${Code}: ${Message}` };
    }
    const completedAt = iso(first.JobCompletionDate);
    if (first.JobStatus !== 'COMPLETED' || completedAt === undefined) return { kind: 'running' };
    const services = await allMarkerPages(doing, async (marker) => {
      const answer = marker === undefined ? first : await page(marker);
      return (
        answer && {
          items: answer.ServicesLastAccessed ?? [],
          truncated: answer.IsTruncated,
          marker: answer.Marker,
        }
      );
    });
    if (services === undefined) return { kind: 'unknown' };
    return { kind: 'complete', report: { completedAt, services: lastAccessIn(services) } };
  }

  async credentialsOf(ref: PrincipalRef): Promise<UserCredentials | undefined> {
    if (ref.type !== 'user') return undefined;
    const iam = await this.#clients.forAccount(ref.accountId);
    const doing = `read when the keys and the password of ${ref.arn} were used`;
    const UserName = ref.name;
    const readAt = this.#now();
    const listed = await allMarkerPages(doing, async (Marker) => {
      const answer = await attemptUnless(doing, NO_SUCH_ENTITY, () =>
        iam.send(
          new ListAccessKeysCommand({
            UserName,
            MaxItems: MAX_ITEMS,
            ...(Marker === undefined ? {} : { Marker }),
          }),
        ),
      );
      return (
        answer && {
          items: answer.AccessKeyMetadata ?? [],
          truncated: answer.IsTruncated,
          marker: answer.Marker,
        }
      );
    });
    if (listed === undefined) return undefined;
    const keys: UserCredentials['keys'][number][] = [];
    for (const { AccessKeyId: accessKeyId, Status, CreateDate } of listed) {
      // The last use of an inactive key does not matter.
      if (accessKeyId === undefined || Status !== 'Active') continue;
      const used = await attempt(doing, () =>
        iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: accessKeyId })),
      );
      const { AccessKeyLastUsed: last } = used;
      const createdAt = iso(CreateDate);
      const lastUsedAt = last && lastUsedDate(last.LastUsedDate);
      keys.push({ accessKeyId, isActive: true, createdAt, lastUsedAt });
    }
    return { readAt, keys, password: await this.#password(iam, UserName, doing) };
  }

  /** Null if there is none. Its last use is part of the user. */
  async #password(iam: IAMClient, UserName: string, doing: string): Promise<Credential | null> {
    const profile = await attemptUnless(doing, NO_SUCH_ENTITY, () =>
      iam.send(new GetLoginProfileCommand({ UserName })),
    );
    if (profile === undefined) return null;
    const { User } = await attempt(doing, () => iam.send(new GetUserCommand({ UserName })));
    const createdAt = iso(profile.LoginProfile?.CreateDate);
    return { createdAt, lastUsedAt: User && lastUsedDate(User.PasswordLastUsed) };
  }
}

function reading({ arn }: PrincipalRef): string {
  return `read when ${arn} last used what`;
}
