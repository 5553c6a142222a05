import { firstOf } from '../../core/model/wording.ts';
import type { HolderUse, LateFactsOfHolders } from '../../core/proposal/build-shared.ts';
import { type Unused, unusedToAll } from '../../core/proposal/unused-to-all.ts';
import { byCodeUnit } from '../../core/model/order.ts';
import { type LastAccess, readUnusedAccess } from '../../core/model/unused-access.ts';
import type { Holder } from '../../ports/account.ts';
import type { Finding, UnusedFindings } from '../../ports/findings.ts';
import type { LastAccessSource } from '../../ports/policies.ts';
import { pool } from '../../ports/pool.ts';
import type { RefinementSettings } from '../../ports/settings.ts';
import type { Clock } from '../../ports/system.ts';
import { readPrincipalArn } from '../../core/model/principal.ts';
import { excludedBy, ownedByAws } from './skip-reason.ts';

type HolderUses =
  | { readonly kind: 'known'; readonly uses: readonly HolderUse[] }
  /** A holder is excluded, or has no finding. */
  | { readonly kind: 'blocked'; readonly reason: string }
  /** The unused access of a holder could not be read, so nothing can be concluded. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** How many such holders a reason names before it only counts the rest. */
const FEW = 3;

/**
 * Determines the unused access of each holder. Every holder needs a finding, because a holder without one may use
 * everything. If a principal has several findings (of several analyzers, with different windows), only what all of
 * them report counts.
 * @param rejection of a holder's own proposal: the holder then counts as using everything
 * @throws AdapterError if findings cannot be read at present
 */
export async function usesOf(
  holders: readonly (Holder & { readonly isDirect: boolean })[],
  findings: UnusedFindings,
  settings: RefinementSettings,
  rejection: (arn: string) => string | undefined = () => undefined,
): Promise<HolderUses> {
  const all = [...holders].sort((a, b) => byCodeUnit(a.arn, b.arn));
  for (const holder of all) {
    const why = rejection(holder.arn);
    if (why === undefined) continue;
    return {
      kind: 'blocked',
      reason: `${named([holder])} counts as using all of it, since its proposal was ${why}`,
    };
  }
  const excluded = all.filter((holder) => isLeftAlone(holder, settings));
  if (excluded.length > 0) {
    const reason = `${of(excluded, all)} ${excluded.length === 1 ? 'is' : 'are'} to be left alone (excluded by the configuration, or AWS's own)`;
    return { kind: 'blocked', reason: `${reason}: ${named(excluded)}` };
  }
  const uses: HolderUse[] = [];
  const silent: Holder[] = [];
  for (const holder of all) {
    const found = await findings.about(holder.arn);
    const use = found && useOf(found);
    if (use === undefined)
      return { kind: 'unknown', reason: `a finding about ${named([holder])} cannot be read` };
    if (use !== 'silent') uses.push({ arn: holder.arn, isDirect: holder.isDirect, ...use });
    else silent.push(holder);
  }
  if (silent.length === 0) return { kind: 'known', uses };
  const reason = `${of(silent, all)} ${silent.length === 1 ? 'has' : 'have'} no finding about unused permissions and may use all of it`;
  return { kind: 'blocked', reason: `${reason}: ${named(silent)}` };
}

function isLeftAlone({ arn, tags }: Holder, settings: RefinementSettings): boolean {
  const ref = readPrincipalArn(arn);
  return !ref || (ownedByAws(ref) ?? excludedBy(settings.exclude, ref, tags)) !== undefined;
}

/**
 * Undefined if a finding is not understood. Findings about an access key or a password say nothing about permissions.
 */
function useOf(findings: readonly Finding[]): Pick<HolderUse, 'unused' | 'findings'> | 'silent' | undefined {
  const all: Unused[] = [];
  const facts: HolderUse['findings'][number][] = [];
  for (const { details, status, id, analyzerArn, source, findingType, updatedAt } of findings) {
    if (status !== 'ACTIVE') continue;
    if (details.type === 'UnusedIAMRole') all.push('everything');
    else if (details.type === 'UnusedPermission') {
      const unused = readUnusedAccess(details.entries);
      // The proposal about the principal fails and says why.
      if (!unused.ok) return undefined;
      all.push(unused.value);
    } else continue;
    facts.push({
      id,
      analyzerArn,
      ...(source === 'last-accessed' ? { source } : {}),
      findingType,
      updatedAt,
    });
  }
  return all.length === 0 ? 'silent' : { unused: unusedToAll(all), findings: facts };
}

/** `2 of the 5 principals that have it` */
function of(some: readonly Holder[], all: readonly Holder[]): string {
  return `${String(some.length)} of the ${String(all.length)} ${all.length === 1 ? 'principal' : 'principals'} that have it`;
}

function named(holders: readonly Holder[]): string {
  const names = holders.map(({ arn }) => arn.slice(arn.lastIndexOf(':') + 1).replace('/', ' '));
  return firstOf(names, FEW);
}

/** Milliseconds for the dates of all holders together, and milliseconds reserved for storing. */
const ALL_HOLDERS_MILLIS = 20_000;
const RESERVE = 30_000;
/** Reports requested at once; the calls of one account are paced anyway. */
const WIDTH = 8;

/** Reads when the holders last used each action. Missing dates never fail a proposal; they are mentioned in a note. */
export async function lastUseOfHolders(
  uses: readonly HolderUse[],
  source: LastAccessSource | undefined,
  clock: Clock,
): Promise<Omit<LateFactsOfHolders, 'tags'>> {
  if (source === undefined) return {};
  const millis = Math.min(ALL_HOLDERS_MILLIS, clock.remainingMillis() - RESERVE);
  const begun = Date.parse(clock.now());
  const lastAccess = new Map<string, LastAccess>();
  const reasons: string[] = [];
  const times: (string | undefined)[] = [];
  await pool(uses, { width: WIDTH }, async ({ arn }) => {
    const ref = readPrincipalArn(arn);
    if (!ref) return;
    const answer = await source.lastAccessOf(ref, millis - (Date.parse(clock.now()) - begun));
    if (answer.kind === 'known') {
      lastAccess.set(arn, answer.lastAccess);
      times.push(answer.completedAt);
    }
    const problem =
      answer.kind === 'unavailable' ? answer.reason : answer.kind === 'known' ? answer.problem : undefined;
    if (problem !== undefined) reasons.push(problem);
  });
  const [reason] = reasons.sort();
  // The earliest of several reports, because later use is not known for all holders.
  const lastAccessAsOf = times.includes(undefined) ? undefined : times.sort()[0];
  const isPartial = reasons.length > 0 || lastAccess.size < uses.length;
  if (reason === undefined) return { lastAccess, lastAccessAsOf, isPartial };
  const note = `When actions were last used is not known, or not wholly, of ${String(reasons.length)} of the ${String(uses.length)} who have it: ${reason}.`;
  return { lastAccess, lastAccessAsOf, isPartial, notes: [note] };
}
