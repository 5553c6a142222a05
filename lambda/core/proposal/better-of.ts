import type { Advice, Comparison } from './schema.ts';
import { count } from '../model/wording.ts';

/**
 * If the shared change removes at least this share of what separate proposals remove, the others are not worth a
 * policy for each principal.
 */
const NEARLY_ALL = 0.9;
/** Below this share, the shared change misses most of the removable actions. */
const MOST = 0.5;

/**
 * The quota of customer managed policies in an account, unless AWS raised it.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const POLICIES_PER_ACCOUNT = 1500;

/**
 * Which of the two is better, and why. The shared change is one version for everybody and adds no policy to maintain.
 * It is better on its own if it removes nine tenths of what separate copies would remove. It comes first if it removes
 * half of that, or if the copies would exceed the account's quota. Otherwise the copies are better.
 */
export function betterOf({ shared, separate, policiesInAccount }: Comparison): Advice {
  const granted = shared.actions === 1 ? 'granted action' : 'granted actions';
  const one = `one change removes ${count(shared.actions)} ${granted} from ${principals(shared.principals)}`;
  if (separate.copies === 0) {
    const reason = `The shared change is better: ${one}; separate proposals cannot remove what a principal has through a group.`;
    return { better: 'shared', reason };
  }
  const copies = `${count(separate.copies)} ${separate.copies === 1 ? 'copy' : 'copies'} of the policy`;
  if (shared.actions >= separate.actions) {
    return {
      better: 'shared',
      reason: `The shared change is better: ${one}, and ${copies} would remove nothing more.`,
    };
  }
  const share = shared.actions / separate.actions;
  const part = `${share < 0.01 ? 'less than 1' : String(Math.floor(share * 100))} % of the ${count(separate.actions)} that ${copies} would remove`;
  if (share >= NEARLY_ALL) {
    return { better: 'shared', reason: `The shared change is better: ${one}, which is ${part}.` };
  }
  const total = policiesInAccount + separate.copies;
  if (total > POLICIES_PER_ACCOUNT) {
    return {
      better: 'shared-first',
      reason: `The shared change first: ${one}, which is ${part}. With the copies the account would have ${count(total)} customer managed policies; the quota is ${count(POLICIES_PER_ACCOUNT)} unless AWS raised it.`,
    };
  }
  return share >= MOST
    ? {
        better: 'shared-first',
        reason: `The shared change first: ${one}, which is ${part}. Separate copies can remove the rest afterwards.`,
      }
    : {
        better: 'separate',
        reason: `Separate proposals are better: ${one}, which is ${part}. The shared change is also exact, if fewer policies matter more.`,
      };
}

function principals(number: number): string {
  return number === 1 ? 'one principal' : `${count(number)} principals`;
}
