import type { IAMClient } from '@aws-sdk/client-iam';
import { byCodeUnit } from '../../../core/model/order.ts';
import type { Grant } from '../../../core/model/principal.ts';
import { AdapterError } from '../../../ports/system.ts';
import { attemptUnless } from '../sdk/errors.ts';
import type { PolicyHolder } from './holders.ts';
import { isAwsManaged, type ManagedPolicies } from './managed-policies.ts';
import { pool } from '../../../ports/pool.ts';
import { allMarkerPages, NO_SUCH_ENTITY, vanished } from './marker-pages.ts';
import { readPolicyText } from '../../../json/policy-text.ts';

/** Calls in flight at once for one principal. Few, because IAM throttles and several findings are handled at once. */
const CONCURRENCY = 3;

/**
 * Every policy that a holder has, inline ones first, each kind sorted by name, because IAM promises no order.
 * Undefined if the holder no longer exists.
 * @throws AdapterError; retry if a policy was deleted between listing and reading
 */
export async function readGrants(
  iam: IAMClient,
  holder: PolicyHolder,
  managed: ManagedPolicies,
): Promise<readonly Grant[] | undefined> {
  const attached = await listAttached(holder);
  if (attached === undefined) return undefined;
  const inline = await listInline(holder);
  if (inline === undefined) return undefined;
  const inlineGrants = await pool(inline, { width: CONCURRENCY }, async (name): Promise<Grant> => {
    const doing = `read the inline policy ${name} of ${holder.label}`;
    const answer = await attemptUnless(doing, NO_SUCH_ENTITY, () => holder.getInline(name));
    if (answer === undefined) throw vanished(doing);
    return { source: holder.inlineSource, name, document: readPolicyText(answer.PolicyDocument) };
  });
  const managedGrants = await pool(
    attached,
    { width: CONCURRENCY },
    async ({ name, arn }): Promise<Grant> => {
      const { facts, document } = await managed.get(iam, arn);
      const source = isAwsManaged(arn) ? holder.awsSource : holder.customerSource;
      return { source, name, document, managed: facts };
    },
  );
  return [...inlineGrants, ...managedGrants];
}

async function listInline(holder: PolicyHolder): Promise<readonly string[] | undefined> {
  const doing = `list the inline policies of ${holder.label}`;
  const names = await allMarkerPages(doing, async (marker) => {
    const answer = await attemptUnless(doing, NO_SUCH_ENTITY, () => holder.listInline(marker));
    return (
      answer && { items: answer.PolicyNames ?? [], truncated: answer.IsTruncated, marker: answer.Marker }
    );
  });
  return names && [...names].sort(byCodeUnit);
}

async function listAttached(
  holder: PolicyHolder,
): Promise<readonly { readonly name: string; readonly arn: string }[] | undefined> {
  const doing = `list the attached policies of ${holder.label}`;
  const policies = await allMarkerPages(doing, async (marker) => {
    const answer = await attemptUnless(doing, NO_SUCH_ENTITY, () => holder.listAttached(marker));
    return (
      answer && { items: answer.AttachedPolicies ?? [], truncated: answer.IsTruncated, marker: answer.Marker }
    );
  });
  return policies
    ?.map(({ PolicyArn: arn, PolicyName: name }) => {
      if (arn === undefined) {
        throw new AdapterError(`cannot ${doing}: an attached policy has no ARN`, 'permanent', 'malformed');
      }
      return { arn, name: name ?? arn.slice(arn.lastIndexOf('/') + 1) };
    })
    .sort((a, b) => byCodeUnit(a.arn, b.arn));
}
