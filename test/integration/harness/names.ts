import { HOME_ACCOUNT, REGION } from './accounts.ts';

/** The main stack, as `lib/build-app.ts` names it; people script against it. */
export const STACK = 'UnusedAccessRefiner';

/** An analyzer that exists already: moto has none to create. */
export const ANALYZER_ARN = `arn:aws:access-analyzer:${REGION}:${HOME_ACCOUNT}:analyzer/organisation`;

export const MEMBER_ROLE = 'UnusedAccessReader';
export const MEMBER_EXTERNAL_ID = 'an-external-id-of-the-tests';

/** What the stacks are deployed with. */
export const OPTIONS = {
  email: 'reviews@example.org',
  analyzerArn: ANALYZER_ARN,
  memberRoleName: MEMBER_ROLE,
  memberExternalId: MEMBER_EXTERNAL_ID,
  keep: 'support:*',
  excludePaths: '/break-glass/',
  // The emulator takes whatever comes; the tests should not wait for it.
  accountCallsPerSecond: '1000',
} as const;
