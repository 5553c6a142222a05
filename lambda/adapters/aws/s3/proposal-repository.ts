import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import {
  WITHHELD_OBJECT,
  PROPOSAL_OBJECT,
  principalPrefix,
  sharedAccountPrefix,
  STATE_OBJECT,
} from '../../../contract/object-keys.ts';
import { type ProposalState, renderState } from '../../../core/lifecycle/proposal-state.ts';
import type { SharedProposal } from '../../../core/proposal/schema.ts';
import type { PrincipalRef } from '../../../core/model/principal.ts';
import type { Result } from '../../../core/pattern/result.ts';
import type { Proposal } from '../../../core/proposal/schema.ts';
import { AdapterError } from '../../../ports/system.ts';
import type { WithheldRecord, ProposalRepository, RepositoryListing } from '../../../ports/proposals.ts';
import {
  readWithheld,
  readProposalState,
  readStoredProposal,
  readStoredShared,
} from '../../../stored/proposal.ts';
import type { SharedRepository, ListedShared } from '../../../ports/proposals.ts';
import { attempt, attemptUnless } from '../sdk/errors.ts';

/**
 * The proposals about one principal, or about what one account shares, as the bucket lists them. A listing shows whatever was written before it.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel
 */
export class S3ProposalRepository implements ProposalRepository, SharedRepository {
  readonly #client: S3Client;
  readonly #bucket: string;
  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async list(principal: PrincipalRef): Promise<RepositoryListing> {
    const Prefix = principalPrefix(principal);
    const keys = await this.#keys(Prefix);
    const folders = (object: string) =>
      [...keys].flatMap(([key, storedAt]) => {
        const proposalId = key.slice(Prefix.length, -`/${object}`.length);
        const prefix = `${Prefix}${proposalId}/`;
        return ID.test(proposalId) && key === prefix + object ? [{ prefix, proposalId, storedAt }] : [];
      });
    return {
      proposals: folders(PROPOSAL_OBJECT).map((folder) => {
        const state = folder.prefix + STATE_OBJECT;
        return { ...folder, hasState: keys.has(state), stateAt: keys.get(state) };
      }),
      withheld: folders(WITHHELD_OBJECT).map(({ prefix }) => prefix),
    };
  }

  async listShared(accountId: string): Promise<readonly ListedShared[]> {
    const keys = await this.#keys(sharedAccountPrefix(accountId));
    return [...keys.keys()].flatMap((key) => {
      const [, prefix = '', type, name = '', proposalId = ''] = SHARED.exec(key) ?? [];
      if (key !== prefix + PROPOSAL_OBJECT || (type !== 'policy' && type !== 'group')) return [];
      return [{ prefix, type, name, proposalId, hasState: keys.has(prefix + STATE_OBJECT) }];
    });
  }

  readShared(prefix: string): Promise<Pick<SharedProposal, 'policies'> | undefined> {
    return this.#read(prefix + PROPOSAL_OBJECT, readStoredShared);
  }

  /** Every key below the prefix, in their order, with when its object was written: milliseconds since 1970. */
  async #keys(Prefix: string): Promise<ReadonlyMap<string, number | undefined>> {
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
    return keys;
  }

  read(prefix: string): Promise<Proposal | undefined> {
    return this.#read(prefix + PROPOSAL_OBJECT, readStoredProposal);
  }

  readState(prefix: string): Promise<ProposalState | undefined> {
    return this.#read(prefix + STATE_OBJECT, readProposalState);
  }

  readWithheld(prefix: string): Promise<WithheldRecord | undefined> {
    return this.#read(prefix + WITHHELD_OBJECT, readWithheld);
  }

  mark(prefix: string, state: ProposalState): Promise<void> {
    return this.#write(prefix + STATE_OBJECT, renderState(state));
  }

  withhold(prefix: string, record: WithheldRecord): Promise<void> {
    return this.#write(prefix + WITHHELD_OBJECT, `${JSON.stringify(record, null, 2)}\n`);
  }

  async #write(Key: string, Body: string): Promise<void> {
    await attempt(`write s3://${this.#bucket}/${Key}`, () =>
      this.#client.send(
        new PutObjectCommand({
          Bucket: this.#bucket,
          Key,
          Body,
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
const SHARED = /^(shared\/\d{12}\/(policy|group)\/([^/]+)\/([0-9a-f]{32})\/)/;
