import path from 'node:path';
import { replaceFile } from '../../lambda/adapters/files/folder-store.ts';
import { readText } from '../../lambda/adapters/files/read-text.ts';
import { REPORT_OBJECT } from '../../lambda/contract/object-keys.ts';
import { type Decision, decisionsAbout, rejectionOf } from '../../lambda/core/decision/decision.ts';
import { againstDecisions, candidateOf } from '../../lambda/core/proposal/against-decisions.ts';
import type { Proposal } from '../../lambda/core/proposal/schema.ts';
import { stampDecision } from '../../lambda/report/proposal/sections/card.ts';
import type { EntryState, RunEntry, RunOverview, SharedEntry } from '../../lambda/report/run/run-overview.ts';

/* Shows decisions in the overview and the reports of a folder. */

/** The state of a proposal of an earlier run that a decision has rejected since. */
export function decidedState(
  proposal: Proposal,
  decisions: readonly Decision[],
): { readonly state?: EntryState } {
  const [first] = againstDecisions(proposal, decisions);
  if (first === undefined) return {};
  const isRejected = rejectionOf(decisions, candidateOf(proposal)) !== undefined;
  return { state: { name: isRejected ? 'rejected' : 'superseded', reason: first } };
}

/** Adds to each current proposal who approved it, and what somebody keeps. */
export function withDecisions<Run extends Pick<RunOverview, 'entries' | 'shared'>>(
  run: Run,
  decisions: readonly Decision[],
): Run {
  if (decisions.length === 0) return run;
  const decided = <E extends RunEntry | SharedEntry>(entry: E): E => {
    const phrases = decidedAbout(entry, decisions);
    return phrases.length === 0 || entry.state !== undefined ? entry : { ...entry, decisions: phrases };
  };
  const { entries, shared } = run;
  return {
    ...run,
    entries: entries.map(decided),
    ...(shared === undefined ? {} : { shared: shared.map(decided) }),
  };
}

/** Shows the decisions in the reports too. */
export function stampReports(
  out: string,
  { entries, shared = [] }: Pick<RunOverview, 'entries' | 'shared'>,
  decisions: readonly Decision[],
): void {
  for (const entry of [...entries, ...shared]) {
    const phrases = decidedAbout(entry, decisions);
    const file = path.join(out, entry.path ?? '');
    if (phrases.length === 0 || path.basename(file) !== REPORT_OBJECT) continue;
    const before = readText(file);
    const after = stampDecision(before, phrases.join('; '));
    if (after !== before) replaceFile(file, after);
  }
}

/** The decisions about a proposal: why it was rejected, or else who accepted it and what somebody keeps. */
export function decisionsOn(proposal: Proposal, decisions: readonly Decision[]): readonly string[] {
  const against = againstDecisions(proposal, decisions);
  return against.length > 0 ? against : decisionsAbout(candidateOf(proposal), decisions);
}

/** Who accepted a proposal of an overview, and what somebody keeps of it; one clause for each decision. */
export function decidedAbout(
  entry: RunEntry | SharedEntry,
  decisions: readonly Decision[],
): readonly string[] {
  const { path: at } = entry;
  if (at === undefined) return [];
  const about =
    'principal' in entry
      ? { kind: entry.kind, ...entry.principal }
      : { kind: SHARED_KIND[entry.subject.type], ...entry.subject };
  return decisionsAbout({ ...about, proposalId: at.split('/').at(-2) ?? '' }, decisions);
}

const SHARED_KIND = { policy: 'refine-shared-policy', group: 'refine-group' } as const;
