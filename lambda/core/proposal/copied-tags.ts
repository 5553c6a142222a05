import type { Grant, Tag } from '../model/principal.ts';
import type { ProposedPolicy } from '../model/proposed-policy.ts';

/** Tags by ARN of the customer managed policies that were not read with the grants. */
export interface CopiedTags {
  readonly tags?: ReadonlyMap<string, readonly Tag[]> | undefined;
}

/**
 * ARNs of the customer managed policies that a copy replaces and whose tags are not known. A copy gets the same tags,
 * and an account's description does not have them.
 */
export function untaggedOriginals(
  policies: readonly ProposedPolicy[],
  grants: readonly Grant[],
): readonly string[] {
  const copied = new Set(policies.filter(isCopied).map(({ arn }) => arn));
  const unknown = grants.flatMap(({ managed }) =>
    managed && managed.tags === undefined && copied.has(managed.arn) ? [managed.arn] : [],
  );
  return [...new Set(unknown)];
}

/** Whether at least one new policy replaces a customer managed policy. */
function isCopied({ source, disposition, after }: ProposedPolicy): boolean {
  if (source !== 'customer-managed' && source !== 'group-customer-managed') return false;
  return disposition === 'replace' ? after.length > 0 : disposition === 'new-version' && after.length > 1;
}

/** The same grants with the tags that were read afterwards. */
export function withTags(grants: readonly Grant[], tags: CopiedTags['tags']): readonly Grant[] {
  if (tags === undefined) return grants;
  return grants.map((grant) => {
    const own = grant.managed && tags.get(grant.managed.arn);
    return grant.managed && own ? { ...grant, managed: { ...grant.managed, tags: own } } : grant;
  });
}
