import { type AccountNames, nameOfAccount } from '../../core/model/account.ts';
import type { ProposalEvent } from '../../ports/notify.ts';
import { isShared, type ProposalFacts, subjectIn } from '../../ports/proposals.ts';

/**
 * The event for programs about a proposal that was stored, or whose state has changed.
 * @param isNew whether the proposal was stored just now
 */
export function composeEvent(
  facts: ProposalFacts,
  isNew: boolean,
  bucket: string,
  accountNames?: AccountNames,
): ProposalEvent {
  const { arn, accountId, type, name } = subjectIn(facts);
  const accountName = nameOfAccount(accountId, accountNames);
  const summary = facts.summary;
  return {
    schemaVersion: 1,
    state: facts.state?.name ?? (isNew ? 'stored' : 'current'),
    ...(facts.state === undefined ? {} : { reason: facts.state.reason }),
    proposalId: facts.proposalId,
    kind: facts.kind,
    subject: { accountId, ...(accountName === undefined ? {} : { accountName }), type, name, arn },
    ...(isShared(facts) ? {} : { findingId: facts.findingId }),
    ...(facts.owner === undefined ? {} : { owner: facts.owner }),
    ...(summary === undefined
      ? {}
      : { actions: { before: summary.actionsGrantedBefore, after: summary.actionsGrantedAfter } }),
    bucket,
    prefix: facts.prefix,
  };
}
