/**
 * Names of the alarms, in CloudWatch and as headings in `docs/runbook.md`. They are fixed, so that an alarm's message
 * leads straight to its article.
 */
export const ALARM = {
  findingsDeadLetters: 'unused-access-refiner-findings-dead-letters',
  sweepDeadLetters: 'unused-access-refiner-sweep-dead-letters',
  noticesDeadLetters: 'unused-access-refiner-notices-dead-letters',
  undeliveredMessages: 'unused-access-refiner-undelivered-messages',
  accountsDeadLetters: 'unused-access-refiner-accounts-dead-letters',
  accountsAge: 'unused-access-refiner-accounts-age',
  accountErrors: 'unused-access-refiner-refine-account-errors',
  findingsAge: 'unused-access-refiner-findings-age',
  sweepAge: 'unused-access-refiner-sweep-age',
  noticesAge: 'unused-access-refiner-notices-age',
  refineErrors: 'unused-access-refiner-refine-finding-errors',
  sweepErrors: 'unused-access-refiner-sweep-findings-errors',
  notifyErrors: 'unused-access-refiner-notify-proposals-errors',
  verificationFailures: 'unused-access-refiner-verification-failures',
  documentErrors: 'unused-access-refiner-document-errors',
  accessDenied: 'unused-access-refiner-access-denied',
  accountsUnreachable: 'unused-access-refiner-accounts-unreachable',
  sweepDidNotRun: 'unused-access-refiner-sweep-did-not-run',
  catalogueDeadLetters: 'unused-access-refiner-catalogue-dead-letters',
  refreshErrors: 'unused-access-refiner-refresh-catalogue-errors',
  catalogueLosses: 'unused-access-refiner-catalogue-losses',
  catalogueOld: 'unused-access-refiner-catalogue-old',
  recursionStopped: 'unused-access-refiner-recursion-stopped',
  eventsNotDelivered: 'unused-access-refiner-events-not-delivered',
} as const;

export type AlarmName = (typeof ALARM)[keyof typeof ALARM];
