import { AccessAnalyzerClient } from '@aws-sdk/client-accessanalyzer';
import { AccountClient } from '@aws-sdk/client-account';
import { IAMClient } from '@aws-sdk/client-iam';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { STSClient } from '@aws-sdk/client-sts';
import { CLIENT_SETTINGS, s3ClientSettings } from './client-settings.ts';

/** One client a service, all with the same settings. A function's bundle holds only those that it makes. */
export const makeAccessAnalyzerClient = (): AccessAnalyzerClient => new AccessAnalyzerClient(CLIENT_SETTINGS);
export const makeAccountClient = (): AccountClient => new AccountClient(CLIENT_SETTINGS);
export const makeIamClient = (): IAMClient => new IAMClient(CLIENT_SETTINGS);
export const makeOrganizationsClient = (): OrganizationsClient => new OrganizationsClient(CLIENT_SETTINGS);
export const makeSnsClient = (): SNSClient => new SNSClient(CLIENT_SETTINGS);
export const makeSqsClient = (): SQSClient => new SQSClient(CLIENT_SETTINGS);
export const makeStsClient = (): STSClient => new STSClient(CLIENT_SETTINGS);

/** @param environment says whether S3 has an endpoint of its own */
export function makeS3Client(environment: Readonly<Record<string, string | undefined>>): S3Client {
  return new S3Client(s3ClientSettings(environment));
}
