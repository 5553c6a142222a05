import { WITHHELD_OBJECT } from '../../contract/object-keys.ts';
import { type AccountNames, nameOfAccount } from '../../core/model/account.ts';
import type { ProposalEvent, ProposalEvents } from '../../ports/notify.ts';
import type { ProposalFacts, ProposalRepository } from '../../ports/proposals.ts';
import { AdapterError } from '../../ports/system.ts';
import type { Fail } from './read-proposals.ts';

export interface EventsDependencies {
  readonly events: ProposalEvents;
  /** Pure. */
  readonly compose: (facts: ProposalFacts, isNew: boolean) => ProposalEvent;
}

/**
 * Publishes an event for each proposal. If a retry may help, the proposal's notice is retried, and people are notified
 * then. If the bus rejects the event for good, people are notified anyway.
 * @returns keys of the proposals whose events must be retried
 */
export async function publishEvents(
  facts: ReadonlyMap<string, ProposalFacts>,
  fresh: ReadonlySet<string>,
  { events, compose }: EventsDependencies,
  fail: Fail,
): Promise<readonly string[]> {
  try {
    await events.send([...facts].map(([key, one]) => compose(one, fresh.has(key))));
    return [];
  } catch (error) {
    const keys = error instanceof AdapterError && error.decision === 'retry' ? [...facts.keys()] : [];
    if (keys.length === 0) fail('events', undefined, error);
    for (const key of keys) fail('events', key, error);
    return keys;
  }
}

export interface WithheldDependencies {
  readonly events: ProposalEvents;
  readonly repository: Pick<ProposalRepository, 'readWithheld'>;
  readonly bucket: string;
  readonly accountNames?: AccountNames | undefined;
}

/**
 * Publishes an event for a proposal that AWS rejected. Nobody is notified, because it is not a proposal, but programs
 * may need to know what happened to the finding.
 * @param key the key of its `withheld.json`
 * @throws AdapterError
 */
export async function publishWithheld(
  key: string,
  { events, repository, bucket, accountNames }: WithheldDependencies,
): Promise<void> {
  const prefix = key.slice(0, -WITHHELD_OBJECT.length);
  const record = await repository.readWithheld(prefix);
  if (record === undefined) return;
  const [, accountId = '', type = '', name = ''] = prefix.split('/');
  const accountName = nameOfAccount(accountId, accountNames);
  await events.send([
    {
      schemaVersion: 1,
      state: 'withheld',
      reason: `${record.opinion}: ${record.reason}`,
      proposalId: record.proposalId,
      subject: {
        accountId,
        ...(accountName === undefined ? {} : { accountName }),
        type: type === 'user' ? 'user' : 'role',
        name,
      },
      bucket,
      prefix,
    },
  ]);
}
