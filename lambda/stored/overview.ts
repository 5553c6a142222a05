import * as z from 'zod/mini';
import { proposalPrefix } from '../contract/object-keys.ts';
import type { PrincipalRef } from '../core/model/principal.ts';
import type { FindingType, ProposalCatalogue, ProposalKind, Summary } from '../core/proposal/schema.ts';
import { aboutPrincipals, isShared, type PrincipalFacts, type ProposalFacts } from '../ports/proposals.ts';
import {
  catalogueSchema,
  factsSchema,
  generalizeSchema,
  grantSourceSchema,
  principalSchema,
  stateSchema,
} from './proposal-facts.ts';
import { sharedRowSchema } from './shared-facts.ts';

const count = z.number().check(z.int(), z.nonnegative());

/**
 * A row of `index.json`, version 2. It holds what the overview shows, and nothing that follows from the rest: a
 * hundred thousand rows are read and written for each batch. Of policies only those are there that could not be refined.
 */
const rowSchema = z.object({
  arn: z.string(),
  proposalId: z.string(),
  kind: z.enum(['refine-permissions', 'remove-role', 'remove-access-key', 'remove-password']),
  findingId: z.string(),
  signature: z.string(),
  owner: z.optional(z.string()),
  /** The members of a summary, in their order. */
  summary: z.optional(z.tuple([count, count, count, count, count, count])),
  /** Place among the catalogues. */
  catalogue: z.optional(count),
  generalize: z.optional(generalizeSchema),
  refused: z.optional(z.array(z.object({ source: grantSourceSchema, name: z.string(), reason: z.string() }))),
  retained: z.optional(count),
  residue: z.optional(count),
  accessKeyId: z.optional(z.string()),
  state: z.optional(stateSchema),
  remark: z.optional(z.string()),
  /** Where the ARN does not say it. */
  principal: z.optional(principalSchema),
});
type Row = z.infer<typeof rowSchema>;

const IndexData = z.discriminatedUnion('schemaVersion', [
  z.object({ schemaVersion: z.literal(1), proposals: z.array(factsSchema) }),
  z.object({
    schemaVersion: z.literal(2),
    catalogues: z.array(catalogueSchema),
    proposals: z.array(rowSchema),
    /** About what is shared; absent where it was written before there were any. */
    shared: z.optional(z.array(sharedRowSchema)),
  }),
]);

/** Text of `index.json`: a line a proposal, so that it can be looked through with the usual tools. */
export function renderIndexData(proposals: readonly ProposalFacts[]): string {
  const catalogues = new Map<string, number>();
  const rows = aboutPrincipals(proposals).map((facts) => JSON.stringify(rowOf(facts, catalogues)));
  const list = [...catalogues.keys()].join(',');
  const shared = proposals.filter(isShared).map((facts) => JSON.stringify(facts));
  const sharedRows = shared.length === 0 ? '' : `,"shared":[\n${shared.join(',\n')}\n]`;
  return `{"schemaVersion":2,"catalogues":[${list}],"proposals":[\n${rows.join(',\n')}\n]${sharedRows}}\n`;
}

/** Undefined where the text is something else. */
export function readIndexData(text: string): readonly ProposalFacts[] | undefined {
  const data = IndexData.safeParse(parse(text));
  if (!data.success) return undefined;
  const index = data.data;
  if (index.schemaVersion === 2) {
    return [...index.proposals.map((row) => factsOf(row, index.catalogues)), ...(index.shared ?? [])];
  }
  return index.proposals.map((facts) => ({
    ...facts,
    summary: facts.summary,
    catalogue: facts.catalogue,
    generalize: facts.generalize,
    accessKeyId: facts.accessKeyId,
  }));
}

function rowOf(facts: PrincipalFacts, catalogues: Map<string, number>): Row {
  const { principal, summary, catalogue, policies, retained, residue } = facts;
  const refused = policies
    .filter(({ disposition }) => disposition === 'refused')
    .map(({ source, name, reason }) => ({ source, name, reason }));
  return {
    arn: principal.arn,
    proposalId: facts.proposalId,
    kind: facts.kind,
    findingId: facts.findingId,
    signature: facts.signature,
    owner: facts.owner,
    summary: summary && [
      summary.actionsGrantedBefore,
      summary.actionsGrantedAfter,
      summary.servicesGrantedBefore,
      summary.servicesGrantedAfter,
      summary.charactersBefore,
      summary.charactersAfter,
    ],
    catalogue: catalogue && placeOf(catalogue, catalogues),
    generalize: facts.generalize,
    refused: refused.length === 0 ? undefined : refused,
    retained: retained || undefined,
    residue: residue || undefined,
    accessKeyId: facts.accessKeyId,
    state: facts.state,
    remark: facts.remark,
    principal: isSame(principal, principalOf(principal.arn)) ? undefined : principal,
  };
}

function placeOf(catalogue: ProposalCatalogue, catalogues: Map<string, number>): number {
  const text = JSON.stringify(catalogue);
  const place = catalogues.get(text) ?? catalogues.size;
  catalogues.set(text, place);
  return place;
}

const FINDING_TYPES: Readonly<Record<ProposalKind, FindingType>> = {
  'refine-permissions': 'UnusedPermission',
  'remove-role': 'UnusedIAMRole',
  'remove-access-key': 'UnusedIAMUserAccessKey',
  'remove-password': 'UnusedIAMUserPassword',
};

function factsOf(row: Row, catalogues: readonly ProposalCatalogue[]): PrincipalFacts {
  const principal = row.principal ?? principalOf(row.arn);
  return {
    prefix: proposalPrefix(principal, row.proposalId),
    proposalId: row.proposalId,
    kind: row.kind,
    principal,
    ...(row.owner === undefined ? {} : { owner: row.owner }),
    findingId: row.findingId,
    findingType: FINDING_TYPES[row.kind],
    signature: row.signature,
    summary: row.summary && summaryOf(row.summary),
    catalogue: row.catalogue === undefined ? undefined : catalogues[row.catalogue],
    generalize: row.generalize,
    policies: (row.refused ?? []).map((policy) => ({ ...policy, disposition: 'refused', removed: 0 })),
    retained: row.retained ?? 0,
    residue: row.residue ?? 0,
    accessKeyId: row.accessKeyId,
    ...(row.state === undefined ? {} : { state: row.state }),
    ...(row.remark === undefined ? {} : { remark: row.remark }),
  };
}

function summaryOf([a, b, c, d, e, f]: NonNullable<Row['summary']>): Summary {
  return {
    actionsGrantedBefore: a,
    actionsGrantedAfter: b,
    servicesGrantedBefore: c,
    servicesGrantedAfter: d,
    charactersBefore: e,
    charactersAfter: f,
  };
}

/** Who an ARN is about, as far as it says so; rows where it does not say the whole truth carry the principal too. */
function principalOf(arn: string): PrincipalRef {
  const match = /^arn:[^:]*:iam::(\d*):(role|user)(\/(?:.*\/)?)([^/]*)$/.exec(arn);
  const [, accountId = '', type = 'role', path = '/', name = ''] = match ?? [];
  return { arn, type: type === 'user' ? 'user' : 'role', name, path, accountId };
}

function isSame(a: PrincipalRef, b: PrincipalRef): boolean {
  return a.type === b.type && a.name === b.name && a.path === b.path && a.accountId === b.accountId;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
