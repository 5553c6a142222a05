import * as z from 'zod/mini';
import { ok, refuse, type Result } from '../core/pattern/result.ts';
import { proposalPrefix } from '../contract/object-keys.ts';
import type { PrincipalRef } from '../core/model/principal.ts';
import type { RiskFacts, RiskSummary } from '../core/risk/risk.ts';
import type { FindingType, ProposalCatalogue, ProposalKind, Summary } from '../core/proposal/schema.ts';
import { aboutPrincipals, isShared, type PrincipalFacts, type ProposalFacts } from '../ports/proposals.ts';
import type { Announced } from '../ports/notify.ts';
import {
  adviceSchema,
  catalogueSchema,
  count,
  dispositionSchema,
  generalizeSchema,
  grantSourceSchema,
  levelCountsSchema,
  parseJson,
  principalSchema,
  sharedKindSchema,
  subjectSchema,
  summarySchema,
} from './parts.ts';

/* `index.json`, the data of the overview of all proposals, and `announced.json`. */

/** The weight and the number of high-impact actions, then the counts by level. */
const riskSummarySchema = z.tuple([count, count, count, count, count, count, count, count]);

const riskRowSchema = z.object({
  removed: riskSummarySchema,
  remaining: z.optional(riskSummarySchema),
  riskiest: z.optional(z.array(z.string())),
  isHardlyWorth: z.optional(z.literal(true)),
});
type RiskRow = z.infer<typeof riskRowSchema>;

/** Why a proposal is no longer current. */
const stateSchema = z.object({
  name: z.enum(['applied', 'resolved', 'superseded']),
  reason: z.string(),
});

/**
 * A row of `index.json`. It has only what the overview shows and what cannot be derived from the rest, because up to a
 * hundred thousand rows are read and written for each batch. Only policies that could not be refined are listed.
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
  /** Index in the list of catalogues. */
  catalogue: z.optional(count),
  generalize: z.optional(generalizeSchema),
  refused: z.optional(z.array(z.object({ source: grantSourceSchema, name: z.string(), reason: z.string() }))),
  risk: z.optional(riskRowSchema),
  retained: z.optional(count),
  residue: z.optional(count),
  accessKeyId: z.optional(z.string()),
  warnings: z.optional(z.array(z.string())),
  decisions: z.optional(z.array(z.string())),
  state: z.optional(stateSchema),
  unannounced: z.optional(z.literal(true)),
  remark: z.optional(z.string()),
  /** Only if the ARN does not say it. */
  principal: z.optional(principalSchema),
});
type Row = z.infer<typeof rowSchema>;

const riskFactsSchema = z.object({ weight: count, highImpact: count, levels: levelCountsSchema });

/** There are few rows about shared policies and groups, so these store the facts as they are. */
const sharedRowSchema = z.object({
  prefix: z.string(),
  proposalId: z.string(),
  kind: sharedKindSchema,
  subject: subjectSchema,
  owner: z.optional(z.string()),
  principals: count,
  summary: summarySchema,
  catalogue: catalogueSchema,
  generalize: generalizeSchema,
  policies: z.array(
    z.object({
      source: grantSourceSchema,
      name: z.string(),
      disposition: dispositionSchema,
      reason: z.string(),
      removed: count,
    }),
  ),
  risk: z.optional(
    z.object({
      removed: riskFactsSchema,
      remaining: z.optional(riskFactsSchema),
      riskiest: z.array(z.string()),
      isHardlyWorth: z.optional(z.literal(true)),
    }),
  ),
  retained: count,
  advice: adviceSchema,
  warnings: z.optional(z.array(z.string())),
  decisions: z.optional(z.array(z.string())),
  state: z.optional(stateSchema),
  unannounced: z.optional(z.literal(true)),
});

const IndexData = z.object({
  schemaVersion: z.literal(1),
  catalogues: z.array(catalogueSchema),
  proposals: z.array(rowSchema),
  shared: z.array(sharedRowSchema),
});

/** The text of `index.json`, with one line for each proposal, so that it can be searched with line-based tools. */
export function renderIndexData(proposals: readonly ProposalFacts[]): string {
  const catalogues = new Map<string, number>();
  const rows = lines(aboutPrincipals(proposals).map((facts) => rowOf(facts, catalogues)));
  const shared = lines(proposals.filter(isShared));
  const list = [...catalogues.keys()].join(',');
  return `{"schemaVersion":1,"catalogues":[${list}],"proposals":${rows},"shared":${shared}}\n`;
}

