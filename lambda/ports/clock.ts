/** The time now, as ISO 8601 in UTC, and milliseconds left before the process is stopped (Infinity when it is not). */
export interface Clock {
  now(): string;
  remainingMillis(): number;
}
