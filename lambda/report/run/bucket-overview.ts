import { PROPOSALS_PREFIX, REPORT_OBJECT } from '../../contract/object-keys.ts';
import { REFERENCE_SOURCE } from '../../core/catalogue/kept-catalogue.ts';
import type { AccountNames } from '../../core/model/account.ts';
import { byCodeUnit } from '../../core/model/order.ts';
import {
  aboutPrincipals,
  isShared,
  type PolicyFacts,
  type ProposalFacts,
  type SharedFacts,
} from '../../ports/proposals.ts';
import { renderIndex } from './index-page.ts';
import { consoleFolderLink, consoleLink, type ConsoleObject } from '../text/console-link.ts';
import { type RunOverview, type SharedEntry, withAccountNames } from './run-overview.ts';

/**
 * Proposals that the page links one by one. With more, browsers open the page slowly, and the notifier, which writes it
 * for each batch, takes too long.
 */
const MOST_LINKED = 5_000;

/** The overview in the bucket. Its links open in the S3 console, because nothing in the bucket is public. */
export function renderBucketOverview(
  proposals: readonly ProposalFacts[],
  where: Omit<ConsoleObject, 'key'>,
  engineVersion: string,
  accountNames: AccountNames = {},
): string {
  const latest = newest(proposals);
  const run: RunOverview = {
    // Unused roles, keys and passwords are proposed without looking at any action.
    catalogue: latest?.catalogue ?? null,
    generalize: latest?.generalize ?? null,
    engineVersion,
    entries: aboutPrincipals(proposals).map((facts) => ({
      principal: facts.principal,
      ...(facts.owner === undefined ? {} : { owner: facts.owner }),
      kind: facts.kind,
      path: consoleLink({ ...where, key: facts.prefix + REPORT_OBJECT }),
      numbers: facts.summary ?? null,
      ...(facts.risk === undefined ? {} : { risk: facts.risk }),
      retained: facts.retained,
      residue: facts.residue,
      refused: refusedOf(facts.policies),
      signature: facts.signature,
      ...(facts.warnings === undefined ? {} : { warnings: facts.warnings }),
      ...(facts.decisions === undefined ? {} : { decisions: facts.decisions }),
      ...(facts.state === undefined ? {} : { state: facts.state }),
      ...(facts.remark === undefined ? {} : { remarks: [facts.remark] }),
    })),
    others: [],
    shared: proposals.filter(isShared).map((facts) => sharedEntry(facts, where)),
    limit: {
      proposals: MOST_LINKED,
      folderOf: (accountId) => consoleFolderLink({ ...where, key: `${PROPOSALS_PREFIX}${accountId}/` }),
    },
  };
  return renderIndex(withAccountNames(run, accountNames));
}

function sharedEntry(facts: SharedFacts, where: Omit<ConsoleObject, 'key'>): SharedEntry {
  return {
    subject: facts.subject,
    outcome: 'proposed',
    reason: facts.advice.reason,
    path: consoleLink({ ...where, key: facts.prefix + REPORT_OBJECT }),
    principals: facts.principals,
    numbers: facts.summary,
    ...(facts.risk === undefined ? {} : { risk: facts.risk }),
    better: facts.advice.better,
    refused: refusedOf(facts.policies),
    ...(facts.warnings === undefined ? {} : { warnings: facts.warnings }),
    ...(facts.decisions === undefined ? {} : { decisions: facts.decisions }),
    ...(facts.state === undefined ? {} : { state: facts.state }),
  };
}

function refusedOf(policies: readonly PolicyFacts[]): readonly { policy: string; reason: string }[] {
  return policies
    .filter(({ disposition }) => disposition === 'refused')
    .map(({ name, reason }) => ({ policy: name, reason }));
}

/** The proposal whose catalogue is most likely the newest. */
function newest(proposals: readonly ProposalFacts[]): ProposalFacts | undefined {
  return proposals
    .filter(({ catalogue }) => catalogue !== undefined)
    .toSorted((a, b) => byAge(a.catalogue, b.catalogue))
    .at(-1);
}

/**
 * A catalogue from AWS's reference is newer than a built-in one. The versions of the former are
 * digests, which have no order, but the reference grows. The versions of the latter contain dates.
 */
function byAge(a: ProposalFacts['catalogue'], b: ProposalFacts['catalogue']): number {
  const read = (one: typeof a): number => (one?.source === REFERENCE_SOURCE ? one.actions : 0);
  return read(a) - read(b) || byCodeUnit(a?.version ?? '', b?.version ?? '');
}