function lines(rows: readonly object[]): string {
  return rows.length === 0 ? '[]' : `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]`;
}

export function readIndexData(text: string): Result<readonly ProposalFacts[]> {
  const json = parseJson(text);
  const index = IndexData.safeParse(json.ok ? json.value : undefined);
  if (!index.success) return refuse('it is not an overview of schema version 1');
  const { proposals, catalogues, shared } = index.data;
  return ok([...proposals.map((row) => factsOf(row, catalogues)), ...shared]);
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
    risk: facts.risk && riskRow(facts.risk),
    retained: retained || undefined,
    residue: residue || undefined,
    accessKeyId: facts.accessKeyId,
    warnings: facts.warnings && [...facts.warnings],
    decisions: facts.decisions && [...facts.decisions],
    state: facts.state,
    unannounced: facts.unannounced,
    remark: facts.remark,
    principal: isSame(principal, principalOf(principal.arn)) ? undefined : principal,
  };
}

function riskRow({ removed, remaining, riskiest, isHardlyWorth }: RiskFacts): RiskRow {
  return {
    removed: riskNumbers(removed),
    ...(remaining === undefined ? {} : { remaining: riskNumbers(remaining) }),
    ...(riskiest.length === 0 ? {} : { riskiest: [...riskiest] }),
    ...(isHardlyWorth === undefined ? {} : { isHardlyWorth }),
  };
}

function riskNumbers({ weight, highImpact, levels }: RiskSummary): RiskRow['removed'] {
  const { list, read, tagging, write, permissions, unknown } = levels;
  return [weight, highImpact, list, read, tagging, write, permissions, unknown];
}

function riskOfRow({ removed, remaining, riskiest = [], isHardlyWorth }: RiskRow): RiskFacts {
  return {
    removed: riskOfNumbers(removed),
    ...(remaining === undefined ? {} : { remaining: riskOfNumbers(remaining) }),
    riskiest,
    ...(isHardlyWorth === undefined ? {} : { isHardlyWorth }),
  };
}

function riskOfNumbers(numbers: RiskRow['removed']): RiskSummary {
  const [weight, highImpact, list, read, tagging, write, permissions, unknown] = numbers;
  return { weight, highImpact, levels: { list, read, tagging, write, permissions, unknown } };
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
    ...(row.risk === undefined ? {} : { risk: riskOfRow(row.risk) }),
    retained: row.retained ?? 0,
    residue: row.residue ?? 0,
    accessKeyId: row.accessKeyId,
    ...(row.warnings === undefined ? {} : { warnings: row.warnings }),
    ...(row.decisions === undefined ? {} : { decisions: row.decisions }),
    ...(row.state === undefined ? {} : { state: row.state }),
    ...(row.unannounced === undefined ? {} : { unannounced: row.unannounced }),
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

/** The principal that an ARN names. Rows whose ARN does not determine the principal store it separately. */
function principalOf(arn: string): PrincipalRef {
  const match = /^arn:[^:]*:iam::(\d*):(role|user)(\/(?:.*\/)?)([^/]*)$/.exec(arn);
  const [, accountId = '', type = 'role', path = '/', name = ''] = match ?? [];
  return { arn, type: type === 'user' ? 'user' : 'role', name, path, accountId };
}

function isSame(a: PrincipalRef, b: PrincipalRef): boolean {
  return a.type === b.type && a.name === b.name && a.path === b.path && a.accountId === b.accountId;
}

/** `announced.json`: `{"schemaVersion":1,"digest":"0f3a…","proposals":5120}` */
const AnnouncedData = z.object({ schemaVersion: z.literal(1), digest: z.string(), proposals: count });

export function renderAnnounced({ digest, proposals }: Announced): string {
  return `${JSON.stringify({ schemaVersion: 1, digest, proposals })}\n`;
}

export function readAnnounced(text: string): Result<Announced> {
  const json = parseJson(text);
  const stored = AnnouncedData.safeParse(json.ok ? json.value : undefined);
  if (!stored.success) return refuse('it does not say what was announced');
  const { digest, proposals } = stored.data;
  return ok({ digest, proposals });
}
