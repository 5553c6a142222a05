import {
  failureKey,
  PROPOSAL_OBJECT,
  proposalObject,
  reopenedKey,
  STATE_OBJECT,
  WITHHELD_OBJECT,
} from '../../../contract/object-keys.ts';
import { type ProposalState, renderState } from '../../../core/lifecycle/proposal-state.ts';
import { refuse, type Result } from '../../../core/pattern/result.ts';
import { renderProposal } from '../../../core/proposal/to-json.ts';
import type { DraftOf, PrincipalProposal, Proposal } from '../../../core/proposal/schema.ts';
import type {
  FailureStore,
  FinishProposal,
  ListedProposal,
  ProposalFile,
  ProposalReading,
  ProposalRepository,
  ProposalLookup,
  ProposalStore,
  Provenance,
  RepositoryListing,
  StoredProposal,
  WithheldRecord,
} from '../../../ports/proposals.ts';
import {
  prefixOf,
  principalFacts,
  readProposalState,
  readStoredProposal,
  readWithheld,
  renderWithheld,
  sharedFacts,
} from '../../../stored/proposal.ts';
import { pool } from '../../../ports/pool.ts';
import type { S3Objects } from './objects.ts';

/** Writes in flight at once for one proposal. */
const CONCURRENCY = 6;
const REMEDY = 'delete the object or restore an earlier version';
/**
 * Proposals in a bucket. `proposal.json` is written last, and only if it does not exist, so it commits the other
 * files: after a crash before it, the next attempt writes the files again; after a crash later, nothing is left to do.
 * Checking first whether the proposal exists saves writing the other files again, and storing them twice in a
 * versioned bucket.
 */
export class S3Proposals implements ProposalStore, ProposalRepository, FailureStore {
  readonly #objects: S3Objects;
  constructor(objects: S3Objects) {
    this.#objects = objects;
  }

  async put(
    draft: DraftOf<Proposal>,
    finish: FinishProposal,
    provenance: Provenance,
  ): Promise<StoredProposal> {
    const prefix = prefixOf(draft);
    const { proposal, files, filesOf } = await finish();
    const metadata = metadataOf(provenance);
    const write = (all: readonly ProposalFile[]) =>
      pool(all, { width: CONCURRENCY }, ({ name, contentType, body }) =>
        this.#objects.put(prefix + name, body, { contentType: `${contentType}; charset=utf-8`, metadata }),
      );
    await write(files);
    const committed = await this.#objects.put(prefix + PROPOSAL_OBJECT, renderProposal(proposal), {
      metadata,
      onlyIf: 'absent',
    });
    if (committed) return { prefix, outcome: 'stored' };
    // Another process was faster, and this process may have overwritten some of its files.
    const stored = filesOf && (await this.read(prefix));
    if (stored) await write(filesOf(stored));
    return { prefix, outcome: 'exists' };
  }

  async list(below: string): Promise<RepositoryListing> {
    const keys = await this.#objects.list(below);
    const proposals: ListedProposal[] = [];
    const leftOver: ListedProposal[] = [];
    const withheld: string[] = [];
    for (const key of keys.keys()) {
      const found = proposalObject(key);
      if (!found) continue;
      const { prefix, proposalId, object } = found;
      const stored = keys.get(prefix + PROPOSAL_OBJECT);
      const said = keys.get(prefix + STATE_OBJECT);
      const state = { hasState: said !== undefined, stateVersion: said?.etag, stateAt: said?.storedAt };
      if (object === PROPOSAL_OBJECT)
        proposals.push({ prefix, proposalId, storedAt: stored?.storedAt, ...state });
      if (object === STATE_OBJECT && !stored) leftOver.push({ prefix, proposalId, ...state });
      if (object === WITHHELD_OBJECT) withheld.push(prefix);
    }
    return { proposals, leftOver, withheld };
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

  async findingOf(prefix: string): Promise<string | undefined> {
    const there = await this.#objects.head(prefix + PROPOSAL_OBJECT);
    if (there === undefined || there.metadata['finding-id'] !== undefined)
      return there?.metadata['finding-id'];
    const proposal = await this.read(prefix);
    return proposal && 'finding' in proposal ? proposal.finding.id : undefined;
  }

  async noteReopened(prefix: string): Promise<void> {
    await this.#objects.put(reopenedKey(prefix), '{}\n');
  }

  async mark(prefix: string, state: ProposalState, version: string | undefined): Promise<string | undefined> {
    const written = await this.#objects.put(prefix + STATE_OBJECT, renderState(state), {
      onlyIf: version === undefined ? 'absent' : { etag: version },
      conflictIsLate: true,
    });
    return written?.etag;
  }

  async withhold(prefix: string, record: WithheldRecord): Promise<void> {
    await this.#objects.put(prefix + WITHHELD_OBJECT, renderWithheld(record));
  }

  async keep(findingId: string, replay: string): Promise<string> {
    const key = failureKey(findingId);
    await this.#objects.put(key, replay);
    return key;
  }

  async #read<T>(key: string, parse: (text: string) => Result<T>): Promise<T | undefined> {
    return (await this.#objects.read(key, parse, REMEDY))?.value;
  }
}

/** Reads the facts about a proposal from its `proposal.json`, and from its `state.json` if there is one. */
export class S3ProposalReader implements ProposalLookup {
  readonly #objects: S3Objects;
  readonly #signatureOf: (proposal: PrincipalProposal) => string;
  constructor(objects: S3Objects, signatureOf: (proposal: PrincipalProposal) => string) {
    this.#objects = objects;
    this.#signatureOf = signatureOf;
  }

  async has(key: string): Promise<boolean> {
    return (await this.#objects.head(key)) !== undefined;
  }

  async read(key: string): Promise<ProposalReading> {
    const stateKey = key.slice(0, -PROPOSAL_OBJECT.length) + STATE_OBJECT;
    const [proposal, state] = await Promise.all([
      this.#objects.read(key, (text) => readAt(key, text), REMEDY),
      this.#objects.read(stateKey, readProposalState, REMEDY),
    ]);
    if (proposal === undefined) return { kind: 'gone' };
    const { value } = proposal;
    const facts =
      'subject' in value
        ? sharedFacts(value, state?.value)
        : principalFacts(value, state?.value, this.#signatureOf(value));
    return { kind: 'found', facts };
  }
}

/** Parses a proposal and checks that it belongs under this key. */
function readAt(key: string, text: string): Result<Proposal> {
  const read = readStoredProposal(text);
  if (!read.ok || key === prefixOf(read.value) + PROPOSAL_OBJECT) return read;
  return refuse(`its ${'subject' in read.value ? 'subject' : 'principal'} and id do not belong to its key`);
}

/** Metadata is sent in HTTP headers, so it must be printable ASCII. */
function metadataOf(provenance: Provenance): Record<string, string> {
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
