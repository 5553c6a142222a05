import { FolderRepository } from '../../lambda/adapters/files/folder-repository.ts';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import { sha256 } from '../../lambda/adapters/node.ts';
import type { Decision } from '../../lambda/core/decision/decision.ts';
import { isAboutPrincipal } from '../../lambda/ports/proposals.ts';
import {
  type EntryState,
  type RunEntry,
  runEntry,
  type SharedEntry,
  sharedRunEntry,
} from '../../lambda/report/run/run-overview.ts';
import { decidedState } from './decided.ts';

/** Proposals under `--out` that a run did not handle. */
export interface StoredEntries {
  readonly entries: readonly RunEntry[];
  readonly shared: readonly SharedEntry[];
  /** One line for each that cannot be read. */
  readonly complaints: readonly string[];
}

/** Reads the proposals under `out`, except for prefixes that the run handled (`isKnown`). */
export function storedEntries(
  out: string,
  isKnown: (prefix: string) => boolean,
  decisions: readonly Decision[] = [],
): StoredEntries {
  const repository = FolderRepository.in(out);
  const complaints: string[] = [];
  const entries: RunEntry[] = [];
  const shared: SharedEntry[] = [];
  for (const prefix of [...repository.allPrefixes(), ...repository.sharedPrefixes()]) {
    if (isKnown(prefix)) continue;
    try {
      const proposal = repository.read(prefix);
      const about = { folder: prefix, hasReport: repository.hasReport(prefix) };
      const state = { ...decidedState(proposal, decisions), ...stateOf(repository, prefix) };
      if (isAboutPrincipal(proposal)) entries.push({ ...runEntry(proposal, about, sha256), ...state });
      else shared.push({ ...sharedRunEntry(proposal, about), ...state });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      complaints.push(error.message);
    }
  }
  return { entries, shared, complaints };
}

/** The state of a proposal when it was last judged; empty if it is current. */
function stateOf(repository: FolderRepository, prefix: string): { readonly state?: EntryState } {
  const said = repository.readState(prefix);
  if (said === undefined || said.state === 'current') return {};
  return { state: { name: said.state, reason: said.reason } };
}

/** The prefix of an entry, whose path is that of a file below it: `proposals/…/<proposalId>/`. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

/**
 * Adds to each of several proposals about one principal that there are others. They were made from different findings
 * (of two analyzers, or of two points in time), and applying one makes the others outdated.
 */
export function withRivals(entries: readonly RunEntry[]): readonly RunEntry[] {
  const byPrincipal = new Map<string, RunEntry[]>();
  for (const entry of entries) {
    if (entry.kind !== 'refine-permissions' || entry.state !== undefined) continue;
    byPrincipal.set(entry.principal.arn, [...(byPrincipal.get(entry.principal.arn) ?? []), entry]);
  }
  return entries.map((entry) => {
    const rivals = (byPrincipal.get(entry.principal.arn) ?? []).filter((other) => other !== entry);
    if (rivals.length === 0 || entry.kind !== 'refine-permissions' || entry.state !== undefined) return entry;
    const ids = rivals.map(({ path }) => folderOf(path).split('/').at(-2) ?? '');
    const text = `proposed for the same principal from another finding: ${ids.join(', ')}`;
    return { ...entry, remarks: [...(entry.remarks ?? []), text] };
  });
}
