import { IAMClient } from '@aws-sdk/client-iam';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';

/** The account that the app is deployed in: moto's own default account. */
export const HOME_ACCOUNT = '123456789012';
/** Another account of the same organisation. */
export const MEMBER_ACCOUNT = '210987654321';
export const REGION = 'us-east-1';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Keys that moto takes for the home account's, as it does every key that it did not hand out itself. */
export const HOME_CREDENTIALS: Credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};

/** Settings of a client for the home account. */
export interface ClientSettings {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Credentials;
}

export function homeSettings(endpoint: string): ClientSettings {
  return { endpoint, region: REGION, credentials: HOME_CREDENTIALS };
}

/** An administrator's settings in any account; another account than the home account by way of a role in it. */
export async function settingsOf(endpoint: string, account: string): Promise<ClientSettings> {
  if (account === HOME_ACCOUNT) return homeSettings(endpoint);
  const { Credentials: given } = await new STSClient(homeSettings(endpoint)).send(
    new AssumeRoleCommand({
      RoleArn: `arn:aws:iam::${account}:role/OrganizationAccountAccessRole`,
      RoleSessionName: 'integration-tests',
    }),
  );
  if (
    given?.AccessKeyId === undefined ||
    given.SecretAccessKey === undefined ||
    given.SessionToken === undefined
  ) {
    throw new Error(`moto gave no credentials for account ${account}`);
  }
  return {
    endpoint,
    region: REGION,
    credentials: {
      accessKeyId: given.AccessKeyId,
      secretAccessKey: given.SecretAccessKey,
      sessionToken: given.SessionToken,
    },
  };
}

/** An IAM client in the account. */
export async function iamClient(endpoint: string, account: string): Promise<IAMClient> {
  return new IAMClient(await settingsOf(endpoint, account));
}

export function s3Client(endpoint: string): S3Client {
  return new S3Client({ ...homeSettings(endpoint), forcePathStyle: true });
}

export function sqsClient(endpoint: string): SQSClient {
  return new SQSClient({ ...homeSettings(endpoint), useQueueUrlAsEndpoint: false });
}

export function snsClient(endpoint: string): SNSClient {
  return new SNSClient(homeSettings(endpoint));
}
