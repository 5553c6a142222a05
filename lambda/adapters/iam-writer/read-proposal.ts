import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { isJsonArray, isJsonObject, type JsonValue } from '../../core/model/json.ts';
import type { PrincipalRef } from '../../core/model/principal.ts';
import { documentsByFile } from '../../core/plan/documents.ts';
import type { Plan, PlanDocument } from '../../core/plan/schema.ts';
import { checkShape } from '../files/check-shape.ts';
import { InputError } from '../files/input-error.ts';
import { readText } from '../files/read-text.ts';
import { readJson } from '../../json/read-json.ts';
import { PLAN } from './plan-schema.ts';

/** What executing a proposal needs of it. */
export interface ApplicableProposal {
  readonly proposalId: string;
  readonly kind: string;
  readonly principal: PrincipalRef;
  readonly plan: Plan;
  readonly documents: ReadonlyMap<string, JsonValue>;
  /** The folder that the file lies in. */
  readonly folder: string;
}

const PROPOSAL = z.object({
  schemaVersion: z.literal(1),
  proposalId: z.string().regex(/^[0-9a-f]{32}$/, 'proposalId must be 32 hexadecimal digits'),
  kind: z.enum(['refine-permissions', 'remove-role', 'remove-access-key', 'remove-password']),
  principal: z.object({
    arn: z.string(),
    type: z.enum(['role', 'user']),
    name: z.string(),
    path: z.string(),
    accountId: z.string(),
  }),
  plan: PLAN,
  policies: z
    .array(z.object({ name: z.string(), after: z.array(z.object({ name: z.string() })) }))
    .optional(),
});

/**
 * Reads `proposal.json`, from its own path or its folder's.
 * @throws InputError when there is none, or it is not a proposal with a plan
 */
export function readProposal(path: string): ApplicableProposal {
  const file = existsSync(path) && statSync(path).isDirectory() ? join(path, 'proposal.json') : path;
  const json = readJson(readText(file));
  if (!json.ok) throw new InputError(`${file}: ${json.problem}`);
  const root = json.value;
  const about = text(member(root, 'kind'));
  if (about === 'refine-shared-policy' || about === 'refine-group') {
    throw new InputError(
      `${file}: is about a shared policy or a group, which this command does not take; see show --format commands`,
    );
  }
  if (isJsonObject(root) && root['schemaVersion'] === 1 && root['plan'] === undefined) {
    throw new InputError(`${file}: has no plan; make the proposal again with this version`);
  }
  const { proposalId, kind, principal, plan } = checkShape(PROPOSAL, root, file);
  return {
    proposalId,
    kind,
    principal,
    plan: { ...plan, documents: ownDocuments(root) },
    documents: documentsByFile(policiesOf(root), ownDocuments(root)),
    folder: dirname(file),
  };
}

/** Documents are taken from the text as it was read, where no number has lost its spelling. */
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
