/**
 * Actions of which AWS's documentation says that their use is not reported one by one, for catalogues that do not say it
 * of any action. Few, and the ones that reviewers ask about first: S3's operations on objects and listings, which stand
 * in none of its tracked actions, and `iam:PassRole`. Case-folded `service:action`.
 *
 * Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html (data plane, PassRole),
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed-action-last-accessed.html (S3),
 * https://docs.aws.amazon.com/service-authorization/latest/reference/service-reference.html (GetObject, ListBucket)
 */
const UNTRACKED: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['iam', new Set(['passrole'])],
  ['s3', new Set(['deleteobject', 'getobject', 'listbucket', 'putobject'])],
]);

/** Case-folded names of a service's actions that are documented as untracked; undefined where there are none. */
export function documentedUntracked(service: string): ReadonlySet<string> | undefined {
  return UNTRACKED.get(service);
}
