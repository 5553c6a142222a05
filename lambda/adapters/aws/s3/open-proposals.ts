import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { INDEX_DATA_OBJECT } from '../../../contract/object-keys.ts';
import { AdapterError } from '../../../ports/system.ts';
import type { FindingReference } from '../../../ports/findings.ts';
import type { OpenProposals } from '../../../ports/proposals.ts';
import { aboutPrincipals } from '../../../ports/proposals.ts';
import { attempt, errorStatus } from '../sdk/errors.ts';
import { readIndexData } from '../../../stored/overview.ts';

/** What the overview in the bucket shows as current. */
export class S3OpenProposals implements OpenProposals {
  readonly #client: S3Client;
  readonly #bucket: string;
  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async findings(analyzerArn: string): Promise<readonly FindingReference[]> {
    const doing = `read s3://${this.#bucket}/${INDEX_DATA_OBJECT}`;
    const text = await attempt(doing, async () => {
      try {
        const object = await this.#client.send(
          new GetObjectCommand({ Bucket: this.#bucket, Key: INDEX_DATA_OBJECT }),
        );
        return await object.Body?.transformToString('utf-8');
      } catch (error) {
        const status = errorStatus(error);
        // The role may not list the bucket, and S3 then answers 403 where an object is missing.
        if (status === 404 || status === 403) return undefined;
        throw error;
      }
    });
    if (text === undefined) return [];
    const proposals = readIndexData(text);
    if (proposals === undefined) {
      throw new AdapterError(
        `cannot ${doing}: it is not an overview of version 1 or 2`,
        'permanent',
        'malformed',
      );
    }
    const open = aboutPrincipals(proposals).filter(({ state }) => state === undefined);
    const byId = new Map(
      open.map(({ findingId, principal: { accountId, arn: resource } }) => [
        findingId,
        { analyzerArn, findingId, accountId, resource },
      ]),
    );
    return [...byId.values()];
  }
}
