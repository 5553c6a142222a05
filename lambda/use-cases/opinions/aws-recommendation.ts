import {
  compareRecommendation,
  type PolicyRecommendation,
} from '../../core/opinion/compare-recommendation.ts';
import type { OpinionDetail, OpinionList, OpinionResult } from '../../ports/opinions.ts';
import { ask, counted, type Opinion, overall, type Question } from './ask.ts';

const OPINION = 'aws-recommendation';

/** How many actions are listed under one heading before the rest is only counted. */
const MOST_ACTIONS = 50;

/**
 * Compares AWS's recommendation for the finding with the proposal, by what each grants. Both may be right, so this
 * never blocks.
 */
export async function askRecommendation({ proposal, universe, source, signal }: Question): Promise<Opinion> {
  const { id: findingId, analyzerArn } = proposal.finding;
  if (analyzerArn === null) return unavailable('the finding does not say which analyzer made it');
  const answer = await ask(signal, (given) => source.recommend({ analyzerArn, findingId }, given));
  if (answer.kind === 'unavailable') return unavailable(answer.reason);
  if (answer.value.kind === 'failed') return unavailable(answer.value.reason);
  const { policies, strangers } = compareRecommendation(proposal, universe, answer.value.steps);
  const details = policies.map(detail);
  const verdict = overall(details);
  return {
    result: {
      opinion: OPINION,
      verdict: verdict === 'agrees' && strangers.length > 0 ? 'differs' : verdict,
      sentences: [
        summary(policies),
        ...strangers.map(
          (id) => `AWS also recommends something for ${id}, which this principal does not have now.`,
        ),
      ],
      details,
    },
  };
}

function unavailable(reason: string): Opinion {
  const sentences = [`There is no recommendation of AWS to compare with: ${reason}`];
  return {
    result: { opinion: OPINION, verdict: 'unavailable', sentences, details: [] } satisfies OpinionResult,
  };
}

function detail(comparison: PolicyRecommendation): OpinionDetail {
  const { policy } = comparison;
  if (comparison.kind === 'unreadable') {
    return { policy: policy.name, verdict: 'unavailable', sentences: [`${comparison.problem}.`] };
  }
  const { awsKeeps, weKeep } = comparison;
  if (awsKeeps.length === 0 && weKeep.length === 0) {
    return { policy: policy.name, verdict: 'agrees', sentences: ['Both leave the same actions granted.'] };
  }
  const sentences: string[] = [];
  const lists: OpinionList[] = [];
  if (awsKeeps.length > 0) {
    sentences.push(`AWS keeps ${counted(awsKeeps.length, 'action')} that we remove as unused.`);
    lists.push(list('AWS keeps, we remove', awsKeeps));
  }
  for (const { reason, actions } of weKeep) {
    sentences.push(`We keep ${counted(actions.length, 'action')} that AWS removes, because ${reason}.`);
    lists.push(list(`We keep, AWS removes: ${reason}`, actions));
  }
  return { policy: policy.name, verdict: 'differs', sentences, lists };
}

function list(title: string, actions: readonly string[]): OpinionList {
  return { title, count: actions.length, actions: actions.slice(0, MOST_ACTIONS) };
}

function summary(policies: readonly PolicyRecommendation[]): string {
  let aws = 0;
  let ours = 0;
  let unread = 0;
  for (const comparison of policies) {
    if (comparison.kind === 'unreadable') {
      unread += 1;
      continue;
    }
    aws += comparison.awsKeeps.length;
    ours += comparison.weKeep.reduce((sum, { actions }) => sum + actions.length, 0);
  }
  const rest = unread === 0 ? '' : ` Of ${String(unread)} its recommendation could not be read.`;
  if (unread === policies.length) return `AWS's recommendation could not be read.`;
  if (aws === 0 && ours === 0) return `AWS's own recommendation leaves the same actions granted.${rest}`;
  return `AWS's own recommendation keeps ${counted(aws, 'action')} that we remove, and removes ${String(ours)} that we keep.${rest}`;
}
