import { canonicalDocument, countCharacters, type JsonValue, jsonObject } from '../model/json.ts';
import type { Grant, PrincipalRef } from '../model/principal.ts';
import { planDocumentFile } from './names.ts';
import { invertStep, apiCalls } from './steps.ts';
import { freeFirst, HOLDER_QUOTAS, type HolderQuota, type HolderRoom, peaksOf } from './limits.ts';
import { loadBefore, subjectCheck } from './make-plan.ts';
import type { LastUseCheck, Plan, PlanCheck, StepAction, TextDigest } from './schema.ts';

/** Name of the inline policy that quarantines an unused role. */
const QUARANTINE_POLICY = 'unused-access-refiner-quarantine';

/**
 * AWS's own policy that denies everything, for a role whose inline policies are too long for one more.
 * Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSDenyAll.html
 */
const DENY_ALL_POLICY = 'AWSDenyAll';

interface RemovalPlanInput {
  readonly kind: 'remove-role' | 'remove-access-key' | 'remove-password';
  readonly principal: PrincipalRef;
  /** Unique id of the principal, if the source has it. */
  readonly principalId?: string;
  /** When the password was set, if the source has it. */
  readonly passwordCreatedAt?: string;
  /** For `remove-access-key`. */
  readonly accessKeyId?: string;
  /** Last use according to the finding; absent if it has none. */
  readonly lastUsedAt?: string | undefined;
  /** When the finding was last updated. */
  readonly analysedAt?: string | null;
  /** The principal's grants, to check whether the quotas allow one more Deny. */
  readonly grants?: readonly Grant[];
  /** How many managed policies the role can have. @default 20 */
  readonly attachmentQuota?: number;
  readonly digest: TextDigest;
}

/**
 * The plan for an unused role, access key or password. It deletes nothing that cannot be restored: a role gets a Deny
 * for everything, and a key is deactivated. Only a password has no such state, and `irreversible` says so.
 * `afterwards` says what may be deleted later.
 * @throws Error if the proposal about an access key does not name the key
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
 * An explicit Deny overrides the Allows of all policies, and also applies to running sessions.
 * Source:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html
 */
function quarantine(input: RemovalPlanInput): Plan {
  const { principal, digest } = input;
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
  const put: StepAction = { op: 'put-inline-policy', policyName: QUARANTINE_POLICY, document: ref };
  const partition = principal.arn.split(':')[1] ?? 'aws';
  const denyAll = `arn:${partition}:iam::aws:policy/${DENY_ALL_POLICY}`;
  const attach: StepAction = { op: 'attach-policy', policyArn: denyAll };
  const obstaclesTo = (action: StepAction): readonly string[] => obstacles(action, input, document);
  const isInline = obstaclesTo(put).length === 0 || obstaclesTo(attach).length > 0;
  const why = 'the role is reported unused; a Deny for everything quarantines it, and one call undoes that';
  const whyBack = 'the role may do again what its policies allow';
  const lastUse = lastUseOf('role', input);
  return {
    ...(isInline
      ? mirrored(
          input,
          lastUse,
          { check: 'inline-policy', policyName: QUARANTINE_POLICY, before: null, after: ref, needs: [] },
          put,
          { why, whyBack },
        )
      : mirrored(input, lastUse, { check: 'denial', policyArn: denyAll }, attach, {
          why: `${why}; its inline policies leave no room for one more, so AWS's own policy is attached`,
          whyBack,
        })),
    documents: isInline ? [{ file: ref.file, document }] : [],
    irreversible: null,
    freeFirst: isInline ? obstaclesTo(put) : [],
    afterwards: [
      `watch for a month: whoever still needs the role ${principal.name} gets AccessDenied, which CloudTrail shows`,
      `then delete the role: its instance profiles, its policies, and the role ${principal.name} itself`,
    ],
  };
}

/** What prevents adding one more policy to the role. */
function obstacles(
  action: StepAction,
  { principal, grants = [], attachmentQuota }: RemovalPlanInput,
  document: JsonValue,
): readonly string[] {
  const quota: HolderQuota = {
    ...HOLDER_QUOTAS.role,
    ...(attachmentQuota === undefined ? {} : { attachments: attachmentQuota }),
  };
  const room: HolderRoom = {
    quotas: { ...HOLDER_QUOTAS, role: quota },
    loadOf: (holder) => loadBefore(holder, { subject: principal, grants }),
  };
  const length = (): number => countCharacters(document);
  return freeFirst(peaksOf([action], principal, room.loadOf, length), room);
}

function lastUseOf(
  of: LastUseCheck['of'],
  { accessKeyId, lastUsedAt, analysedAt }: RemovalPlanInput,
): LastUseCheck {
  return {
    check: 'last-use',
    of,
    ...(accessKeyId === undefined ? {} : { accessKeyId }),
    lastUsedAt: lastUsedAt ?? null,
    analysedAt: analysedAt ?? null,
  };
}

function deactivateKey(input: RemovalPlanInput): Plan {
  const { principal, accessKeyId } = input;
  if (accessKeyId === undefined)
    throw new Error(`the proposal for ${principal.arn} does not name the access key`);
  return {
    ...mirrored(
      input,
      lastUseOf('access-key', input),
      { check: 'access-key', accessKeyId },
      { op: 'set-access-key-status', accessKeyId, status: 'Inactive' },
      {
        why: 'the key is reported unused; deactivated, it can be activated again',
        whyBack: 'whoever needs the key can use it again',
      },
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

function deletePassword(input: RemovalPlanInput): Plan {
  const { principal, analysedAt, passwordCreatedAt } = input;
  const action: StepAction = { op: 'delete-password' };
  return {
    checks: [
      guardOf(input),
      lastUseOf('password', input),
      {
        check: 'password',
        ...(passwordCreatedAt === undefined ? {} : { createdAt: passwordCreatedAt }),
        ...(analysedAt == null ? {} : { createdBefore: analysedAt }),
      },
    ],
    apply: [
      {
        ...action,
        why: 'the password is reported unused; IAM cannot deactivate one, only delete it',
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

function guardOf({ principalId, analysedAt }: RemovalPlanInput): PlanCheck {
  return subjectCheck({ subjectId: principalId, analysedAt });
}

function mirrored(
  input: RemovalPlanInput,
  lastUse: LastUseCheck,
  check: PlanCheck,
  action: StepAction,
  { why, whyBack }: { readonly why: string; readonly whyBack: string },
): Pick<Plan, 'checks' | 'apply' | 'rollback'> {
  const { principal } = input;
  const back = invertStep(action, [{ checks: [check] }]);
  return {
    checks: [guardOf(input), lastUse, check],
    apply: [{ ...action, why, calls: apiCalls(principal, action) }],
    rollback: [{ ...back, why: whyBack, calls: apiCalls(principal, back) }],
  };
}
