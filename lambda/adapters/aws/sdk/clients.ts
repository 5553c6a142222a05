import { AccountPace } from './account-pace.ts';
import { followClockSteps } from './clock-steps.ts';
import { keepPace } from './paced-client.ts';
import { AccessAnalyzerClient } from '@aws-sdk/client-accessanalyzer';
import { AccountClient } from '@aws-sdk/client-account';
import { IAMClient, type IAMClientConfig } from '@aws-sdk/client-iam';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { STSClient } from '@aws-sdk/client-sts';

/**
 * What all clients share. The time limits keep a dead connection from eating a function's whole time. Endpoints follow
 * `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>` by the SDK itself.
 *
 * Retries are the standard ones, with back-off. The adaptive ones never let a client call much faster than it just did: where one
 * call in twenty was throttled, whatever the rate, a client made 8 calls a second instead of 42 (docs/scale.md). The services that limit a
 * caller, IAM and Access Analyzer, are called at a pace of our own, which falls and recovers.
 * Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
export const CLIENT_SETTINGS = {
  retryMode: 'standard',
  maxAttempts: 6,
  /** Milliseconds. */
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 15_000, throwOnRequestTimeout: true },
} as const;

/** {@link CLIENT_SETTINGS} with what an S3 client has of its own. */
export type S3ClientSettings = typeof CLIENT_SETTINGS & { readonly forcePathStyle: boolean };

/**
 * Settings of the S3 client. An endpoint of one's own (an emulator, a gateway) has no DNS name per bucket, so the bucket
 * then goes into the path.
 * Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export function s3ClientSettings(
  environment: Readonly<Record<string, string | undefined>>,
): S3ClientSettings {
  const ignored = environment['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] === 'true';
  const endpoint = environment['AWS_ENDPOINT_URL_S3'] ?? environment['AWS_ENDPOINT_URL'] ?? '';
  return { ...CLIENT_SETTINGS, forcePathStyle: endpoint !== '' && !ignored };
}

/**
 * One client a service, all with the same settings. A function's bundle holds only those that it makes.
 * @param callsPerSecond of this client, as long as nothing is throttled; AWS publishes no limit
 */
export const makeAccessAnalyzerClient = (callsPerSecond: number) =>
  keepPace(
    followClockSteps(new AccessAnalyzerClient(CLIENT_SETTINGS)),
    'access-analyzer',
    new AccountPace(callsPerSecond),
  );
export const makeAccountClient = () => followClockSteps(new AccountClient(CLIENT_SETTINGS));
export const makeOrganizationsClient = () => followClockSteps(new OrganizationsClient(CLIENT_SETTINGS));
export const makeSnsClient = () => followClockSteps(new SNSClient(CLIENT_SETTINGS));
export const makeSqsClient = () => followClockSteps(new SQSClient(CLIENT_SETTINGS));
export const makeStsClient = () => followClockSteps(new STSClient(CLIENT_SETTINGS));
/** @param more connections and credentials that are not the process's own */
export const makeIamClient = (more: Pick<IAMClientConfig, 'requestHandler' | 'credentials'> = {}) =>
  followClockSteps(new IAMClient({ ...CLIENT_SETTINGS, ...more }));

/** @param environment says whether S3 has an endpoint of its own */
export function makeS3Client(environment: Readonly<Record<string, string | undefined>>): S3Client {
  return followClockSteps(new S3Client(s3ClientSettings(environment)));
}
