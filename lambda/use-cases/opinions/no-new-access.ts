import { type ChangedDocument, changedDocuments } from '../../core/model/proposed-policy.ts';
import type { AccessCheck, OpinionDetail, OpinionResult } from '../../ports/opinions.ts';
import { pool } from '../../ports/pool.ts';
import {
  type Answer,
  ask,
  counted,
  type Opinion,
  overall,
  place,
  type Question,
  QUESTIONS,
  unanswered,
} from './ask.ts';
import { jsonObject, type JsonValue, renderJson } from '../../core/model/json.ts';
import type { ProposalFinding, DraftProposal } from '../../core/proposal/schema.ts';

const OPINION = 'no-new-access';

/**
 * Asks CheckNoNewAccess to compare each old document with each document that replaces it. Each part of a divided
 * policy must grant no more than the whole did. A FAIL contradicts the proof, so one of the two is wrong.
 */
export async function askNoNewAccess(question: Question): Promise<Opinion> {
  const { proposal, source, signal } = question;
  const documents = changedDocuments(proposal);
  const answers = await pool(documents, QUESTIONS, ({ policy, proposed }) =>
    ask(signal, (given) => source.checkNoNewAccess(policy.before, proposed.document, given)),
  );
  const refuted: { readonly document: ChangedDocument; readonly reason: string }[] = [];
  const details = documents.map((document, index): OpinionDetail => {
    const { policy, proposed } = document;
    const answer: Answer<AccessCheck> | undefined = answers[index];
    const at = { policy: policy.name, document: proposed.name };
    if (answer?.kind !== 'answered') {
      return { ...at, verdict: 'unavailable', sentences: [answer?.reason ?? 'AWS gave no answer'] };
    }
    const { result, sentences } = answer.value;
    if (result === 'PASS') return { ...at, verdict: 'agrees', sentences };
    const reason = `${place(policy.name, proposed.name)}: CheckNoNewAccess: ${result}: ${sentences.join(' ')}`;
    refuted.push({ document, reason });
    return { ...at, verdict: 'disagrees', sentences };
  });
  const result: OpinionResult = {
    opinion: OPINION,
    verdict: overall(details),
    sentences: [sentence(details)],
    details,
  };
  const [first] = refuted;
  if (!first) return { result };
  const reasons = refuted.map(({ reason }) => reason);
  return {
    result,
    block: { reasons, replay: opinionReplay(proposal, first.document, question.keep, reasons) },
  };
}

function sentence(details: readonly OpinionDetail[]): string {
  const documents = counted(details.length, 'new document');
  switch (overall(details)) {
    case 'not-asked':
      return 'No document is new, so there is no new access to look for.';
    case 'unavailable':
      return `AWS compared none of ${documents} with its original.`;
    case 'partly':
      return `AWS finds no new access in ${String(details.length - unanswered(details))} of ${documents}; about the others there is no answer.`;
    case 'agrees':
      return `AWS finds no new access in ${documents}, each compared with its original.`;
    case 'disagrees':
    case 'differs':
      return `AWS finds new access in ${String(details.filter(({ verdict }) => verdict === 'disagrees').length)} of ${documents}.`;
  }
}

/**
 * JSON text to replay a case that AWS's check contradicts, in the format of a rejected verification: the policy, the
 * finding, the settings, the result, and AWS's sentences.
 */
function opinionReplay(
  { finding, generalize }: DraftProposal,
  { policy }: ChangedDocument,
  keep: readonly string[],
  answers: readonly string[],
): string {
  return renderJson(
    jsonObject([
      ['policy', policy.before],
      ['unused', unusedOf(finding)],
      ['keep', keep],
      ['generalize', generalize],
      ['rejected', policy.after.map(({ document }) => document)],
      ['answers', answers],
    ]),
  );
}

/** The finding in the format that the `policy` command reads. */
function unusedOf({ unusedServices, unusedActions }: ProposalFinding): readonly JsonValue[] {
  const byService = new Map<string, string[]>();
  for (const action of unusedActions) {
    const colon = action.indexOf(':');
    const service = action.slice(0, colon);
    const names = byService.get(service) ?? [];
    names.push(action.slice(colon + 1));
    byService.set(service, names);
  }
  return [
    ...unusedServices.map((service) => jsonObject([['serviceNamespace', service]])),
    ...[...byService].map(([service, actions]) =>
      jsonObject([
        ['serviceNamespace', service],
        ['actions', actions],
      ]),
    ),
  ];
}
