/** Second opinions that AWS can be asked for on a proposal, in the order in which they are shown. Each is off by default. */
export const OPINIONS = [
  'validate-policy',
  'no-new-access',
  'access-not-granted',
  'aws-recommendation',
] as const;

export type OpinionName = (typeof OPINIONS)[number];
