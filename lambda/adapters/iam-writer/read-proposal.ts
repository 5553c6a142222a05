import * as z from 'zod';
import { PROPOSAL_OBJECT, STATE_OBJECT, WITHHELD_OBJECT } from '../../contract/object-keys.ts';
import { isJsonArray, isJsonObject, type JsonValue } from '../../core/model/json.ts';
import type { Subject } from '../../core/model/subject.ts';
import type { Result } from '../../core/pattern/result.ts';
import { laterReading } from '../../core/proposal/last-use-reading.ts';
import { documentsByFile } from '../../core/plan/names.ts';
import type { Plan, PlanDocument } from '../../core/plan/schema.ts';
import { readJson } from '../../json/read-json.ts';
import type { ProposalStatus } from '../../ports/apply.ts';
import { AdapterError } from '../../ports/system.ts';
import { lastUseSchema, principalSchema, sharedKindSchema, subjectSchema } from '../../stored/parts.ts';
import { readProposalState, readWithheld } from '../../stored/proposal.ts';
import { checkShape } from '../files/check-shape.ts';
import { InputError } from '../files/input-error.ts';
import { PLAN } from './plan-schema.ts';

/** The folder of a proposal, and the folders of other proposals about the same subject. */
interface ProposalPlace {
  readonly address: string;
  read(name: string): Promise<string | undefined>;
  siblings(): Promise<readonly string[]>;
  readSibling(folder: string, name: string): Promise<string | undefined>;
}

/** The parts of a proposal that its execution needs. */
export interface ApplicableProposal {
  readonly proposalId: string;
  readonly subject: Subject;
  readonly plan: Plan;
  readonly documents: ReadonlyMap<string, JsonValue>;
  readonly status: ProposalStatus;
}

const ID = z.string().regex(/^[0-9a-f]{32}$/, 'proposalId must be 32 hexadecimal digits');

const COMMON = {
  schemaVersion: z.literal(1),
  proposalId: ID,
  plan: PLAN,
  warnings: z.array(z.string()).optional(),
  lastUse: z.optional(lastUseSchema),
  policies: z
    .array(z.object({ name: z.string(), after: z.array(z.object({ name: z.string() })) }))
    .optional(),
};

const OF_PRINCIPAL = z.object({
  ...COMMON,
  kind: z.enum(['refine-permissions', 'remove-role', 'remove-access-key', 'remove-password']),
  principal: principalSchema,
});

const SHARED = z.object({
  ...COMMON,
  kind: sharedKindSchema,
  subject: subjectSchema,
});

/**
 * Reads a proposal with its plan and its state.
 * @throws InputError if there is none, or it is not a proposal with a plan
 * @throws AdapterError if a bucket cannot be read
 */
export async function readProposal(place: ProposalPlace): Promise<ApplicableProposal> {
  const file = `${place.address}/${PROPOSAL_OBJECT}`;
  const text = await place.read(PROPOSAL_OBJECT);
  if (text === undefined) {
    throw new InputError(
      `${place.address}: holds no ${PROPOSAL_OBJECT}; give the folder of one proposal, ` +
        'proposals/<accountId>/<role|user>/<name>/<id> or shared/<accountId>/<policy|group>/<name>/<id>, or without the id',
    );
  }
  const root = parsed(text, file);
  if (isJsonObject(root) && root['schemaVersion'] === 1 && root['plan'] === undefined) {
    throw new InputError(`${file}: has no plan; make the proposal again with this version`);
  }
  const isShared = isJsonObject(root) && root['principal'] === undefined && root['subject'] !== undefined;
  const shape = isShared ? checkShape(SHARED, root, file) : checkShape(OF_PRINCIPAL, root, file);
  const { proposalId, plan, warnings = [], lastUse } = shape;
  const status = await statusOf(root, place);
  const reading = laterReading(lastUse && { ...lastUse, warnings }, status.state?.lastUse);
  return {
    proposalId,
    subject: 'subject' in shape ? shape.subject : shape.principal,
    plan: { ...plan, documents: ownDocuments(root) },
    documents: documentsByFile(policiesOf(root), ownDocuments(root)),
    status: { ...status, warnings: reading?.warnings ?? warnings },
  };
}

