import { IAMClient } from '@aws-sdk/client-iam';
import type { IamWriter } from '../../ports/apply.ts';
import { CLIENT_SETTINGS } from '../aws/sdk/client-settings.ts';
import { AwsIamWriter } from './iam-writer.ts';

/**
 * IAM answers in one Region of each partition, and the SDK finds it by any Region of that partition: a caller whose
 * settings name a Region of another one, or none, gets the right one all the same.
 * Source: https://docs.aws.amazon.com/general/latest/gr/iam-service.html
 */
const REGIONS: Readonly<Record<string, string>> = {
  aws: 'us-east-1',
  'aws-cn': 'cn-north-1',
  'aws-us-gov': 'us-gov-west-1',
  'aws-iso': 'us-iso-east-1',
  'aws-iso-b': 'us-isob-east-1',
  'aws-iso-e': 'eu-isoe-west-1',
  'aws-iso-f': 'us-isof-south-1',
  'aws-eusc': 'eusc-de-east-1',
};

/**
 * A writer with the credentials of whoever runs the command, found as every AWS tool finds them: environment, profile,
 * single sign-on, and so on.
 * Source: https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 * @param arn what the proposal is about; its partition says which IAM
 */
export function writerWithOwnCredentials(arn: string): IamWriter {
  const region = REGIONS[arn.split(':')[1] ?? 'aws'];
  return new AwsIamWriter(new IAMClient({ ...CLIENT_SETTINGS, ...(region === undefined ? {} : { region }) }));
}
