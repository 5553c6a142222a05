import {
  type AttachedPolicy,
  GetGroupPolicyCommand,
  GetRolePolicyCommand,
  GetUserPolicyCommand,
  type IAMClient,
  ListAttachedGroupPoliciesCommand,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListGroupPoliciesCommand,
  ListRolePoliciesCommand,
  ListUserPoliciesCommand,
} from '@aws-sdk/client-iam';
import type { GrantSource } from '../../../core/model/principal.ts';
import { MAX_ITEMS } from './marker-pages.ts';

interface ListedPage {
  readonly IsTruncated?: boolean | undefined;
  readonly Marker?: string | undefined;
}
type AttachedPage = ListedPage & { readonly AttachedPolicies?: readonly AttachedPolicy[] | undefined };
type InlinePage = ListedPage & { readonly PolicyNames?: readonly string[] | undefined };

/**
 * What roles, users and groups have in common: calls for attached and inline policies, and the source of such a grant.
 */
export interface PolicyHolder {
  /** For messages: `role Orders`. */
  readonly label: string;
  readonly inlineSource: GrantSource;
  readonly customerSource: GrantSource;
  readonly awsSource: GrantSource;
  listAttached(marker: string | undefined): Promise<AttachedPage>;
  listInline(marker: string | undefined): Promise<InlinePage>;
  getInline(policyName: string): Promise<{ readonly PolicyDocument?: string | undefined }>;
}

/** A full page, so that one is enough whenever possible. */
function page(marker: string | undefined): { readonly MaxItems: number; readonly Marker?: string } {
  return marker === undefined ? { MaxItems: MAX_ITEMS } : { MaxItems: MAX_ITEMS, Marker: marker };
}

export function roleHolder(iam: IAMClient, RoleName: string): PolicyHolder {
  return {
    label: `role ${RoleName}`,
    inlineSource: 'role-inline',
    customerSource: 'customer-managed',
    awsSource: 'aws-managed',
    listAttached: (marker) => iam.send(new ListAttachedRolePoliciesCommand({ RoleName, ...page(marker) })),
    listInline: (marker) => iam.send(new ListRolePoliciesCommand({ RoleName, ...page(marker) })),
    getInline: (PolicyName) => iam.send(new GetRolePolicyCommand({ RoleName, PolicyName })),
  };
}

export function userHolder(iam: IAMClient, UserName: string): PolicyHolder {
  return {
    label: `user ${UserName}`,
    inlineSource: 'user-inline',
    customerSource: 'customer-managed',
    awsSource: 'aws-managed',
    listAttached: (marker) => iam.send(new ListAttachedUserPoliciesCommand({ UserName, ...page(marker) })),
    listInline: (marker) => iam.send(new ListUserPoliciesCommand({ UserName, ...page(marker) })),
    getInline: (PolicyName) => iam.send(new GetUserPolicyCommand({ UserName, PolicyName })),
  };
}

export function groupHolder(iam: IAMClient, GroupName: string): PolicyHolder {
  return {
    label: `group ${GroupName}`,
    inlineSource: 'group-inline',
    customerSource: 'group-customer-managed',
    awsSource: 'group-aws-managed',
    listAttached: (marker) => iam.send(new ListAttachedGroupPoliciesCommand({ GroupName, ...page(marker) })),
    listInline: (marker) => iam.send(new ListGroupPoliciesCommand({ GroupName, ...page(marker) })),
    getInline: (PolicyName) => iam.send(new GetGroupPolicyCommand({ GroupName, PolicyName })),
  };
}
