import type { Grant, Tag } from '../../core/model/principal.ts';
import { makePlan } from '../../core/plan/make-plan.ts';
import type { BuildInput } from '../../core/proposal/build-proposal.ts';
import type { ProposedPolicy } from '../../core/model/proposed-policy.ts';
import type { RefineProposal } from '../../core/proposal/schema.ts';
import type { PolicyTags } from '../../ports/policies.ts';

interface Tagged {
  readonly input: BuildInput;
  readonly proposal: RefineProposal;
}

/**
 * A copy of a customer managed policy carries its tags, which a whole account's description leaves out. They are asked
 * for only where a copy is proposed, and change nothing but the plan.
 * @throws AdapterError
 */
export async function withCopiedTags(
  input: BuildInput,
  proposal: RefineProposal,
  source: PolicyTags | undefined,
): Promise<Tagged> {
  const { principal } = input;
  const copied = new Set(proposal.policies.filter(isCopied).map(({ arn }) => arn));
  const unknown = principal.grants.flatMap(({ managed }) =>
    managed && managed.tags === undefined && copied.has(managed.arn) ? [managed.arn] : [],
  );
  if (source === undefined || unknown.length === 0) return { input, proposal };
  const tags = new Map<string, readonly Tag[]>();
  for (const arn of new Set(unknown)) tags.set(arn, await source.tagsOf(principal.ref.accountId, arn));
  const grants = principal.grants.map((grant): Grant => {
    const own = grant.managed && tags.get(grant.managed.arn);
    return grant.managed && own ? { ...grant, managed: { ...grant.managed, tags: own } } : grant;
  });
  const plan = makePlan({
    proposalId: proposal.proposalId,
    subject: principal.ref,
    policies: proposal.policies,
    grants,
    digest: input.digest,
  });
  return { input: { ...input, principal: { ...principal, grants } }, proposal: { ...proposal, plan } };
}

/** Whether at least one new policy takes the place of a customer's own. */
function isCopied({ source, disposition, after }: ProposedPolicy): boolean {
  if (source !== 'customer-managed') return false;
  return disposition === 'replace' ? after.length > 0 : disposition === 'new-version' && after.length > 1;
}
