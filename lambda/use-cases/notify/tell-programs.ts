import { WITHHELD_OBJECT } from '../../contract/object-keys.ts';
import { type AccountNames, nameOfAccount } from '../../core/model/account-names.ts';
import type { ProposalEvent, ProposalEvents } from '../../ports/notify.ts';
import type { ProposalFacts, ProposalRepository } from '../../ports/proposals.ts';
import { AdapterError } from '../../ports/system.ts';
import type { Fail } from './read-proposals.ts';

export interface ProgramsDependencies {
  readonly events: ProposalEvents;
  /** Pure. */
  readonly compose: (facts: ProposalFacts, isNews: boolean) => ProposalEvent;
}

/**
 * Sends an event for each proposal. What may succeed in a moment is waited for: the proposals come again, and people are
 * told then. A bus that will never take an event must not keep the news from people.
 * @returns keys of the proposals of which programs are to be told again
 */
export async function tellPrograms(
  facts: ReadonlyMap<string, ProposalFacts>,
  fresh: ReadonlySet<string>,
  { events, compose }: ProgramsDependencies,
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
 * Sends an event for a proposal that AWS spoke against. Nobody else is told of it: it is no proposal, but whoever counts
 * proposals may want to know what became of a finding.
 * @param key of its `withheld.json`
 * @throws AdapterError
 */
export async function tellOfWithheld(
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
