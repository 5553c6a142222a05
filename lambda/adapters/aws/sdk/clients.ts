import { AccountPace } from './account-pace.ts';
import { CLIENT_SETTINGS, s3ClientSettings } from './client-settings.ts';
import { followClockSteps } from './clock-steps.ts';
import { withPace } from './paced-client.ts';
import { AccessAnalyzerClient } from '@aws-sdk/client-accessanalyzer';
import { AccountClient } from '@aws-sdk/client-account';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { IAMClient, type IAMClientConfig } from '@aws-sdk/client-iam';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { STSClient } from '@aws-sdk/client-sts';

/**
 * One client for each service, all with the same settings. A function's bundle contains only those that it makes.
 * @param callsPerSecond the rate of this client as long as nothing is throttled; AWS publishes no limit
 */
export const makeAccessAnalyzerClient = (callsPerSecond: number) =>
  withPace(
    followClockSteps(new AccessAnalyzerClient(CLIENT_SETTINGS)),
    'access-analyzer',
    new AccountPace(callsPerSecond),
  );
export const makeAccountClient = () => followClockSteps(new AccountClient(CLIENT_SETTINGS));
export const makeEventBridgeClient = () => followClockSteps(new EventBridgeClient(CLIENT_SETTINGS));
export const makeOrganizationsClient = () => followClockSteps(new OrganizationsClient(CLIENT_SETTINGS));
export const makeSnsClient = () => followClockSteps(new SNSClient(CLIENT_SETTINGS));
export const makeSqsClient = () => followClockSteps(new SQSClient(CLIENT_SETTINGS));
export const makeStsClient = () => followClockSteps(new STSClient(CLIENT_SETTINGS));
/** @param more connections and credentials, if not the process's own */
export const makeIamClient = (more: Pick<IAMClientConfig, 'requestHandler' | 'credentials'> = {}) =>
  followClockSteps(new IAMClient({ ...CLIENT_SETTINGS, ...more }));

/** @param environment the environment variables, which may set a custom endpoint */
export function makeS3Client(environment: Readonly<Record<string, string | undefined>>): S3Client {
  return followClockSteps(new S3Client(s3ClientSettings(environment)));
}
