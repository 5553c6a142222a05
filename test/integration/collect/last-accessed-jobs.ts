import { createHash } from 'node:crypto';
import { type Interceptor } from '../harness/proxy.ts';
import type { WireCall } from '../harness/wire-calls.ts';

/** A service as a report names it: when it was used, and when its tracked actions were. */
export interface ReportedUse {
  readonly service: string;
  readonly lastUsed?: string;
  readonly actions?: Readonly<Record<string, string | null>>;
}

/** Services on a page: fewer than asked for, as IAM may. */
const PAGE = 2;

/**
 * IAM's reports of last use, which the emulator has for the asking only and never a use in them: a job that is not ready
 * at the first look, and pages. A page that is asked for before the one before it, or of a job that nobody began, is
 * refused.
 */
export function lastAccessedJobs(
  reportOn: (arn: string) => readonly ReportedUse[],
  completedAt = '2026-11-23T08:00:01Z',
): Interceptor {
  const jobs = new Map<string, { readonly arn: string; looks: number }>();
  return ({ service, operation, parameters }: WireCall) => {
    if (service !== 'iam') return undefined;
    if (operation === 'GenerateServiceLastAccessedDetails') {
      const arn = parameters.get('Arn') ?? '';
      if (parameters.get('Granularity') !== 'ACTION_LEVEL')
        return xmlError('InvalidInput', 'ask for ACTION_LEVEL');
      const id = createHash('sha256').update(arn).digest('hex').slice(0, 36);
      jobs.set(id, { arn, looks: 0 });
      return xml(
        `<GenerateServiceLastAccessedDetailsResponse xmlns="${SPACE}"><GenerateServiceLastAccessedDetailsResult><JobId>${id}</JobId></GenerateServiceLastAccessedDetailsResult></GenerateServiceLastAccessedDetailsResponse>`,
      );
    }
    if (operation !== 'GetServiceLastAccessedDetails') return undefined;
    const job = jobs.get(parameters.get('JobId') ?? '');
    if (!job) return xmlError('NoSuchEntity', 'no such job');
    job.looks += 1;
    if (job.looks === 1) return answer('IN_PROGRESS', '');
    const start = Number(parameters.get('Marker') ?? 0);
    const uses = reportOn(job.arn);
    const page = uses
      .slice(start, start + PAGE)
      .map(member)
      .join('');
    const end = start + PAGE;
    const more =
      end < uses.length
        ? `<IsTruncated>true</IsTruncated><Marker>${String(end)}</Marker>`
        : '<IsTruncated>false</IsTruncated>';
    return answer(
      'COMPLETED',
      `<JobCompletionDate>${completedAt}</JobCompletionDate><ServicesLastAccessed>${page}</ServicesLastAccessed>${more}`,
    );
  };
}

const SPACE = 'https://iam.amazonaws.com/doc/2010-05-08/';

function member({ service, lastUsed, actions }: ReportedUse): string {
  const tracked = Object.entries(actions ?? {}).map(
    ([name, date]) =>
      `<member><ActionName>${name}</ActionName>${date === null ? '' : `<LastAccessedTime>${date}</LastAccessedTime>`}</member>`,
  );
  return `<member><ServiceName>${service}</ServiceName><ServiceNamespace>${service}</ServiceNamespace><TotalAuthenticatedEntities>${lastUsed === undefined ? '0' : '1'}</TotalAuthenticatedEntities>${
    lastUsed === undefined ? '' : `<LastAuthenticated>${lastUsed}</LastAuthenticated>`
  }${tracked.length === 0 ? '' : `<TrackedActionsLastAccessed>${tracked.join('')}</TrackedActionsLastAccessed>`}</member>`;
}

function answer(status: string, inner: string) {
  return xml(
    `<GetServiceLastAccessedDetailsResponse xmlns="${SPACE}"><GetServiceLastAccessedDetailsResult><JobStatus>${status}</JobStatus><JobType>ACTION_LEVEL</JobType><JobCreationDate>2026-11-23T08:00:00Z</JobCreationDate>${inner}</GetServiceLastAccessedDetailsResult></GetServiceLastAccessedDetailsResponse>`,
  );
}

function xml(body: string) {
  return { answer: { status: 200, contentType: 'text/xml', body } };
}

function xmlError(code: string, message: string) {
  const body = `<ErrorResponse xmlns="${SPACE}"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`;
  return { answer: { status: code === 'NoSuchEntity' ? 404 : 400, contentType: 'text/xml', body } };
}
