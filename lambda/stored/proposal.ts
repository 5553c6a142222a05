import * as z from 'zod/mini';
import { OPINIONS } from '../contract/settings.ts';
import { proposalPrefix } from '../contract/object-keys.ts';
import type { ProposalState } from '../core/lifecycle/proposal-state.ts';
import { findDefect, isJsonObject, type JsonValue } from '../core/model/json.ts';
import { ok, refuse, type Result } from '../core/pattern/result.ts';
import type { ProposedPolicy } from '../core/model/proposed-policy.ts';
import { riskFacts } from '../core/risk/risk.ts';
import type { DraftOf, PrincipalProposal, Proposal, SharedProposal } from '../core/proposal/schema.ts';
import { withReadingBeside } from '../core/proposal/last-use-reading.ts';
import { readJson } from '../json/read-json.ts';
import type { PolicyFacts, PrincipalFacts, SharedFacts, WithheldRecord } from '../ports/proposals.ts';
import {
  adviceSchema,
  catalogueSchema,
  count,
  dispositionSchema,
  findingSchema,
  generalizeSchema,
  grantSourceSchema,
  lastUseSchema,
  levelCountsSchema,
  placeIn,
  principalSchema,
  sharedKindSchema,
  subjectSchema,
  summarySchema,
} from './parts.ts';

/*
 * The documents in the folder of a proposal: `proposal.json`, `state.json`, `withheld.json`, `opinions.json`; and the
 * inputs of rejected refinements, under `failures/`.
 */

const texts = z.array(z.string());
const anything = z.array(z.unknown());
const id = z.string().check(z.regex(/^[0-9a-f]{32}$/));

const plan = z.object({
  checks: z.array(
    z.looseObject({
      check: z.string(),
      after: z.optional(z.nullable(z.looseObject({ file: z.string() }))),
    }),
  ),
  apply: anything,
  rollback: anything,
  documents: z.array(z.object({ file: z.string(), document: z.unknown() })),
  irreversible: z.nullable(z.string()),
  freeFirst: texts,
  afterwards: texts,
});

/** The members of every proposal. */
const Base = {
  schemaVersion: z.literal(1),
  proposalId: id,
  warnings: z.optional(texts),
  lastUse: z.optional(lastUseSchema),
  notes: texts,
  plan,
  accountName: z.optional(z.string()),
};

const OfPrincipal = {
  ...Base,
  principal: principalSchema,
  owner: z.optional(z.string()),
  finding: z.extend(findingSchema, { unusedServices: texts, unusedActions: texts }),
};

const storedPolicy = z.object({
  source: grantSourceSchema,
  name: z.string(),
  arn: z.optional(z.string()),
  versionId: z.optional(z.string()),
  group: z.optional(z.string()),
  disposition: dispositionSchema,
  reason: z.string(),
  before: z.unknown(),
  after: z.array(z.object({ name: z.string(), document: z.unknown() })),
  removed: texts,
});

const riskOf = z.object({ levels: levelCountsSchema, highImpact: texts });

/** The members of every proposal to refine. */
const Refinement = {
  catalogue: catalogueSchema,
  generalize: generalizeSchema,
  policies: z.array(storedPolicy),
  retained: anything,
  residue: anything,
  staying: anything,
  summary: summarySchema,
  risk: z.optional(
    z.object({
      removed: riskOf,
      remaining: riskOf,
      policies: z.array(z.object({ removed: riskOf, remaining: riskOf })),
    }),
  ),
};

/** `proposal.json` of schema version 1: the members that are used. Later versions may add members. */
const StoredProposal = z.discriminatedUnion('kind', [
  z.object({ ...OfPrincipal, ...Refinement, kind: z.literal('refine-permissions') }),
  z.object({
    ...OfPrincipal,
    kind: z.enum(['remove-role', 'remove-password']),
    risk: z.optional(z.object({ removed: riskOf })),
  }),
  z.object({ ...OfPrincipal, kind: z.literal('remove-access-key'), accessKeyId: z.string() }),
]);

/** `proposal.json` about a shared policy or a group. */
const StoredShared = z.object({
  ...Base,
  ...Refinement,
  kind: sharedKindSchema,
  subject: subjectSchema,
  holders: z.object({
    principals: z.number(),
    roles: texts,
    users: texts,
    groups: z.array(z.object({ name: z.string(), members: texts })),
  }),
  findings: z.array(z.extend(findingSchema, { principal: z.string() })),
  advice: adviceSchema,
});

/**
 * Reads `proposal.json`. Numbers in policy documents keep the text that their author wrote. A problem says what is
 * wrong, and where.
 */
export function readStoredProposal(text: string): Result<Proposal> {
  const json = readJson(text);
  if (!json.ok) return json;
  const defect = findDefect(json.value);
  if (defect) return refuse(defect.problem);
  const kind = isJsonObject(json.value) ? json.value['kind'] : undefined;
  const isShared = kind === 'refine-shared-policy' || kind === 'refine-group';
  const stored = (isShared ? StoredShared : StoredProposal).safeParse(json.value);
  if (!stored.success) {
    const place = placeIn(stored.error);
    return refuse(
      `not a proposal of schema version 1 (${place === '' ? 'it has another shape' : `unexpected ${place}`})`,
    );
  }
  // Trust boundary: the text has passed the schema, and the members that the schema leaves out are not used.
  return ok(json.value as JsonValue & Proposal);
}

/** The prefix under which a proposal is stored. */
export function prefixOf(proposal: DraftOf<Proposal>): string {
  return proposalPrefix('subject' in proposal ? proposal.subject : proposal.principal, proposal.proposalId);
}

