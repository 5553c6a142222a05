import { typeAndName } from '../model/principal.ts';
import { firstOf } from '../model/wording.ts';
import { allowStatements, grantsService } from '../catalogue/granted-actions.ts';
import type { JsonValue } from '../model/json.ts';
import type { LastAccess, ServiceLastAccess, UnusedAccess } from '../model/unused-access.ts';
import { byCodeUnit } from '../model/order.ts';
import type { ProposedPolicy } from '../model/proposed-policy.ts';
import { foldCase } from '../pattern/matches.ts';
import type { LastUse } from './schema.ts';

/** Names in a sentence; further ones are only counted. */
const MOST_NAMES = 5;

/** The removed access, and what AWS recorded about the use by one holder. */
interface UseQuestion extends UseOf {
  readonly policies: readonly ProposedPolicy[];
  readonly unused: UnusedAccess;
}

interface UseOf {
  readonly lastAccess: LastAccess;
  /** When the finding was made. */
  readonly updatedAt: string | null;
}

/** The use by one holder of a shared policy or group. */
export interface HolderUseOf extends UseOf {
  readonly arn: string;
}

/** The warnings of a proposal, and its notes; one sentence each. */
interface LateUse {
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Compares the removed access with AWS's records of its use. The analyzer runs about once a day, so what it reports
 * unused may have been used since. And a list that replaces `*` may lack an unknown service for which AWS has recorded
 * use. If a service is only partly removed, its date shows no more than that some action of it was used.
 */
export function useSince({ policies, unused, ...use }: UseQuestion): LateUse {
  return lateUse(removalOf(policies, unused), use);
}

/**
 * The same for each holder of a shared policy or group, because all holders lose what one of them needs. Sentences
 * begin with the names of a few holders; the others are only counted.
 */
export function sharedUseSince(
  policies: readonly ProposedPolicy[],
  unused: UnusedAccess,
  uses: readonly HolderUseOf[],
): LateUse {
  const removal = removalOf(policies, unused);
  const late = [...uses]
    .sort((a, b) => byCodeUnit(a.arn, b.arn))
    .map(({ arn, ...use }) => ({ arn, ...lateUse(removal, use) }));
  return {
    warnings: ofHolders(late.map(({ arn, warnings }) => ({ arn, sentences: warnings }))),
    notes: ofHolders(late.map(({ arn, notes }) => ({ arn, sentences: notes }))),
  };
}

/** The members of the proposal; empty if AWS was not asked. */
export function datedUse(
  used: LateUse | undefined,
  asOf: string | undefined,
  isPartial = false,
): { readonly lastUse?: LastUse } {
  if (used === undefined) return {};
  const partly = isPartial ? ({ isPartial } as const) : {};
  return { lastUse: { asOf: asOf ?? null, ...partly, remarks: used.notes } };
}

function ofHolders(
  all: readonly { readonly arn: string; readonly sentences: readonly string[] }[],
): readonly string[] {
  const some = all.filter(({ sentences }) => sentences.length > 0);
  const rest = some.length - MOST_NAMES;
  return [
    ...some
      .slice(0, MOST_NAMES)
      .flatMap(({ arn, sentences }) => sentences.map((sentence) => `${typeAndName(arn)}: ${sentence}`)),
    ...(rest > 0 ? [`The same holds for ${String(rest)} more holders.`] : []),
  ];
}

/** What a proposal removes, in the form that uses are compared with. */
interface Removal {
  readonly unused: UnusedAccess;
  readonly removed: ReadonlyMap<string, ReadonlySet<string>>;
  /** Whether anything of a service is granted before, and after. */
  readonly before: (service: string) => boolean;
  readonly after: (service: string) => boolean;
}

function removalOf(policies: readonly ProposedPolicy[], unused: UnusedAccess): Removal {
  const own = policies.filter(({ disposition }) => disposition !== 'inherited');
  return {
    unused,
    removed: removedByService(policies),
    before: grantsIn(own.map((policy) => policy.before)),
    after: grantsIn(policies.flatMap((policy) => policy.after.map(({ document }) => document))),
  };
}

/** Whether any of the documents grants anything of a service; cached for each service. */
function grantsIn(documents: readonly JsonValue[]): (service: string) => boolean {
  const statements = allowStatements(documents);
  const known = new Map<string, boolean>();
  return (service) => {
    const found = known.get(service) ?? statements.some((statement) => grantsService(statement, service));
    known.set(service, found);
    return found;
  };
}

function lateUse({ unused, removed, before, after }: Removal, { lastAccess, updatedAt }: UseOf): LateUse {
  const isLate = (date: string): boolean => updatedAt !== null && Date.parse(date) > Date.parse(updatedAt);
  const actions: string[] = [];
  const whole: string[] = [];
  const lost: string[] = [];
  const parts: string[] = [];
  for (const [service, used] of [...lastAccess].sort(([a], [b]) => byCodeUnit(a, b))) {
    const late = [...(removed.get(service) ?? [])].flatMap((action) => {
      const date = used.actions.get(foldCase(action.slice(action.indexOf(':') + 1)));
      return date !== undefined && isLate(date) ? [`${action} on ${date}`] : [];
    });
    actions.push(...late);
    const date = lastUseOf(used);
    if (date === undefined || !before(service)) continue;
    const isReported = unused.services.has(service) || unused.actions.has(service);
    if (after(service)) {
      const isRemark = late.length === 0 && removed.has(service) && used.lastUsed !== undefined;
      if (isRemark && isLate(used.lastUsed)) parts.push(`${service} on ${used.lastUsed}`);
    } else if (!isReported) lost.push(`${service} on ${date}`);
    else if (isLate(date)) whole.push(`${service} on ${date}`);
  }
  const made = `after the finding was made (${updatedAt ?? ''})`;
  const warnings: string[] = [];
  if (actions.length > 0) {
    warnings.push(
      `Do not apply this before the finding is updated: AWS recorded the use of removed actions ${made}: ${firstOf(actions.sort(byCodeUnit), MOST_NAMES)}.`,
    );
  }
  if (whole.length > 0) {
    warnings.push(
      `Do not apply this before the finding is updated: AWS recorded the use of services that are removed as a whole ${made}: ${firstOf(whole, MOST_NAMES)}.`,
    );
  }
  if (lost.length > 0) {
    warnings.push(
      `Do not apply this: AWS recorded the use of services that are no longer granted and that the finding does not report unused: ${firstOf(lost, MOST_NAMES)}. A newer catalogue, or star: not-action, keeps them.`,
    );
  }
  const notes =
    parts.length > 0
      ? [
          `AWS recorded the use of services that are removed in part ${made}: ${firstOf(parts, MOST_NAMES)}. It does not say which actions were used.`,
        ]
      : [];
  return { warnings, notes };
}

/** AWS dates the service, its tracked actions, or both. */
function lastUseOf({ lastUsed, actions }: ServiceLastAccess): string | undefined {
  const dates = [lastUsed, ...actions.values()].filter((date) => date !== undefined);
  return dates.sort(byCodeUnit).at(-1);
}

/** `service:Action` by case-folded service. */
function removedByService(policies: readonly ProposedPolicy[]): ReadonlyMap<string, ReadonlySet<string>> {
  const removed = new Map<string, Set<string>>();
  for (const action of policies.flatMap((policy) => policy.removed)) {
    const service = foldCase(action.slice(0, action.indexOf(':')));
    removed.set(service, (removed.get(service) ?? new Set()).add(action));
  }
  return removed;
}
