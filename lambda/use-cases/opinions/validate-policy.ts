import { changedDocuments, changedPolicies, type ProposedPolicy } from '../../core/model/proposed-policy.ts';
import type { OpinionDetail, OpinionResult, PolicyIssue } from '../../ports/opinions.ts';
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

/** One issue that the policy validation reports. */
interface Issue {
  readonly type: string;
  readonly code: string;
  readonly sentence: string;
}

/**
 * The issues of a new document that the old one does not have, each once. Two issues are the same if type, code and
 * text are; their position does not count, because refining moves statements.
 */
function newIssues<I extends Issue>(before: readonly Issue[], after: readonly I[]): readonly I[] {
  const seen = new Set(before.map(keyOf));
  return after.filter((issue) => {
    const key = keyOf(issue);
    return !seen.has(key) && seen.add(key);
  });
}

function keyOf({ type, code, sentence }: Issue): string {
  return JSON.stringify([type, code, sentence]);
}

const OPINION = 'validate-policy';

/** How many issues of one document are quoted before the rest is only counted. */
const MOST = 20;

/**
 * Asks ValidatePolicy about every new document and its original. Only an error that the original does not have blocks
 * the proposal, because the refinement did not cause the others.
 */
export async function askValidatePolicy({ proposal, source, signal }: Question): Promise<Opinion> {
  const validate = (document: ProposedPolicy['before']): Promise<Answer<readonly PolicyIssue[]>> =>
    ask(signal, (given) => source.validatePolicy(document, given));
  const policies = changedPolicies(proposal);
  const documents = changedDocuments(proposal);
  const answers = await pool(
    [...policies.map(({ before }) => before), ...documents.map(({ proposed }) => proposed.document)],
    QUESTIONS,
    validate,
  );
  const reasons: string[] = [];
  const details = documents.map(({ policy, proposed }, index): OpinionDetail => {
    const before = answers[policies.indexOf(policy)];
    const after = answers[policies.length + index];
    const at = { policy: policy.name, document: proposed.name };
    const silent = [before, after].find((answer) => answer?.kind === 'unavailable');
    if (before?.kind !== 'answered' || after?.kind !== 'answered') {
      const why = silent?.kind === 'unavailable' ? silent.reason : 'AWS gave no answer';
      return { ...at, verdict: 'unavailable', sentences: [why] };
    }
    const issues = newIssues(before.value, after.value);
    const errors = issues.filter(({ type }) => type === 'ERROR');
    reasons.push(...errors.map((error) => `${place(policy.name, proposed.name)}: ${quoted(error)}`));
    return {
      ...at,
      verdict: errors.length > 0 ? 'disagrees' : 'agrees',
      sentences: [
        issues.length === 0
          ? 'AWS reports nothing about it that it does not report about the original.'
          : `AWS reports ${counted(issues.length, 'thing')} that it does not report about the original.`,
        ...issues.slice(0, MOST).map(quoted),
        ...(issues.length > MOST ? [`And ${String(issues.length - MOST)} more.`] : []),
      ],
    };
  });
  const result: OpinionResult = {
    opinion: OPINION,
    verdict: overall(details),
    sentences: [sentence(details, reasons.length)],
    details,
  };
  return reasons.length === 0 ? { result } : { result, block: { reasons, replay: undefined } };
}

function quoted({ type, code, sentence: words }: PolicyIssue): string {
  return `ValidatePolicy: ${type} ${code}: ${words}`;
}

function sentence(details: readonly OpinionDetail[], errors: number): string {
  if (details.length === 0) return 'No document is new, so there was nothing to validate.';
  const silent = unanswered(details);
  if (silent === details.length) return `AWS validated none of ${counted(details.length, 'new document')}.`;
  const rest = silent === 0 ? '' : ` About ${String(silent)} of them there is no answer.`;
  return errors > 0
    ? `AWS finds ${counted(errors, 'error')} in ${counted(details.length, 'new document')} that the original does not have.${rest}`
    : `AWS finds no error in ${counted(details.length, 'new document')} that the original does not have.${rest}`;
}
