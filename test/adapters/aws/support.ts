import { AdapterError } from '../../../lambda/ports/system.ts';
import { AccessAnalyzerServiceException } from '@aws-sdk/client-accessanalyzer';

/** What a promise was rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<AdapterError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof AdapterError) return error;
    throw error;
  }
  throw new Error('expected a rejection');
}

/** An error as the SDK throws it. */
export function serviceError(name: string, httpStatusCode: number, message = 'the reason'): Error {
  return new AccessAnalyzerServiceException({
    name,
    message,
    $fault: httpStatusCode < 500 ? 'client' : 'server',
    $metadata: { httpStatusCode },
  });
}

export const ANALYZER = 'arn:aws:access-analyzer:eu-west-1:123456789012:analyzer/unused';

/** A document as IAM's API returns it. */
export function encoded(document: unknown): string {
  return encodeURIComponent(JSON.stringify(document, undefined, 4));
}

export const ALLOW_S3 = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:Get*', Resource: '*' }],
};
