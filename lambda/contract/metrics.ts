/** Names of the metrics that the functions emit (zeros too, so that alarms have data) and the alarms watch. */
export const METRIC_NAMESPACE = 'UnusedAccessRefiner';

export const METRIC = {
  proposalsStored: 'ProposalsStored',
  proposalsExisting: 'ProposalsExisting',
  sharedProposalsStored: 'SharedProposalsStored',
  unchanged: 'PrincipalsUnchanged',
  skipped: 'FindingsSkipped',
  gone: 'FindingsGone',
  ignoredEvents: 'EventsIgnored',
  refusedPolicies: 'PoliciesRefused',
  verificationFailures: 'VerificationFailures',
  documentErrors: 'DocumentErrors',
  accessDenied: 'AccessDenied',
  throttled: 'Throttled',
  findingsDeferred: 'FindingsDeferred',
  malformed: 'MalformedMessages',
  findingsFailed: 'FindingsFailed',
  sweepsCompleted: 'SweepsCompleted',
  findingsListed: 'FindingsListed',
  findingsSwept: 'FindingsSwept',
  accountJobsStarted: 'AccountJobsStarted',
  accountJobsCompleted: 'AccountJobsCompleted',
  accountsHandedOver: 'AccountsHandedOver',
  accountsUnreachable: 'AccountsUnreachable',
  findingsUnreachable: 'FindingsUnreachable',
  proposalsNotified: 'ProposalsNotified',
  cataloguesRefreshed: 'CataloguesRefreshed',
  catalogueLosses: 'CatalogueLosses',
  cataloguesInvalid: 'CataloguesInvalid',
  cataloguesOld: 'CataloguesOld',
} as const;

export type MetricName = (typeof METRIC)[keyof typeof METRIC];
