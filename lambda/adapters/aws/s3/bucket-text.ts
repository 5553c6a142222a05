import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { attempt, attemptUnless } from '../sdk/errors.ts';
import { s3ClientSettings } from '../sdk/client-settings.ts';

/**
 * Objects of any bucket as text, with the credentials of whoever runs the command, found as every AWS tool finds them.
 * Source: https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 */
export class BucketText {
  readonly #client: S3Client;
  constructor(environment: Readonly<Record<string, string | undefined>>) {
    // The bucket may lie in another Region than the one that the caller's settings name.
    this.#client = new S3Client({ ...s3ClientSettings(environment), followRegionRedirects: true });
  }

  /**
   * Undefined where there is no such object.
   * @throws AdapterError
   */
  async read(bucket: string, key: string): Promise<string | undefined> {
    const doing = `read s3://${bucket}/${key}`;
    const object = await attemptUnless(doing, ['NoSuchKey', 'NotFound'], () =>
      this.#client.send(new GetObjectCommand({ Bucket: bucket, Key: key })),
    );
    if (object === undefined) return undefined;
    return attempt(doing, async () => (await object.Body?.transformToString('utf-8')) ?? '');
  }
}
