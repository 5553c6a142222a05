/** The deployed functions; each is an entry point of its own under `lambda/functions`. */
export const FUNCTION = {
  refine: 'refine-finding',
  account: 'refine-account',
  sweep: 'sweep-findings',
  notify: 'notify-proposals',
  refresh: 'refresh-catalogue',
} as const;

export type FunctionName = (typeof FUNCTION)[keyof typeof FUNCTION];

/** Powertools' service name: the default dimension of every metric, and the `service` of every log line. */
export const SERVICE_NAME = 'unused-access-refiner';