/** The facts about a proposal and its state that notices and the overview show. */
export function principalFacts(
  proposal: PrincipalProposal,
  said: ProposalState | undefined,
  signature: string,
): PrincipalFacts {
  const refine = proposal.kind === 'refine-permissions' ? proposal : undefined;
  const { proposalId, kind, principal, owner, finding, retained, residue } = proposal;
  return {
    prefix: prefixOf(proposal),
    proposalId,
    kind,
    principal,
    ...(owner === undefined ? {} : { owner }),
    findingId: said?.finding?.id ?? finding.id,
    findingType: finding.findingType,
    ...(finding.updatedAt === null ? {} : { reportedAt: finding.updatedAt }),
    signature,
    summary: refine?.summary,
    catalogue: refine?.catalogue,
    generalize: refine?.generalize,
    ...riskFacts(proposal),
    policies: policyFacts(refine?.policies ?? []),
    retained: refine ? retained.length : 0,
    residue: refine ? residue.length : 0,
    accessKeyId: proposal.kind === 'remove-access-key' ? proposal.accessKeyId : undefined,
    ...warningFacts(withReadingBeside(proposal, said)),
    ...stateFacts(said),
    ...decisionFacts(said),
    ...(said?.state === 'current' && said.remark !== undefined ? { remark: said.reason } : {}),
  };
}

/** The same for a proposal about something shared. */
export function sharedFacts(proposal: SharedProposal, said: ProposalState | undefined): SharedFacts {
  const { proposalId, kind, subject, summary, catalogue, generalize, advice } = proposal;
  return {
    prefix: prefixOf(proposal),
    proposalId,
    kind,
    subject,
    principals: proposal.holders.principals,
    summary,
    catalogue,
    generalize,
    ...riskFacts(proposal),
    policies: policyFacts(proposal.policies),
    retained: proposal.retained.length,
    advice: { better: advice.better, reason: advice.reason },
    ...warningFacts(withReadingBeside(proposal, said)),
    ...stateFacts(said),
    ...decisionFacts(said),
  };
}

function policyFacts(policies: readonly ProposedPolicy[]): readonly PolicyFacts[] {
  return policies.map(({ source, name, disposition, reason, removed }) => ({
    source,
    name,
    disposition,
    reason,
    removed: removed.length,
  }));
}

function warningFacts({ warnings = [] }: Proposal): Pick<PrincipalFacts, 'warnings'> {
  return warnings.length === 0 ? {} : { warnings };
}

function stateFacts(said: ProposalState | undefined): Pick<PrincipalFacts, 'state'> {
  if (said === undefined || said.state === 'current') return {};
  return { state: { name: said.state, reason: said.reason } };
}

function decisionFacts(said: ProposalState | undefined): Pick<PrincipalFacts, 'decisions'> {
  const { state, decisions = [] } = said ?? {};
  return state === 'current' && decisions.length > 0 ? { decisions } : {};
}

const State = z.object({
  schemaVersion: z.literal(1),
  proposalId: id,
  state: z.enum(['current', 'applied', 'resolved', 'superseded']),
  reason: z.string(),
  remark: z.optional(z.literal('catalogue-grew')),
  finding: z.optional(z.object({ id: z.string(), analyzerArn: z.nullable(z.string()) })),
  catalogue: z.optional(z.object({ version: z.string(), date: z.string() })),
  decisions: z.optional(texts),
  lastUse: z.optional(z.extend(lastUseSchema, { warnings: texts })),
  serial: z.optional(count),
});

/** Reads `state.json`. */
export function readProposalState(text: string): Result<ProposalState> {
  return readRecord(text, State, 'the state of a proposal');
}

const Withheld = z.object({
  schemaVersion: z.literal(1),
  proposalId: id,
  opinion: z.enum(OPINIONS),
  reason: z.string(),
});

/** Reads `withheld.json`. */
export function readWithheld(text: string): Result<WithheldRecord> {
  return readRecord(text, Withheld, 'why a proposal is withheld');
}

export function renderWithheld(record: WithheldRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}

const verdict = z.enum(['agrees', 'disagrees', 'differs', 'partly', 'unavailable', 'not-asked']);

const Opinions = z.object({
  schemaVersion: z.literal(1),
  proposalId: id,
  opinions: z.array(
    z.object({
      opinion: z.enum(OPINIONS),
      verdict,
      sentences: texts,
      details: z.array(
        z.object({
          policy: z.string(),
          document: z.optional(z.string()),
          verdict,
          sentences: texts,
          lists: z.optional(z.array(z.object({ title: z.string(), count, actions: texts }))),
        }),
      ),
    }),
  ),
});

/** Reads `opinions.json`. */
export function readOpinions(text: string): Result<z.infer<typeof Opinions>> {
  return readRecord(text, Opinions, 'the second opinions on a proposal');
}

const unusedEntry = z.object({ serviceNamespace: z.string(), actions: z.optional(texts) });

/** A refinement that the verifier rejected, or in which AWS found new access. */
const Replay = z.object({
  policy: z.unknown(),
  unused: z.array(unusedEntry),
  keep: texts,
  generalize: generalizeSchema,
  rejected: anything,
  /** What AWS said, if AWS rejected it. */
  answers: z.optional(texts),
});

/** Reads an object under `failures/`. */
export function readReplay(text: string): Result<z.infer<typeof Replay>> {
  return readRecord(text, Replay, 'the input of a refinement');
}

function readRecord<T>(text: string, schema: z.ZodMiniType<T>, what: string): Result<T> {
  const json = readJson(text);
  if (!json.ok) return json;
  const record = schema.safeParse(json.value);
  return record.success ? ok(record.data) : refuse(`not ${what} (unexpected ${placeIn(record.error)})`);
}
