import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod/mini';
import { PROPOSAL_OBJECT, proposalPrefix, SHARED_PREFIX } from '../../../contract/object-keys.ts';
import type { Proposal } from '../../../core/proposal/schema.ts';
import { AdapterError } from '../../../ports/system.ts';
import type { PrincipalFacts, ProposalReader, ProposalReading } from '../../../ports/proposals.ts';
import { readJson } from '../../../json/read-json.ts';
import { S3ProposalRepository } from './proposal-repository.ts';
import { attempt, attemptUnless } from '../sdk/errors.ts';
import { sharedFactsOf, StoredShared } from '../../../stored/shared-facts.ts';
import {
  catalogueSchema,
  dispositionSchema,
  generalizeSchema,
  findingTypeSchema,
  grantSourceSchema,
  principalSchema,
  summarySchema,
} from '../../../stored/proposal-facts.ts';

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
  readonly #shelf: S3ProposalRepository;
  constructor(client: S3Client, bucket: string, signatureOf: (proposal: Proposal) => string) {
    this.#client = client;
    this.#bucket = bucket;
    this.#signatureOf = signatureOf;
    this.#shelf = new S3ProposalRepository(client, bucket);
  }

  async read(key: string): Promise<ProposalReading> {
    if (key.startsWith(SHARED_PREFIX)) return this.#readShared(key);
    const doing = this.#reading(key);
    const [json, state] = await this.#readBoth(key);
    if (json === undefined) return { kind: 'gone' };
    const stored = StoredProposal.safeParse(json.value);
    if (!stored.success) throw notAProposal(doing, placeOf(stored.error));
    // What the schema leaves out are documents and texts, which the signature takes as they are.
    const proposal = json.value as Proposal;
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

  async #readShared(key: string): Promise<ProposalReading> {
    const [json, state] = await this.#readBoth(key);
    if (json === undefined) return { kind: 'gone' };
    const stored = StoredShared.safeParse(json.value);
    if (!stored.success) throw notAProposal(this.#reading(key), placeOf(stored.error));
    const facts = sharedFactsOf(key, stored.data);
    if (facts === undefined) {
      throw notAProposal(this.#reading(key), 'its subject and id do not belong to its key');
    }
    if (state === undefined || state.state === 'current') return { kind: 'found', facts };
    return { kind: 'found', facts: { ...facts, state: { name: state.state, reason: state.reason } } };
  }

  /** The proposal, and what is said of it. */
  #readBoth(key: string) {
    return Promise.all([this.#readJson(key), this.#shelf.readState(key.slice(0, -PROPOSAL_OBJECT.length))]);
  }

  /** Undefined where there is no object; its value is undefined where it is no JSON. */
  async #readJson(key: string): Promise<{ readonly value: unknown } | undefined> {
    const doing = this.#reading(key);
    const object = await attemptUnless(doing, ['NoSuchKey', 'NotFound'], () =>
      this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key })),
    );
    if (object === undefined) return undefined;
    const text = await attempt(doing, async () => (await object.Body?.transformToString('utf-8')) ?? '');
    const json = readJson(text);
    return { value: json.ok ? json.value : undefined };
  }

  #reading(key: string): string {
    return `read s3://${this.#bucket}/${key}`;
  }
}

function placeOf({
  issues,
}: {
  readonly issues: readonly { readonly path: readonly PropertyKey[] }[];
}): string {
  const place = issues[0]?.path.map(String).join('.') ?? '';
  return place === '' ? 'it has another shape' : `unexpected ${place}`;
}

function factsOf(key: string, stored: z.infer<typeof StoredProposal>, signature: string): PrincipalFacts {
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
