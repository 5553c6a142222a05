import type { LastUse, Proposal } from './schema.ts';

/** The warnings from AWS's records of the use of removed actions, and when AWS reported them. */
export interface LastUseReading extends LastUse {
  /** One sentence for each warning. */
  readonly warnings: readonly string[];
}

/**
 * The result of two readings. The later one counts, and may clear the warnings of the earlier one. Missing data
 * clears nothing: a missing reading changes nothing, and a partial one, or one without a time, only adds warnings.
 * @param now the present reading, which counts if both have the same time
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

/** The reading in the proposal itself; undefined if AWS was not asked. Earlier versions stored no time. */
export function readingIn({ lastUse, warnings = [] }: Proposal): LastUseReading | undefined {
  if (lastUse !== undefined) return { ...lastUse, warnings };
  return warnings.length === 0 ? undefined : { asOf: null, warnings, remarks: [] };
}

/** A proposal with its present warnings, which may come from a later reading in `state.json`. */
export function withReadingBeside<P extends Proposal>(
  proposal: P,
  said: { readonly lastUse?: LastUseReading | undefined } | undefined,
): P {
  const own = readingIn(proposal);
  const reading = laterReading(own, said?.lastUse);
  return reading === undefined || reading === own ? proposal : withReading(proposal, reading);
}

/**
 * A proposal that was made again, with what the stored one knows about later uses. Their documents are the same, so
 * the uses apply to both.
 */
export function withEarlierReading<P extends Proposal>(now: P, before: Proposal): P {
  const own = readingIn(now);
  const reading = laterReading(readingIn(before), own);
  if (reading === undefined || reading === own) return now;
  const dated = withReading(now, reading);
  // The dates of staying actions are from the same reading.
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
