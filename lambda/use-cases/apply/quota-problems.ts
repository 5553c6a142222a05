import { countCharacters } from '../../core/model/json.ts';
import type { HolderRef } from '../../core/model/subject.ts';
import { freeFirst, type HolderLoad, type HolderPeak, holderOf, peaksOf } from '../../core/plan/limits.ts';
import type { DocumentRef, PlanStep } from '../../core/plan/schema.ts';
import { type ApplyContext, documentOf } from './apply-context.ts';

/**
 * Why the steps would exceed a quota of the account at some point, as sentences. Computed from the current state
 * before the first write, because a step that IAM refuses midway leaves the plan half done.
 */
export async function quotaProblems(
  steps: readonly PlanStep[],
  context: ApplyContext,
): Promise<readonly string[]> {
  const { iam, subject } = context;
  const created = steps.filter(({ op }) => op === 'create-policy').length;
  const loads = await loadsOf(steps, context);
  const loadOf = (holder: HolderRef): HolderLoad => loads.get(keyOf(holder)) ?? { attached: new Set(), inline: new Map() }; // prettier-ignore
  const charactersOf = (document: DocumentRef): number => countCharacters(documentOf(document, context));
  const peaks = peaksOf(steps, subject, loadOf, charactersOf);
  const grows = peaks.some((peak) => isGrowing(peak, loadOf(peak.holder)));
  if (!grows && created === 0) return [];
  const quotas = await iam.quotas();
  const again = 'then run the same command again';
  const problems = freeFirst(peaks, { quotas: quotas.holders, loadOf }).map(
    (sentence) => `${sentence}; ${again}`,
  );
  const { policies } = quotas;
  if (policies !== undefined && policies.used + created > policies.quota) {
    problems.push(
      `the account has ${String(policies.used)} customer managed policies with a quota of ${String(policies.quota)}, and ${String(created)} more are needed: delete some first, ${again}`,
    );
  }
  return problems.length > 0 && quotas.assumed
    ? [...problems, 'the quotas above are those that hold unless AWS raised them: these credentials may not call iam:GetAccountSummary'] // prettier-ignore
    : problems;
}

function isGrowing(peak: HolderPeak, { attached }: HolderLoad): boolean {
  return peak.attachments > attached.size || peak.inlineCharacters > peak.inlineBefore;
}

/**
 * The current usage of each holder's quotas. Inline policies that the plan does not touch are read only if others
 * grow.
 */
async function loadsOf(
  steps: readonly PlanStep[],
  context: ApplyContext,
): Promise<ReadonlyMap<string, HolderLoad>> {
  const { iam, subject } = context;
  const loads = new Map<string, HolderLoad>();
  for (const step of steps) {
    const holder = holderOf(step, subject);
    if (holder === undefined || loads.has(keyOf(holder))) continue;
    const own = steps.filter((one) => {
      const other = holderOf(one, subject);
      return other !== undefined && keyOf(other) === keyOf(holder);
    });
    const touched = own.flatMap((one) =>
      'policyName' in one && one.op !== 'create-policy' ? [one.policyName] : [],
    );
    const load = {
      attached: new Set(await iam.attachedPolicies(holder)),
      inline: await charactersOf(touched, holder, context),
    };
    const [peak] = peaksOf(own, subject, () => load, (ref) => countCharacters(documentOf(ref, context))); // prettier-ignore
    const grows = peak !== undefined && peak.inlineCharacters > peak.inlineBefore;
    loads.set(keyOf(holder), grows ? { ...load, inline: await charactersOf(await iam.inlinePolicyNames(holder), holder, context) } : load); // prettier-ignore
  }
  return loads;
}

async function charactersOf(
  names: readonly string[],
  holder: HolderRef,
  { iam }: ApplyContext,
): Promise<ReadonlyMap<string, number>> {
  const characters = new Map<string, number>();
  for (const name of new Set(names)) {
    const document = await iam.inlinePolicy(holder, name);
    if (document !== undefined) characters.set(name, countCharacters(document));
  }
  return characters;
}

function keyOf({ type, name }: HolderRef): string {
  return `${type} ${name}`;
}
