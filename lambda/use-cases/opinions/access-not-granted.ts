import { type ChangedDocument, changedDocuments } from '../../core/model/proposed-policy.ts';
import { type AccessCheck, ACTIONS_PER_CHECK, type OpinionDetail } from '../../ports/opinions.ts';
import { pool } from '../../ports/pool.ts';
import { type Answer, ask, counted, type Opinion, overall, type Question, QUESTIONS } from './ask.ts';

/** The most calls for one finding. Each costs money, and a wholly unused `*` alone would take hundreds. */
const MOST_CALLS = 10;

interface Part {
  readonly document: ChangedDocument;
  readonly actions: readonly string[];
}

/**
 * Asks CheckAccessNotGranted about every document that replaces a policy, for the actions that the policy no longer
 * grants. Another policy of the principal may still grant such an action, so each policy is checked only for its own
 * actions. A FAIL is shown and blocks nothing: it says that a document might grant one of the actions, not that it
 * grants more than its original.
 */
export async function askAccessNotGranted({ proposal, source, signal }: Question): Promise<Opinion> {
  const parts = changedDocuments(proposal).flatMap((document) =>
    portions(document.policy.removed).map((actions): Part => ({ document, actions })),
  );
  const asked = parts.slice(0, MOST_CALLS);
  const answers = await pool(asked, QUESTIONS, ({ document, actions }) =>
    ask(signal, (given) => source.checkAccessNotGranted(document.proposed.document, actions, given)),
  );
  const details = [...new Set(parts.map(({ document }) => document))].map((document) => {
    const own = parts.flatMap((part, index) =>
      part.document === document ? [{ part, answer: answers[index] }] : [],
    );
    return detail(document, own);
  });
  return {
    result: {
      opinion: 'access-not-granted',
      verdict: overall(details),
      sentences: sentences(details, parts, asked.length),
      details,
    },
  };
}

function portions(actions: readonly string[]): readonly (readonly string[])[] {
  const result: (readonly string[])[] = [];
  for (let start = 0; start < actions.length; start += ACTIONS_PER_CHECK) {
    result.push(actions.slice(start, start + ACTIONS_PER_CHECK));
  }
  return result;
}

/** `answer` is undefined if the limit of calls prevented the request. */
function detail(
  { policy, proposed }: ChangedDocument,
  own: readonly { readonly part: Part; readonly answer: Answer<AccessCheck> | undefined }[],
): OpinionDetail {
  const said: string[] = [];
  const silent: string[] = [];
  let denied = 0;
  let passed = 0;
  let notAsked = 0;
  for (const { part, answer } of own) {
    if (answer === undefined) notAsked += part.actions.length;
    else if (answer.kind === 'unavailable') silent.push(answer.reason);
    else {
      said.push(...answer.value.sentences);
      if (answer.value.result === 'FAIL') denied += 1;
      else passed += part.actions.length;
    }
  }
  const isWhole = silent.length === 0 && notAsked === 0;
  return {
    policy: policy.name,
    document: proposed.name,
    verdict: denied > 0 ? 'disagrees' : passed === 0 ? 'unavailable' : isWhole ? 'agrees' : 'partly',
    sentences: [
      ...(passed > 0 ? [`AWS finds that it grants none of ${counted(passed, 'removed action')}.`] : []),
      ...(denied > 0 ? ['AWS finds that it might still grant some of what was removed.'] : []),
      ...new Set(said),
      ...new Set(silent),
      ...(notAsked > 0 ? [`AWS was not asked about ${counted(notAsked, 'action')}.`] : []),
    ],
  };
}

function sentences(
  details: readonly OpinionDetail[],
  parts: readonly Part[],
  asked: number,
): readonly string[] {
  const kept = parts.slice(asked).reduce((sum, { actions }) => sum + actions.length, 0);
  const rest =
    kept === 0
      ? []
      : [
          `${counted(kept, 'action')} were not asked about: at most ${String(MOST_CALLS)} calls are made for a finding.`,
        ];
  const documents = counted(details.length, 'new document');
  switch (overall(details)) {
    case 'not-asked':
      return ['No new document replaces one that granted more, so there was nothing to ask.'];
    case 'unavailable':
      return [`AWS said of none of ${documents} whether the removed actions are gone.`, ...rest];
    case 'disagrees':
      return [
        `AWS finds that removed actions might still be granted. Read its answer before you apply.`,
        ...rest,
      ];
    case 'partly':
      return [`AWS finds none of the removed actions that it looked for in ${documents}.`, ...rest];
    case 'agrees':
    case 'differs':
      return [`AWS finds none of the removed actions in ${documents}.`];
  }
}