async function statusOf(root: JsonValue, place: ProposalPlace): Promise<Omit<ProposalStatus, 'warnings'>> {
  const analysed = datesOf(root);
  const state = await beside(STATE_OBJECT, readProposalState, place);
  const withheld = await beside(WITHHELD_OBJECT, readWithheld, place);
  const about = { analysedAt: analysed[0] ?? null, state, withheld: withheld?.reason };
  try {
    return { ...about, newer: await newerThan(analysed.at(-1), root, place), unknown: [] };
  } catch (error) {
    if (!(error instanceof AdapterError) || error.code !== 'access-denied') throw error;
    return {
      ...about,
      newer: [],
      unknown: [`whether there is a newer proposal is not known: ${error.message}`],
    };
  }
}

async function beside<T>(
  name: string,
  read: (text: string) => Result<T>,
  place: ProposalPlace,
): Promise<T | undefined> {
  const text = await place.read(name);
  if (text === undefined) return undefined;
  const value = read(text);
  if (!value.ok)
    throw new InputError(`${place.address}/${name}: ${value.problem}; delete it and recheck the proposal`);
  return value.value;
}

/** Other proposals about the same subject that are based on a newer finding and not superseded themselves. */
async function newerThan(
  latest: string | undefined,
  root: JsonValue,
  place: ProposalPlace,
): Promise<ProposalStatus['newer']> {
  if (latest === undefined) return [];
  const newer: { proposalId: string; analysedAt: string }[] = [];
  for (const sibling of await place.siblings()) {
    if (!/^[0-9a-f]{32}$/.test(sibling)) continue;
    const text = await place.readSibling(sibling, PROPOSAL_OBJECT);
    const other = text === undefined ? undefined : readJson(text);
    if (!other?.ok || !isAboutTheSame(root, other.value)) continue;
    const analysedAt = datesOf(other.value).at(-1);
    if (analysedAt === undefined || Date.parse(analysedAt) <= Date.parse(latest)) continue;
    const stateText = await place.readSibling(sibling, STATE_OBJECT);
    const state = stateText === undefined ? undefined : readProposalState(stateText);
    if (state?.ok && (state.value.state === 'superseded' || state.value.state === 'resolved')) continue;
    newer.push({ proposalId: sibling, analysedAt });
  }
  return newer;
}

/**
 * Whether two proposals exclude each other. A user may have proposals about a password, keys and permissions at the
 * same time; a role is either unused or refined.
 */
function isAboutTheSame(one: JsonValue, other: JsonValue): boolean {
  const subject = (root: JsonValue): JsonValue | undefined =>
    member(root, 'principal') ?? member(root, 'subject');
  if (text(member(subject(one), 'arn')) !== text(member(subject(other), 'arn'))) return false;
  if (member(subject(one), 'type') !== 'user') return true;
  return ['kind', 'accessKeyId'].every((name) => text(member(one, name)) === text(member(other, name)));
}

/** When the findings were last updated, oldest first. */
function datesOf(root: JsonValue): readonly string[] {
  const findings = [member(root, 'finding'), ...items(member(root, 'findings'))];
  return findings
    .map((finding) => text(member(finding, 'updatedAt')))
    .filter((date) => !Number.isNaN(Date.parse(date)))
    .sort((a, b) => Date.parse(a) - Date.parse(b));
}

function parsed(text: string, file: string): JsonValue {
  const json = readJson(text);
  if (!json.ok) throw new InputError(`${file}: ${json.problem}`);
  return json.value;
}

/** The documents come from the losslessly read text, in which numbers keep their spelling. */
function policiesOf(root: JsonValue) {
  return items(member(root, 'policies')).map((policy) => ({
    name: text(member(policy, 'name')),
    before: member(policy, 'before') ?? null,
    after: items(member(policy, 'after')).map((after) => ({ document: member(after, 'document') ?? null })),
  }));
}

function ownDocuments(root: JsonValue): readonly PlanDocument[] {
  return items(member(member(root, 'plan'), 'documents')).map((own) => ({
    file: text(member(own, 'file')),
    document: member(own, 'document') ?? null,
  }));
}

function member(value: JsonValue | undefined, key: string): JsonValue | undefined {
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function items(value: JsonValue | undefined): readonly JsonValue[] {
  return isJsonArray(value) ? value : [];
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
