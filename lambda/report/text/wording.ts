import type { GrantSource, PrincipalRef } from '../../core/model/principal.ts';
import type { Disposition, ProposedPolicy } from '../../core/model/proposed-policy.ts';
import type { ProposalKind, RefineProposal } from '../../core/proposal/schema.ts';
import { count } from '../../core/model/wording.ts';
import { counted } from './format.ts';

/** The name of a policy's source, for people. */
export function sourceName(source: GrantSource): string {
  switch (source) {
    case 'role-inline':
    case 'user-inline':
      return 'inline policy';
    case 'customer-managed':
      return 'customer managed policy';
    case 'aws-managed':
      return 'AWS managed policy';
    case 'group-inline':
      return 'inline policy of a group';
    case 'group-customer-managed':
      return 'customer managed policy of a group';
    case 'group-aws-managed':
      return 'AWS managed policy of a group';
    default:
      return source satisfies never;
  }
}

/** What is proposed for a policy, in a few words, and the look of its tag. */
export function dispositionName(disposition: Disposition): {
  readonly text: string;
  readonly look: '' | 'good' | 'gone' | 'info';
} {
  switch (disposition) {
    case 'update':
      return { text: 'changed in place', look: 'good' };
    case 'new-version':
      return { text: 'new default version', look: 'good' };
    case 'replace':
      return { text: 'replaced by a copy', look: 'good' };
    case 'remove':
      return { text: 'removed entirely', look: 'gone' };
    case 'unchanged':
      return { text: 'unchanged', look: '' };
    case 'inherited':
      return { text: 'through a group, unchanged', look: 'info' };
    case 'refused':
      return { text: 'not refined', look: 'gone' };
    default:
      return disposition satisfies never;
  }
}

export function isChanging(policy: ProposedPolicy): boolean {
  const { disposition } = policy;
  return !(disposition === 'unchanged' || disposition === 'inherited' || disposition === 'refused');
}

/** `Role`, `User` */
export function principalKind({ type }: PrincipalRef): string {
  return type === 'role' ? 'Role' : 'User';
}

/** ` · owner payments`; empty if no owner is known. */
export function ownedBy({ owner }: { readonly owner?: string | undefined }): string {
  return owner === undefined ? '' : ` · owner ${owner}`;
}

/** What is proposed, in two or three words. */
export const PROPOSAL_NAME: Readonly<Record<ProposalKind, string>> = {
  'refine-permissions': 'refine',
  'remove-role': 'quarantine role',
  'remove-access-key': 'deactivate access key',
  'remove-password': 'delete password',
};

/** `111122223333 (payments-prod)`; the id alone if the account has no known name. */
export function namedAccount(accountId: string, name: string | undefined): string {
  return name === undefined ? accountId : `${accountId} (${name})`;
}

/** What the proof of a proposal says. */
export function proofSentence(proposal: Proven): string {
  return `${compared(proposal)} Of the actions that these name, the policies grant afterwards exactly what they granted before, less what the finding reports unused${butRetained(proposal)}.`;
}

/** The same for a proposal about a shared policy or a group. */
export function sharedProofSentence(proposal: Proven): string {
  return `${compared(proposal)} Of the actions that these name, every holder has afterwards exactly what they had before, less what is reported unused for all holders${butRetained(proposal)}.`;
}

type Proven = Pick<RefineProposal, 'verification' | 'retained' | 'catalogue'>;

/** What the proof claims, and its assumptions. */
function compared({ verification, catalogue }: Proven): string {
  const { statementsChecked, actionsChecked } = verification;
  const { source, version, date } = catalogue;
  const which = date === undefined ? `${source} ${version}` : date.slice(0, 10);
  return `Exact on the action catalogue of ${which}, and no wider over all strings: before and after were compared, statement by statement (${count(statementsChecked)}) and action by action (${count(actionsChecked)}), by a verifier that shares no code with the refiner. It starts from the policies, and from the finding and the catalogue as this program read them.`;
}

function butRetained({ retained }: Proven): string {
  return retained.length > 0 ? ' and not retained' : '';
}

/** `30 of 104 actions`; `all 12 actions` if nothing stays. */
export function lossPhrase(before: number, after: number): string {
  const lost = before - after;
  return after === 0 ? `all ${counted(before, 'action')}` : `${count(lost)} of ${counted(before, 'action')}`;
}

/** The items of each reason, in the order in which the reasons first appear. */
export function byReason<T>(
  items: readonly T[],
  reasonOf: (item: T) => string,
): readonly (readonly [string, readonly T[]])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(reasonOf(item));
    if (group) group.push(item);
    else groups.set(reasonOf(item), [item]);
  }
  return [...groups];
}
