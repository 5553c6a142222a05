import path from 'node:path';
import { replaceFile } from '../../lambda/adapters/files/folder-store.ts';
import { readText } from '../../lambda/adapters/files/read-text.ts';
import { REPORT_OBJECT } from '../../lambda/contract/object-keys.ts';
import {
  approvalOf,
  type Decision,
  decisionPhrase,
  rejectionOf,
} from '../../lambda/core/decision/decision.ts';
import { againstDecisions, candidateOf } from '../../lambda/core/proposal/against-decisions.ts';
import type { Proposal } from '../../lambda/core/proposal/schema.ts';
import { stampDecision } from '../../lambda/report/proposal/sections/card.ts';
import type { EntryState, RunEntry } from '../../lambda/report/run/run-overview.ts';

/* What decisions have the overview and the reports of a folder say. */

/** A proposal of an earlier run that a decision speaks against by now is not to be put in place. */
export function decidedState(
  proposal: Proposal,
  decisions: readonly Decision[],
): { readonly state?: EntryState } {
  const [first] = againstDecisions(proposal, decisions);
  if (first === undefined) return {};
  const isRejected = rejectionOf(decisions, candidateOf(proposal)) !== undefined;
  return { state: { name: isRejected ? 'rejected' : 'superseded', reason: first } };
}

/** Says of each proposal that somebody approved it, and what somebody keeps. */
export function withDecisions(
  entries: readonly RunEntry[],
  decisions: readonly Decision[],
): readonly RunEntry[] {
  if (decisions.length === 0) return entries;
  return entries.map((entry) => {
    const phrases = decidedAbout(entry, decisions);
    if (phrases.length === 0 || entry.state !== undefined) return entry;
    return { ...entry, remarks: [...(entry.remarks ?? []), ...phrases] };
  });
}

/** The reports say so, too. */
export function stampReports(
  out: string,
  entries: readonly RunEntry[],
  decisions: readonly Decision[],
): void {
  for (const entry of entries) {
    const phrases = decidedAbout(entry, decisions);
    const file = path.join(out, entry.path);
    if (phrases.length === 0 || path.basename(file) !== REPORT_OBJECT) continue;
    const before = readText(file);
    const after = stampDecision(before, phrases.join('; '));
    if (after !== before) replaceFile(file, after);
  }
}

function decidedAbout(
  { principal, kind, path: at }: RunEntry,
  decisions: readonly Decision[],
): readonly string[] {
  const { arn, accountId } = principal;
  const proposalId = at.split('/').at(-2) ?? '';
  const approval = approvalOf(decisions, { proposalId, kind, arn, accountId });
  const keeps = decisions.filter((one) => one.decision === 'keep' && one.about === arn);
  return [...(approval ? [approval] : []), ...keeps].map(decisionPhrase);
}
