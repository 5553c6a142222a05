import type { HolderUse } from '../../core/proposal/build-shared.ts';
import { type Unused, unusedToAll } from '../../core/proposal/unused-to-all.ts';
import { byCodeUnit } from '../../core/model/order.ts';
import { readUnusedAccess } from '../../core/model/unused-access.ts';
import type { Holder } from '../../ports/account.ts';
import type { Finding } from '../../ports/findings.ts';
import type { RefinementSettings } from '../../ports/settings.ts';
import type { UnusedFindings } from '../../ports/findings.ts';
import { readPrincipalArn } from '../../core/model/principal.ts';
import { excludedBy, ownedByAws } from './skip-reason.ts';

export type HolderUses =
  | { readonly kind: 'known'; readonly uses: readonly HolderUse[] }
  /** A holder prevents it, or has no finding. */
  | { readonly kind: 'blocked'; readonly reason: string }
  /** What somebody does not use could not be read: that says neither this nor that. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** How many such holders a reason names before it only counts the rest. */
const FEW = 3;

/**
 * What each holder does not use. Each holder needs a finding, because a holder without one may use everything. If a
 * principal has several findings (of several analyzers, with different windows), only what all of them report counts.
 * @param rejection of a holder, where somebody rejected what is proposed for it: it counts as using everything
 * @throws AdapterError when findings cannot be read at present
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
  const aloof = all.filter((holder) => isLeftAlone(holder, settings));
  if (aloof.length > 0) {
    const reason = `${of(aloof, all)} ${aloof.length === 1 ? 'is' : 'are'} to be left alone (excluded by the configuration, or AWS's own)`;
    return { kind: 'blocked', reason: `${reason}: ${named(aloof)}` };
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

/** Undefined where a finding is not understood. Findings about an access key or a password say nothing about permissions. */
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
  const names = holders.slice(0, FEW).map(({ arn }) => arn.slice(arn.lastIndexOf(':') + 1).replace('/', ' '));
  const rest = holders.length - names.length;
  return names.join(', ') + (rest > 0 ? ` and ${String(rest)} more` : '');
}
