import {
  type AccessAnalyzerClient,
  type FindingDetails,
  GetFindingV2Command,
  type GetFindingV2Response,
  ListFindingsV2Command,
} from '@aws-sdk/client-accessanalyzer';
import { AdapterError } from '../../../ports/system.ts';
import type {
  FindingAnswer,
  FindingList,
  FindingPage,
  FindingReference,
  FindingSource,
} from '../../../ports/findings.ts';
import { attempt, attemptUnless } from '../sdk/errors.ts';
import { iso, readFindingDetails, UNUSED_FINDING_TYPES } from './finding-details.ts';

/**
 * Findings of IAM Access Analyzer. No page size is requested: the API documents no limits for it, and a value that the
 * service rejects would stop everything.
 */
export class AccessAnalyzerFindings implements FindingSource, FindingList {
  readonly #client: AccessAnalyzerClient;
  constructor(client: AccessAnalyzerClient) {
    this.#client = client;
  }

  /**
   * One finding with all pages of its details.
   * @throws AdapterError; retry also if the finding changed between two pages
   */
  async getFinding(reference: FindingReference): Promise<FindingAnswer> {
    const doing = `read the finding ${reference.findingId}`;
    const details: FindingDetails[] = [];
    const tokens = new Set<string>();
    let first: GetFindingV2Response | undefined;
    let nextToken: string | undefined;
    do {
      const page = await attemptUnless(doing, ['ResourceNotFoundException'], () =>
        this.#client.send(
          new GetFindingV2Command({
            analyzerArn: reference.analyzerArn,
            id: reference.findingId,
            ...(nextToken === undefined ? {} : { nextToken }),
          }),
        ),
      );
      if (page === undefined) return { kind: 'gone' };
      first ??= page;
      if (stateOf(page) !== stateOf(first)) {
        throw new AdapterError(
          `cannot ${doing}: it changed while its pages were read`,
          'retry',
          'unavailable',
        );
      }
      details.push(...(page.findingDetails ?? []));
      nextToken = nextPage(doing, page.nextToken, tokens);
    } while (nextToken !== undefined);
    return answer(reference, first, details);
  }

  async listActive(analyzerArn: string, token: string | undefined): Promise<FindingPage> {
    const page = await attempt(`list the findings of ${analyzerArn}`, () =>
      this.#client.send(
        new ListFindingsV2Command({
          analyzerArn,
          filter: { status: { eq: ['ACTIVE'] }, findingType: { eq: [...UNUSED_FINDING_TYPES] } },
          ...(token === undefined ? {} : { nextToken: token }),
        }),
      ),
    );
    const references: FindingReference[] = [];
    let unread = 0;
    for (const { id, resource, resourceOwnerAccount } of page.findings ?? []) {
      // Without these nothing can be proposed. The API documents only `resource` as optional, without a reason.
      if (!id || !resource || !resourceOwnerAccount) unread += 1;
      else references.push({ analyzerArn, findingId: id, accountId: resourceOwnerAccount, resource });
    }
    return {
      references,
      nextToken: emptyToUndefined(page.nextToken),
      ...(unread > 0 ? { unread } : {}),
    };
  }
}

/** What pages of one state of the finding have in common: details of two states must not be combined. */
function stateOf(page: GetFindingV2Response): string {
  const { updatedAt, analyzedAt, status, resource, findingType } = page;
  return JSON.stringify([iso(updatedAt), iso(analyzedAt), status, resource, findingType]);
}

function answer(
  reference: FindingReference,
  finding: GetFindingV2Response,
  pages: readonly FindingDetails[],
): FindingAnswer {
  const details = readFindingDetails(finding, pages);
  if (!details.ok) return { kind: 'unsupported', reason: details.problem };
  const { status, resource } = finding;
  if (status === undefined || resource === undefined) {
    throw new AdapterError(
      `cannot read the finding ${reference.findingId}: the answer lacks ${status === undefined ? 'its status' : 'the principal'}`,
      'permanent',
      'malformed',
    );
  }
  return {
    kind: 'found',
    finding: {
      id: reference.findingId,
      analyzerArn: reference.analyzerArn,
      findingType: details.value.type,
      status,
      resource,
      accountId: finding.resourceOwnerAccount ?? reference.accountId,
      updatedAt: iso(finding.updatedAt) ?? null,
      details: details.value,
    },
  };
}

function nextPage(doing: string, token: string | undefined, seen: Set<string>): string | undefined {
  const next = emptyToUndefined(token);
  if (next === undefined) return undefined;
  if (seen.has(next)) {
    throw new AdapterError(`cannot ${doing}: the same page token came twice`, 'retry', 'malformed');
  }
  seen.add(next);
  return next;
}

function emptyToUndefined(token: string | undefined): string | undefined {
  return token === '' ? undefined : token;
}
