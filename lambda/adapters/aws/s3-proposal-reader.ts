import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod/mini';
import { PROPOSAL_OBJECT, proposalPrefix } from '../../contract/object-keys.ts';
import type { Proposal } from '../../core/proposal/schema.ts';
import { AdapterError } from '../../ports/errors.ts';
import type { ProposalFacts, ProposalReader, ProposalReading } from '../../ports/proposal-reader.ts';
import { readJson } from '../json/read-json.ts';
import { S3ProposalShelf } from './s3-proposal-shelf.ts';
import { attempt, attemptUnless } from './errors.ts';
import {
  catalogueSchema,
  dispositionSchema,
  generalizeSchema,
  findingTypeSchema,
  grantSourceSchema,
  principalSchema,
  summarySchema,
} from './proposal-facts-schema.ts';

const Base = {
  schemaVersion: z.literal(1),
  proposalId: z.string(),
  principal: principalSchema,
  owner: z.optional(z.string()),
  finding: z.object({ id: z.string(), findingType: findingTypeSchema }),
};

/**
 * `proposal.json` of schema version 1, as far as notices tell about it; the sample stands in the description of the
 * format. Later versions may add members.
 */
const StoredProposal = z.discriminatedUnion('kind', [
  z.object({
    ...Base,
    kind: z.literal('refine-permissions'),
    policies: z.array(
      z.object({
        source: grantSourceSchema,
        name: z.string(),
        disposition: dispositionSchema,
        reason: z.string(),
        removed: z.array(z.unknown()),
      }),
    ),
    retained: z.array(z.unknown()),
    residue: z.array(z.unknown()),
    summary: summarySchema,
    catalogue: catalogueSchema,
    generalize: generalizeSchema,
  }),
  z.object({ ...Base, kind: z.enum(['remove-role', 'remove-password']) }),
  z.object({ ...Base, kind: z.literal('remove-access-key'), accessKeyId: z.string() }),
]);

/** Reads what stands about a proposal in its `proposal.json`, and in its `state.json` where there is one. */
export class S3ProposalReader implements ProposalReader {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #signatureOf: (proposal: Proposal) => string;
  readonly #shelf: S3ProposalShelf;
  constructor(client: S3Client, bucket: string, signatureOf: (proposal: Proposal) => string) {
    this.#client = client;
    this.#bucket = bucket;
    this.#signatureOf = signatureOf;
    this.#shelf = new S3ProposalShelf(client, bucket);
  }

  async read(key: string): Promise<ProposalReading> {
    const doing = `read s3://${this.#bucket}/${key}`;
    const [object, state] = await Promise.all([
      attemptUnless(doing, ['NoSuchKey', 'NotFound'], () =>
        this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key })),
      ),
      this.#shelf.readState(key.slice(0, -PROPOSAL_OBJECT.length)),
    ]);
    if (object === undefined) return { kind: 'gone' };
    const text = await attempt(doing, async () => (await object.Body?.transformToString('utf-8')) ?? '');
    const json = readJson(text);
    const stored = StoredProposal.safeParse(json.ok ? json.value : undefined);
    if (!stored.success) {
      const place = stored.error.issues[0]?.path.map(String).join('.') ?? '';
      throw notAProposal(doing, place === '' ? 'it has another shape' : `unexpected ${place}`);
    }
    // What the schema leaves out are documents and texts, which the signature takes as they are.
    const proposal = (json.ok ? json.value : undefined) as unknown as Proposal;
    const facts = factsOf(key, stored.data, this.#signatureOf(proposal));
    if (key !== proposalPrefix(facts.principal, facts.proposalId) + PROPOSAL_OBJECT) {
      throw notAProposal(doing, 'its principal and id do not belong to its key');
    }
    if (state === undefined) return { kind: 'found', facts };
    if (state.state === 'current') {
      const remark = state.remark === undefined ? {} : { remark: state.reason };
      return { kind: 'found', facts: { ...facts, ...remark } };
    }
    return { kind: 'found', facts: { ...facts, state: { name: state.state, reason: state.reason } } };
  }
}

function factsOf(key: string, stored: z.infer<typeof StoredProposal>, signature: string): ProposalFacts {
  const refine = stored.kind === 'refine-permissions' ? stored : undefined;
  return {
    prefix: key.slice(0, -PROPOSAL_OBJECT.length),
    proposalId: stored.proposalId,
    kind: stored.kind,
    principal: stored.principal,
    ...(stored.owner === undefined ? {} : { owner: stored.owner }),
    findingId: stored.finding.id,
    findingType: stored.finding.findingType,
    signature,
    summary: refine?.summary,
    catalogue: refine?.catalogue,
    generalize: refine?.generalize,
    policies: (refine?.policies ?? []).map(({ source, name, disposition, reason, removed }) => ({
      source,
      name,
      disposition,
      reason,
      removed: removed.length,
    })),
    retained: refine?.retained.length ?? 0,
    residue: refine?.residue.length ?? 0,
    accessKeyId: stored.kind === 'remove-access-key' ? stored.accessKeyId : undefined,
  };
}

function notAProposal(doing: string, why: string): AdapterError {
  return new AdapterError(
    `cannot ${doing}: it is not a proposal of schema version 1 (${why}); delete the object or restore an earlier version`,
    'permanent',
    'malformed',
  );
}
