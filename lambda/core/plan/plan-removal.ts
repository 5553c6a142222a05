import type { JsonValue } from '../model/json.ts';
import { jsonObject } from '../model/json.ts';
import type { PrincipalRef } from '../model/principal.ts';
import { apiCalls } from './api-calls.ts';
import { canonicalDocument } from '../model/canonical-document.ts';
import { planDocumentFile } from './file-names.ts';
import { invertStep } from './invert-step.ts';
import type { Plan, PlanCheck, StepAction, TextDigest } from './schema.ts';

/** Name of the inline policy that puts an unused role out of action. */
export const QUARANTINE_POLICY = 'unused-access-refiner-quarantine';

export interface RemovalPlanInput {
  readonly kind: 'remove-role' | 'remove-access-key' | 'remove-password';
  readonly principal: PrincipalRef;
  /** Of `remove-access-key`. */
  readonly accessKeyId?: string;
  readonly digest: TextDigest;
}

/**
 * The plan for a role, access key or password that nobody uses. Nothing is deleted that cannot be made again: a role
 * is put under a Deny for everything, a key is deactivated. Only a password knows no such state; its plan says so in
 * `irreversible`. What may be deleted later stands in `afterwards`.
 * @throws Error when an access key's proposal does not name the key
 */
export function makeRemovalPlan(input: RemovalPlanInput): Plan {
  switch (input.kind) {
    case 'remove-role':
      return quarantine(input);
    case 'remove-access-key':
      return deactivateKey(input);
    case 'remove-password':
      return deletePassword(input);
    default: {
      const never: never = input.kind;
      return never;
    }
  }
}

/**
 * An explicit Deny wins over every Allow, whatever policy it stands in, and holds for sessions that are running.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html
 */
function quarantine({ principal, digest }: RemovalPlanInput): Plan {
  const document: JsonValue = jsonObject([
    ['Version', '2012-10-17'],
    [
      'Statement',
      [
        jsonObject([
          ['Effect', 'Deny'],
          ['Action', '*'],
          ['Resource', '*'],
        ]),
      ],
    ],
  ]);
  const ref = { file: planDocumentFile(QUARANTINE_POLICY), digest: digest(canonicalDocument(document)) };
  const policyName = QUARANTINE_POLICY;
  return {
    ...mirrored(
      principal,
      { check: 'inline-policy', policyName, before: null, after: ref, needs: [] },
      { op: 'put-inline-policy', policyName, document: ref },
      'nobody has used the role; denied everything, it can do no harm, and one call brings it back',
      'the role may do again what its policies allow',
    ),
    documents: [{ file: ref.file, document }],
    irreversible: null,
    freeFirst: [],
    afterwards: [
      `watch for a month: whoever still needs the role ${principal.name} gets AccessDenied, which CloudTrail shows`,
      `then delete the role: its instance profiles, its policies, and the role ${principal.name} itself`,
    ],
  };
}

function deactivateKey({ principal, accessKeyId }: RemovalPlanInput): Plan {
  if (accessKeyId === undefined)
    throw new Error(`the proposal for ${principal.arn} does not name the access key`);
  return {
    ...mirrored(
      principal,
      { check: 'access-key', accessKeyId },
      { op: 'set-access-key-status', accessKeyId, status: 'Inactive' },
      'nobody has used the key; deactivated, it can be activated again',
      'whoever needs the key can use it again',
    ),
    documents: [],
    irreversible: null,
    freeFirst: [],
    afterwards: [
      'watch for a month: whoever still needs the key gets InvalidClientTokenId',
      `then delete it: aws iam delete-access-key --user-name ${principal.name} --access-key-id ${accessKeyId}`,
    ],
  };
}

function deletePassword({ principal }: RemovalPlanInput): Plan {
  const action: StepAction = { op: 'delete-password' };
  return {
    checks: [{ check: 'password' }],
    apply: [
      {
        ...action,
        why: 'nobody has signed in with the password; IAM cannot deactivate one, only delete it',
        calls: apiCalls(principal, action),
      },
    ],
    rollback: [],
    documents: [],
    irreversible:
      `a deleted password cannot be put back; ` +
      `${principal.name} would need a new one (aws iam create-login-profile --user-name ${principal.name})`,
    freeFirst: [],
    afterwards: [`if ${principal.name} has no access key in use either, propose to remove the user`],
  };
}

function mirrored(
  principal: PrincipalRef,
  check: PlanCheck,
  action: StepAction,
  why: string,
  whyBack: string,
): Pick<Plan, 'checks' | 'apply' | 'rollback'> {
  const back = invertStep(action, [{ checks: [check] }]);
  return {
    checks: [check],
    apply: [{ ...action, why, calls: apiCalls(principal, action) }],
    rollback: [{ ...back, why: whyBack, calls: apiCalls(principal, back) }],
  };
}
