const DAY = 86_400_000;

/** Days for which IAM keeps when a service, and a role, was last used. */
const SERVICES_TRACKED_FOR = 400;

/**
 * Since when IAM tracks actions one by one, by case-folded service; all others since `TRACKED_SINCE`.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
 */
const TRACKED_EARLIER: ReadonlyMap<string, number> = new Map([
  ['s3', Date.UTC(2020, 3, 12)],
  ['ec2', Date.UTC(2021, 3, 7)],
  ['iam', Date.UTC(2021, 3, 7)],
  ['lambda', Date.UTC(2021, 3, 7)],
]);
const TRACKED_SINCE = Date.UTC(2023, 4, 23);

/** The days before a report in which something has to be used to count as used. */
export interface Window {
  /** Whether IAM keeps the use of services for as long. */
  readonly tracksServices: boolean;
  /** Whether IAM has tracked single actions of the service (case-folded) since before it began. */
  tracksActions(service: string): boolean;
  /** Whether something of that date was there before it began; a date that is missing or unreadable was not. */
  holds(date: string | undefined): boolean;
  /** Whether the last use was before it began. No date is no use; a date that cannot be read is one. */
  isUnused(lastUse: string | undefined): boolean;
}

/** Undefined where the end is no time. Both times are ISO 8601, with a time zone. */
export function windowOf(end: string, days: number): Window | undefined {
  const start = Date.parse(end) - days * DAY;
  if (Number.isNaN(start)) return undefined;
  const isBefore = (date: string): boolean => Date.parse(date) < start;
  return {
    tracksServices: days <= SERVICES_TRACKED_FOR,
    tracksActions: (service) => start >= (TRACKED_EARLIER.get(service) ?? TRACKED_SINCE),
    holds: (date) => date !== undefined && isBefore(date),
    isUnused: (lastUse) => lastUse === undefined || isBefore(lastUse),
  };
}
