import type { AccountInventory, UnusedOfPart } from '../../ports/account.ts';
import { excludedAccount } from '../propose/skip-reason.ts';
import type { CommonDependencies } from '../propose/dependencies.ts';
import { proposeShared, type SharedOutcome } from '../propose/propose-shared.ts';
import { sharedCandidates } from '../propose/shared-candidates.ts';
import { SharedLifecycle, type SharedLifecycleParts } from '../lifecycle/shared-lifecycle.ts';
import { unusedOfAccount } from './unused-of-account.ts';

interface SharedSlice {
  readonly inventory: AccountInventory;
  /** The unused access of the account, part by part. */
  readonly unused: AsyncIterable<UnusedOfPart>;
  /** True if the listing may lack findings, so that a principal without one may still have one. */
  readonly isPartial?: boolean;
  /** When the account was read, by the store's clock. */
  readonly since: number;
  /** Prefixes of the proposals that the overview shows as current; undefined if they are unknown. */
  readonly shown: readonly string[] | undefined;
  /** Key of the subject after which to continue; null to begin. */
  readonly after: string | null;
}

export interface SharedDependencies extends CommonDependencies {
  /** Sets the states of earlier proposals. */
  readonly lifecycle: SharedLifecycleParts;
  /** Called with each outcome, in order. */
  readonly onOutcome: (outcome: SharedOutcome) => Promise<void>;
}

/** Milliseconds reserved for one more subject: ten documents of a group, their report and its objects. */
const RESERVE = 60_000;
/** Milliseconds reserved for each holder's finding. A policy may be attached to every role. */
const EACH_PRINCIPAL = 20;

/**
 * Refines each shared policy and group of an account, as far as the time allows, and at least one. The states of
 * earlier proposals are updated too. For an excluded account, which was not read, only expired proposals are checked.
 * @returns the key after which a later slice continues; undefined if all are done
 * @throws AdapterError if stored parts cannot be read, or proposals cannot be stored
 */
export async function proposeSharedSlice(
  { inventory, unused, isPartial, since, shown, after }: SharedSlice,
  dependencies: SharedDependencies,
): Promise<string | undefined> {
  const findings = await unusedOfAccount(unused, isPartial);
  let last: string | undefined;
  let isCutShort = false;
  const hasTimeFor = (principals: number): boolean => {
    const needed = RESERVE + principals * EACH_PRINCIPAL;
    isCutShort = last !== undefined && dependencies.clock.remainingMillis() < needed;
    return !isCutShort;
  };
  const { settings, units } = dependencies;
  const isLeftAlone = (await excludedAccount(settings.exclude, inventory.accountId, units)) !== undefined;
  const lifecycle = await SharedLifecycle.open(inventory.accountId, since, dependencies.lifecycle);
  const parts = { ...dependencies, store: lifecycle, findings, hasTimeFor };
  for await (const outcome of proposeShared(inventory, parts, after ?? '')) {
    await dependencies.onOutcome(outcome);
    if (!isLeftAlone) await lifecycle.settle(outcome);
    last = outcome.key;
  }
  if (isCutShort) return last;
  if (isLeftAlone) {
    await lifecycle.writeOfExpired(shown ?? []);
    return undefined;
  }
  const subjects = Array.from(sharedCandidates(inventory), ({ subject }) => subject);
  const unread = inventory.unread && { whyUnread: inventory.unread.bind(inventory) };
  await lifecycle.settleRest({ subjects, ...unread }, shown && new Set(shown));
  return undefined;
}
