import { INDEX_OBJECT, REPORT_OBJECT } from '../contract/object-keys.ts';
import { byCodeUnit } from '../core/model/order.ts';
import type { ProposalFacts } from '../ports/proposal-reader.ts';
import { renderIndex } from '../report/index-page.ts';
import { consoleLink } from '../report/console-link.ts';
import type { NoticeContext } from '../report/notice-words.ts';

/** The overview that is kept in the bucket; its links open in the S3 console, since nothing in the bucket is public. */
export function renderBucketOverview(
  proposals: readonly ProposalFacts[],
  where: Omit<NoticeContext, 'indexKey'>,
  engineVersion: string,
): string {
  const latest = newest(proposals);
  return renderIndex({
    // Unused roles, keys and passwords are proposed without looking at any action.
    catalogue: latest?.catalogue ?? null,
    generalize: latest?.generalize ?? null,
    engineVersion,
    entries: proposals.map((facts) => ({
      principal: facts.principal,
      kind: facts.kind,
      path: consoleLink({ ...where, key: facts.prefix + REPORT_OBJECT }),
      numbers: facts.summary ?? null,
      retained: facts.retained,
      residue: facts.residue,
      refused: facts.policies
        .filter(({ disposition }) => disposition === 'refused')
        .map(({ name, reason }) => ({ policy: name, reason })),
      signature: facts.signature,
    })),
    others: [],
  });
}

/** What notices link to for all that they have no room for. */
export function noticeContext(where: Omit<NoticeContext, 'indexKey'>): NoticeContext {
  return { ...where, indexKey: INDEX_OBJECT };
}

/** Versions of the catalogue are dates, so the largest is the newest. */
function newest(proposals: readonly ProposalFacts[]): ProposalFacts | undefined {
  return proposals
    .filter(({ catalogue }) => catalogue !== undefined)
    .reduce<ProposalFacts | undefined>(
      (best, facts) =>
        best === undefined || byCodeUnit(best.catalogue?.version ?? '', facts.catalogue?.version ?? '') < 0
          ? facts
          : best,
      undefined,
    );
}
