import type { PrincipalRef } from '../model/principal.ts';
import { makeRemovalPlan } from '../plan/plan-removal.ts';
import { proposalId } from './proposal-id.ts';
import type { FindingType, RemovalProposal, RemovalStep } from './schema.ts';

export interface RemovalInput {
  readonly kind: RemovalProposal['kind'];
  readonly principal: PrincipalRef;
  /** Whose it is, by tag; never part of the id. */
  readonly owner?: string;
  /** Of `remove-access-key`. */
  readonly accessKeyId?: string;
  /** ISO 8601; undefined when it was never used or the finding does not say. */
  readonly lastAccessed: string | undefined;
  readonly finding: {
    readonly id: string;
    readonly analyzerArn: string | null;
    readonly findingType: FindingType;
    readonly updatedAt: string | null;
  };
  readonly digest: (text: string) => string;
}

/** A proposal for a role, access key or password that nobody uses: what to deactivate, and in which order. */
export function buildRemoval(input: RemovalInput): RemovalProposal {
  const { kind, principal, accessKeyId, finding, digest, lastAccessed } = input;
  const subject = accessKeyId ?? '';
  const key = accessKeyId === undefined ? {} : { accessKeyId };
  const plan = makeRemovalPlan({ kind, principal, ...key, digest });
  const dated = accessKeyId ?? principal.arn;
  return {
    schemaVersion: 1,
    kind,
    proposalId: proposalId({ kind, about: { principal, subject }, policies: [] }, digest),
    principal,
    ...(input.owner === undefined ? {} : { owner: input.owner }),
    finding: {
      id: finding.id,
      analyzerArn: finding.analyzerArn,
      findingType: finding.findingType,
      updatedAt: finding.updatedAt,
      unusedServices: [],
      unusedActions: [],
      lastAccessed: lastAccessed === undefined ? {} : { [dated]: lastAccessed },
    },
    ...key,
    policies: [],
    retained: [],
    residue: [],
    steps: stepsOf(kind, principal, subject),
    notes: plan.irreversible === null ? [] : [plan.irreversible],
    plan,
  };
}

const DENY_ALL = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}';

function stepsOf(
  kind: RemovalProposal['kind'],
  principal: PrincipalRef,
  key: string,
): readonly RemovalStep[] {
  // IAM names hold no character that a POSIX shell reads, so they need no quotes.
  const { name } = principal;
  switch (kind) {
    case 'remove-role':
      return [
        {
          title: 'See who may assume the role, and ask them',
          command: `aws iam get-role --role-name ${name} --query Role.AssumeRolePolicyDocument`,
        },
        {
          title: 'Put it out of action with a Deny that one call takes back',
          command: `aws iam put-role-policy --role-name ${name} --policy-name unused-access-refiner-quarantine --policy-document '${DENY_ALL}'`,
        },
        {
          title: 'After a quiet month, see what is still tied to it, and untie it',
          command: `aws iam list-instance-profiles-for-role --role-name ${name}; aws iam list-attached-role-policies --role-name ${name}; aws iam list-role-policies --role-name ${name}`,
        },
        { title: 'Delete it', command: `aws iam delete-role --role-name ${name}` },
      ];
    case 'remove-access-key':
      return [
        {
          title: 'See when and where the key was last used',
          command: `aws iam get-access-key-last-used --access-key-id ${key}`,
        },
        {
          title: 'Deactivate it; this can be taken back',
          command: `aws iam update-access-key --user-name ${name} --access-key-id ${key} --status Inactive`,
        },
        {
          title: 'After a quiet month, delete it',
          command: `aws iam delete-access-key --user-name ${name} --access-key-id ${key}`,
        },
      ];
    case 'remove-password':
      return [
        {
          title: 'See when the password was last used',
          command: `aws iam get-user --user-name ${name} --query User.PasswordLastUsed`,
        },
        {
          title:
            'Delete the password; the user keeps keys and permissions, and cannot get this password back',
          command: `aws iam delete-login-profile --user-name ${name}`,
        },
      ];
    default:
      return kind satisfies never;
  }
}
