import type { LastUse, Proposal } from './schema.ts';

/** What stops a proposal by what AWS has recorded of the use of what goes, and when AWS said so. */
export interface LastUseReading extends LastUse {
  /** One sentence each; none where nothing does. */
  readonly warnings: readonly string[];
}

/**
 * What stands after two readings. The later one counts, and may clear what an earlier one said. Absence of data clears
 * nothing: without a reading the other stands, and one of a part, or without a time, only adds to it.
 * @param now the one that was made now: of two of the same time it counts
 */
export function laterReading(
  before: LastUseReading | undefined,
  now: LastUseReading | undefined,
): LastUseReading | undefined {
  if (!before || !now) return now ?? before;
  const isOlder = before.asOf !== null && now.asOf !== null && Date.parse(now.asOf) < Date.parse(before.asOf);
  const [later, earlier] = isOlder ? [before, now] : [now, before];
  if (later.asOf !== null && later.isPartial !== true) return later;
  return {
    asOf: later.asOf ?? earlier.asOf,
    ...(later.isPartial === true && earlier.isPartial !== true ? {} : { isPartial: true }),
    warnings: union(later.warnings, earlier.warnings),
    remarks: union(later.remarks, earlier.remarks),
  };
}

/** What a proposal itself says; undefined where AWS was not asked. Earlier versions said no time. */
export function readingIn({ lastUse, warnings = [] }: Proposal): LastUseReading | undefined {
  if (lastUse !== undefined) return { ...lastUse, warnings };
  return warnings.length === 0 ? undefined : { asOf: null, warnings, remarks: [] };
}

/** A proposal with what stops it by now: what stands beside it may have been said later. */
export function withReadingBeside<P extends Proposal>(
  proposal: P,
  said: { readonly lastUse?: LastUseReading | undefined } | undefined,
): P {
  const own = readingIn(proposal);
  const reading = laterReading(own, said?.lastUse);
  return reading === undefined || reading === own ? proposal : withReading(proposal, reading);
}

/**
 * A proposal that was made again, with what is known of its uses from before. The documents are the same, so what one
 * knows holds for the other.
 */
export function withEarlierReading<P extends Proposal>(now: P, before: Proposal): P {
  const own = readingIn(now);
  const reading = laterReading(readingIn(before), own);
  if (reading === undefined || reading === own) return now;
  const dated = withReading(now, reading);
  // Dates of what stays are as of the same reading.
  const isOlder = own === undefined && before.lastUse !== undefined && 'staying' in before;
  return isOlder && 'staying' in dated ? { ...dated, staying: before.staying } : dated;
}

function withReading<P extends Proposal>(proposal: P, { warnings, ...lastUse }: LastUseReading): P {
  const known = new Set(proposal.notes);
  const notes = [...lastUse.remarks.filter((remark) => !known.has(remark)), ...proposal.notes];
  return { ...proposal, lastUse, warnings, notes };
}

function union(a: readonly string[], b: readonly string[]): readonly string[] {
  return [...new Set([...a, ...b])];
}
