import { STAR_NOTE } from '../../lambda/core/proposal/beyond-catalogue.ts';
import type { RefineProposal } from '../../lambda/core/proposal/schema.ts';
import type { ProposedPolicy, Generalize } from '../../lambda/core/model/proposed-policy.ts';
import { sha256 } from '../../lambda/adapters/node.ts';
import {
  type RunEntry,
  runEntry,
  type RunOther,
  type RunOverview,
  type SharedEntry,
} from '../../lambda/report/run/run-overview.ts';
import type { RefusedPolicy } from '../../lambda/core/proposal/refine-subject.ts';
import type { AccountOutcome } from '../../lambda/use-cases/propose/refine-account.ts';
import type { Catalogue } from '../../lambda/core/catalogue/catalogue.ts';
import { posix } from 'node:path';

/** What a run keeps of one outcome: plain data that threads can exchange, without documents. */
export type RunRecord = (ProposedRecord | Exclude<AccountOutcome, { readonly kind: 'proposed' }>) & {
  /** What could not be done for it, with reasons; sets exit status 1. */
  readonly complaints?: readonly string[];
  /** Other remarks, one line each. */
  readonly remarks?: readonly string[];
};

export interface ProposedRecord {
  readonly kind: 'proposed';
  readonly entry: RunEntry;
  readonly accessKeyId: string | undefined;
  /** What was done to make policies fit IAM's limits. */
  readonly fittings: readonly string[];
  /** The warnings of the proposal, and its note about a list that replaces `*`, for its line in the table. */
  readonly cautions: readonly string[];
  readonly refused: readonly RefusedPolicy[];
}

export function runRecord(outcome: AccountOutcome, hasReports: boolean): RunRecord {
  if (outcome.kind !== 'proposed') return outcome;
  const { proposal, stored, refused } = outcome;
  const isRefinement = proposal.kind === 'refine-permissions';
  return {
    kind: 'proposed',
    entry: runEntry(proposal, { folder: stored.prefix, hasReport: hasReports }, sha256),
    accessKeyId: isRefinement ? undefined : proposal.accessKeyId,
    fittings: isRefinement ? proposal.policies.flatMap(fittingRemark) : [],
    cautions: isRefinement ? cautionsOf(proposal) : [],
    refused,
  };
}

function cautionsOf({ warnings = [], notes }: RefineProposal): readonly string[] {
  const lists = notes.some((note) => note.startsWith(STAR_NOTE));
  return [
    ...warnings.map((warning) => `STOP: ${warning}`),
    ...(lists ? ['a list replaces "*": services that are unknown here are no longer granted'] : []),
  ];
}

function fittingRemark({ name, fitting, after }: ProposedPolicy): readonly string[] {
  if (!fitting) return [];
  if (fitting.steps.includes('split')) return [`${name} split over ${String(after.length)} policies to fit`];
  return [
    fitting.steps.includes('moved-to-managed')
      ? `${name} becomes a managed policy to fit`
      : `${name} shortened to fit`,
  ];
}

/** The data of a run's `index.html` and `summary.csv`. */
export function runOverview(
  records: readonly RunRecord[],
  catalogue: Catalogue,
  generalize: Generalize,
  engineVersion: string,
): RunOverview {
  const { origin, serviceCount, actionCount } = catalogue;
  return {
    catalogue: {
      source: origin.source,
      version: origin.version,
      services: serviceCount,
      actions: actionCount,
    },
    generalize,
    engineVersion,
    entries: records.flatMap((record) => (record.kind === 'proposed' ? [record.entry] : [])),
    others: records.flatMap(othersOf),
  };
}

function othersOf(record: RunRecord): readonly RunOther[] {
  switch (record.kind) {
    case 'proposed':
      return [];
    case 'unchanged': {
      const resource = record.principal.arn;
      return [
        { outcome: 'unchanged', resource, reason: record.reason },
        ...record.refused.map(({ policy, reason }): RunOther => ({
          outcome: 'refused',
          resource,
          reason: `policy ${policy}: ${reason}`,
        })),
      ];
    }
    case 'skipped':
      return [{ outcome: 'skipped', resource: record.resource, reason: record.reason }];
    case 'gone':
      return [{ outcome: 'gone', resource: record.resource, reason: 'the export lacks it' }];
    case 'failed':
      return [{ outcome: 'failed', resource: record.resource, reason: record.reason }];
    default:
      return record satisfies never;
  }
}

/** The output of `account --json`, with the proposals of this run only. */
export function runJson(run: RunOverview, problems: readonly string[]): Readonly<Record<string, unknown>> {
  const { engineVersion, catalogue, generalize, entries, others, shared = [] } = run;
  return {
    engineVersion,
    catalogue,
    generalize,
    proposals: entries.map(entryJson),
    shared: shared.map(sharedJson),
    others,
    problems,
  };
}

/** An entry without the members that only the index needs. */
function entryJson(entry: RunEntry): Readonly<Record<string, unknown>> {
  const isReported = ([name]: readonly [string, unknown]): boolean => !APART.has(name);
  return {
    principal: entry.principal.arn,
    ...placeOf(entry.path),
    ...Object.fromEntries(Object.entries(entry).filter(isReported)),
  };
}

const APART: ReadonlySet<string> = new Set(['principal', 'path', 'signature']);

function sharedJson({ subject, path, ...entry }: SharedEntry): Readonly<Record<string, unknown>> {
  return { subject: subject.arn, ...(path === undefined ? {} : placeOf(path)), ...entry };
}

/** The folder of a proposal below `--out`, and its id. */
function placeOf(path: string): { readonly path: string; readonly proposalId: string } {
  const folder = posix.dirname(path);
  return { path: `${folder}/`, proposalId: posix.basename(folder) };
}
