import { IAMClient } from '@aws-sdk/client-iam';
import type { IamWriter } from '../../ports/apply.ts';
import { CLIENT_SETTINGS } from '../aws/sdk/client-settings.ts';
import { AwsIamWriter } from './iam-writer.ts';

/**
 * A writer with the credentials of whoever runs the command, found as every AWS tool finds them: environment, profile,
 * single sign-on, and so on.
 * Source: https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 */
export function writerWithOwnCredentials(): IamWriter {
  return new AwsIamWriter(new IAMClient({ ...CLIENT_SETTINGS }));
}
