import { posix } from 'node:path';
import type { RunEntry, RunOverview, SharedEntry } from '../../lambda/report/run/run-overview.ts';

/** What `account --json` prints of a run: what this run made and no other. */
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

/** Without what only the index needs. */
function entryJson(entry: RunEntry): Readonly<Record<string, unknown>> {
  const isTold = ([name]: readonly [string, unknown]): boolean => !APART.has(name);
  return {
    principal: entry.principal.arn,
    ...placeOf(entry.path),
    ...Object.fromEntries(Object.entries(entry).filter(isTold)),
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
