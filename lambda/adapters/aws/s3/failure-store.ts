import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { failureKey } from '../../../contract/object-keys.ts';
import type { FailureStore } from '../../../ports/proposals.ts';
import { attempt } from '../sdk/errors.ts';

export class S3FailureStore implements FailureStore {
  readonly #client: S3Client;
  readonly #bucket: string;
  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async keep(findingId: string, replay: string): Promise<string> {
    const key = failureKey(findingId);
    await attempt(`write s3://${this.#bucket}/${key}`, () =>
      this.#client.send(
        new PutObjectCommand({
          Bucket: this.#bucket,
          Key: key,
          Body: replay,
          ContentType: 'application/json; charset=utf-8',
        }),
      ),
    );
    return key;
  }
}
