/**
 * What a shared change comes to beside separate proposals for each principal. Counts of actions are sums over
 * principals.
 */
export interface Comparison {
  /** The shared change: actions that it takes from each of the principals, summed up, and how many they are. */
  readonly shared: { readonly actions: number; readonly principals: number };
  /**
   * Separate proposals: the same sum where each principal gets a copy of its own, and how many copies that takes. What
   * reaches a principal through a group no separate proposal takes away.
   */
  readonly separate: { readonly actions: number; readonly copies: number };
  /** Customer managed policies that the account has now. */
  readonly policiesInAccount: number;
}

/** `shared-first`: the shared change, and separate copies afterwards for what it leaves. */
export interface Advice {
  readonly better: 'shared' | 'shared-first' | 'separate';
  /** Sentences for people, with the figures that decide. */
  readonly reason: string;
}

/** From this share of what separate proposals remove, the rest is not worth a policy for each principal. */
const NEARLY_ALL = 0.9;
/** Below this share the shared change misses most of what could go. */
const MOST = 0.5;

/**
 * Customer managed policies that an account takes unless AWS raised it.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const POLICIES_PER_ACCOUNT = 1500;

/**
 * Which of the two is better, and why. The shared change is one version that everybody shares and adds nothing to keep;
 * it is better alone where it removes nine tenths of what separate copies would remove, and it comes first where it
 * removes half of that, or where the account has no room for the copies. Otherwise the copies are better.
 */
export function betterOf({ shared, separate, policiesInAccount }: Comparison): Advice {
  const granted = shared.actions === 1 ? 'granted action' : 'granted actions';
  const one = `one change takes ${count(shared.actions)} ${granted} from ${principals(shared.principals)}`;
  if (separate.copies === 0) {
    const reason = `The shared change is better: ${one}; separate proposals cannot take away what reaches a principal through a group.`;
    return { better: 'shared', reason };
  }
  const copies = `${count(separate.copies)} ${separate.copies === 1 ? 'copy' : 'copies'} of the policy`;
  if (shared.actions >= separate.actions) {
    return {
      better: 'shared',
      reason: `The shared change is better: ${one}, and nothing is left that ${copies} would take away besides.`,
    };
  }
  const share = shared.actions / separate.actions;
  const part = `${share < 0.01 ? 'less than 1' : String(Math.floor(share * 100))} % of the ${count(separate.actions)} that ${copies} would take away`;
  if (share >= NEARLY_ALL) {
    return { better: 'shared', reason: `The shared change is better: ${one}, which is ${part}.` };
  }
  const total = policiesInAccount + separate.copies;
  if (total > POLICIES_PER_ACCOUNT) {
    return {
      better: 'shared-first',
      reason: `The shared change first: ${one}, which is ${part}. With the copies the account would have ${count(total)} customer managed policies; it takes ${count(POLICIES_PER_ACCOUNT)} unless AWS raised it.`,
    };
  }
  return share >= MOST
    ? {
        better: 'shared-first',
        reason: `The shared change first: ${one}, which is ${part}. Separate copies can take the rest afterwards.`,
      }
    : {
        better: 'separate',
        reason: `Separate proposals are better: ${one}, which is ${part}. The shared change is still exact, where fewer policies matter more.`,
      };
}

function principals(number: number): string {
  return number === 1 ? 'one principal' : `${count(number)} principals`;
}

function count(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ',');
}
