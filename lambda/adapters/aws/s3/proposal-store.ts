import { HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { PROPOSAL_OBJECT, proposalPrefix, sharedPrefix } from '../../../contract/object-keys.ts';
import type {
  DraftProposal,
  DraftShared,
  RemovalProposal,
  SharedProposal,
} from '../../../core/proposal/schema.ts';
import { renderProposal } from '../../../core/proposal/render-proposal.ts';
import type {
  FinishProposal,
  ProposalFile,
  ProposalStore,
  Provenance,
  StoredProposal,
} from '../../../ports/proposals.ts';
import type { SharedProposalStore } from '../../../ports/proposals.ts';
import { attempt, attemptUnless, errorStatus } from '../sdk/errors.ts';
import { inParallel } from '../sdk/in-parallel.ts';

/** Writes under way at once for one proposal. */
const CONCURRENCY = 6;

/**
 * Proposals in a bucket. `proposal.json` is written last and only if it is not there yet, so it commits the others:
 * a crash before it leaves files that the next attempt writes again, a crash behind it leaves nothing to do. Whoever
 * looks first whether the proposal is there saves writing the other files again (and, in a versioned bucket, keeping
 * them twice): that is the shelf's.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export class S3ProposalStore implements ProposalStore, SharedProposalStore {
  readonly #client: S3Client;
  readonly #bucket: string;
  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async put(
    draft: DraftProposal | RemovalProposal,
    finish: FinishProposal,
    provenance: Provenance,
  ): Promise<StoredProposal> {
    const prefix = proposalPrefix(draft.principal, draft.proposalId);
    const finished = await finish();
    return this.#put(prefix, renderProposal(finished.proposal), finished.files, provenance);
  }

  /** A sweep meets most of them again, and nobody has looked before. */
  async putShared(
    draft: DraftShared,
    finish: FinishProposal<SharedProposal>,
    provenance: Provenance,
  ): Promise<StoredProposal> {
    const prefix = sharedPrefix(draft.subject, draft.proposalId);
    if (await this.#isThere(prefix + PROPOSAL_OBJECT)) return { prefix, outcome: 'exists' };
    const finished = await finish();
    return this.#put(prefix, renderProposal(finished.proposal), finished.files, provenance);
  }

  async #put(
    prefix: string,
    body: string,
    files: readonly ProposalFile[],
    provenance: Provenance,
  ): Promise<StoredProposal> {
    await inParallel(files, CONCURRENCY, async (file) => {
      const doing = `write s3://${this.#bucket}/${prefix}${file.name}`;
      await attempt(doing, () => this.#client.send(this.#command(prefix, file, provenance)));
    });
    const last: ProposalFile = {
      name: PROPOSAL_OBJECT,
      contentType: 'application/json',
      body,
    };
    const doing = `write s3://${this.#bucket}/${prefix}${PROPOSAL_OBJECT}`;
    const committed = await attemptUnless(doing, ['PreconditionFailed'], () =>
      this.#client.send(this.#command(prefix, last, provenance, '*')),
    );
    return { prefix, outcome: committed === undefined ? 'exists' : 'stored' };
  }

  /** S3 answers 403 about a missing object to a role that may not list. */
  #isThere(key: string): Promise<boolean> {
    return attempt(`look for s3://${this.#bucket}/${key}`, async () => {
      try {
        await this.#client.send(new HeadObjectCommand({ Bucket: this.#bucket, Key: key }));
        return true;
      } catch (error) {
        const status = errorStatus(error);
        if (status === 404 || status === 403) return false;
        throw error;
      }
    });
  }

  #command(prefix: string, file: ProposalFile, provenance: Provenance, ifNoneMatch?: '*'): PutObjectCommand {
    return new PutObjectCommand({
      Bucket: this.#bucket,
      Key: prefix + file.name,
      Body: file.body,
      ContentType: `${file.contentType}; charset=utf-8`,
      Metadata: metadata(provenance),
      ...(ifNoneMatch === undefined ? {} : { IfNoneMatch: ifNoneMatch }),
    });
  }
}

/** Metadata travels in HTTP headers: printable ASCII only. */
function metadata(provenance: Provenance): Record<string, string> {
  return {
    'finding-id': ascii(provenance.findingId),
    'run-id': ascii(provenance.runId),
    'stored-at': ascii(provenance.storedAt),
    'engine-version': ascii(provenance.engineVersion),
  };
}

function ascii(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}
