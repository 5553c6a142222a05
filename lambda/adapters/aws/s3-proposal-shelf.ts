import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { PROPOSAL_OBJECT, principalPrefix, STATE_OBJECT } from '../../contract/object-keys.ts';
import { type ProposalState, renderState } from '../../core/drift/proposal-state.ts';
import type { PrincipalRef } from '../../core/model/principal.ts';
import type { Result } from '../../core/model/result.ts';
import type { Proposal } from '../../core/proposal/schema.ts';
import { AdapterError } from '../../ports/errors.ts';
import type { ProposalShelf, ShelvedProposal } from '../../ports/proposal-shelf.ts';
import { readProposalState, readStoredProposal } from '../json/stored-proposal.ts';
import { attempt, attemptUnless } from './errors.ts';

/**
 * The proposals about one principal as the bucket lists them. A listing shows whatever was written before it.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel
 */
export class S3ProposalShelf implements ProposalShelf {
  readonly #client: S3Client;
  readonly #bucket: string;
  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async list(principal: PrincipalRef): Promise<readonly ShelvedProposal[]> {
    const Prefix = principalPrefix(principal);
    const keys = new Map<string, number | undefined>();
    let token: string | undefined;
    do {
      const page = await attempt(`list s3://${this.#bucket}/${Prefix}`, () =>
        this.#client.send(
          new ListObjectsV2Command({
            Bucket: this.#bucket,
            Prefix,
            ...(token === undefined ? {} : { ContinuationToken: token }),
          }),
        ),
      );
      for (const { Key, LastModified } of page.Contents ?? []) {
        if (Key !== undefined) keys.set(Key, LastModified?.getTime());
      }
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return [...keys].flatMap(([key, storedAt]) => {
      const proposalId = key.slice(Prefix.length, -`/${PROPOSAL_OBJECT}`.length);
      const prefix = `${Prefix}${proposalId}/`;
      const state = prefix + STATE_OBJECT;
      return ID.test(proposalId) && key === prefix + PROPOSAL_OBJECT
        ? [{ prefix, proposalId, hasState: keys.has(state), storedAt, stateAt: keys.get(state) }]
        : [];
    });
  }

  read(prefix: string): Promise<Proposal | undefined> {
    return this.#read(prefix + PROPOSAL_OBJECT, readStoredProposal);
  }

  readState(prefix: string): Promise<ProposalState | undefined> {
    return this.#read(prefix + STATE_OBJECT, readProposalState);
  }

  async mark(prefix: string, state: ProposalState): Promise<void> {
    const Key = prefix + STATE_OBJECT;
    await attempt(`write s3://${this.#bucket}/${Key}`, () =>
      this.#client.send(
        new PutObjectCommand({
          Bucket: this.#bucket,
          Key,
          Body: renderState(state),
          ContentType: 'application/json; charset=utf-8',
        }),
      ),
    );
  }

  async #read<T>(key: string, parse: (text: string) => Result<T>): Promise<T | undefined> {
    const doing = `read s3://${this.#bucket}/${key}`;
    const object = await attemptUnless(doing, ['NoSuchKey', 'NotFound'], () =>
      this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key })),
    );
    if (object === undefined) return undefined;
    const text = await attempt(doing, async () => (await object.Body?.transformToString('utf-8')) ?? '');
    const parsed = parse(text);
    if (parsed.ok) return parsed.value;
    throw new AdapterError(
      `cannot ${doing}: ${parsed.problem}; delete the object or restore an earlier version`,
      'permanent',
      'malformed',
    );
  }
}

const ID = /^[0-9a-f]{32}$/;
