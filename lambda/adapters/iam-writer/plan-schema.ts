import * as z from 'zod';
import type { Plan, PlanCheck, StepAction } from '../../core/plan/schema.ts';

const REF = z.object({ file: z.string(), digest: z.string().regex(/^[0-9a-f]{64}$/) });
const ARN = z.string().regex(/^arn:[^:]+:iam::(\d{12}|aws):policy\/.+$/, 'not the ARN of a managed policy');
/** Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html */
const NAME = z.string().regex(/^[\w+=,.@-]{1,128}$/, 'not a name that IAM takes');
const VERSION = z.string().regex(/^v[1-9]\d*$/);
const NEEDS = z.array(ARN);

const HOLDER = z.object({
  type: z.enum(['role', 'user', 'group']),
  name: z.string().regex(/^[\w+=,.@-]{1,128}$/),
});
const ARNS = z.array(z.string());

const CHECK: z.ZodType<PlanCheck> = z.discriminatedUnion('check', [
  z.object({
    check: z.literal('inline-policy'),
    policyName: NAME,
    before: REF.nullable(),
    after: REF.nullable(),
    needs: NEEDS,
  }),
  z.object({
    check: z.literal('default-version'),
    policyArn: ARN,
    policyId: z.string().exactOptional(),
    versionId: VERSION.exactOptional(),
    before: REF,
    after: REF,
    needs: NEEDS,
  }),
  z.object({
    check: z.literal('attached-policy'),
    policyArn: ARN,
    holder: HOLDER.exactOptional(),
    policyId: z.string().exactOptional(),
    versionId: VERSION.exactOptional(),
    before: REF,
    needs: NEEDS,
  }),
  z.object({
    check: z.literal('subject'),
    id: z.string().exactOptional(),
    createdBefore: z.string().exactOptional(),
  }),
  z.object({
    check: z.literal('last-use'),
    of: z.enum(['role', 'password', 'access-key']),
    accessKeyId: z.string().exactOptional(),
    lastUsedAt: z.string().nullable(),
    analysedAt: z.string().nullable(),
  }),
  z.object({
    check: z.literal('holders'),
    roles: ARNS,
    users: ARNS,
    groups: z.array(z.object({ name: z.string(), members: ARNS })),
    ids: z.array(HOLDER.extend({ id: z.string() })).exactOptional(),
  }),
  z.object({ check: z.literal('denial'), policyArn: ARN }),
  z.object({ check: z.literal('copy'), policyArn: ARN, document: REF, description: z.string() }),
  z.object({ check: z.literal('access-key'), accessKeyId: z.string() }),
  z.object({
    check: z.literal('password'),
    createdAt: z.string().exactOptional(),
    createdBefore: z.string().exactOptional(),
  }),
]);

const versionAction = <Op extends string>(op: Op) =>
  z.object({
    op: z.literal(op),
    policyArn: ARN,
    versionId: VERSION.exactOptional(),
    before: REF,
    after: REF,
  });

const ACTION: z.ZodType<StepAction> = z.discriminatedUnion('op', [
  z.object({ op: z.literal('put-inline-policy'), policyName: NAME, document: REF }),
  z.object({ op: z.literal('delete-inline-policy'), policyName: NAME, expected: REF }),
  z.object({
    op: z.literal('create-policy'),
    policyName: NAME,
    policyArn: ARN,
    path: z.string(),
    description: z.string(),
    tags: z.array(z.object({ key: z.string(), value: z.string() })),
    document: REF,
  }),
  z.object({ op: z.literal('delete-policy'), policyArn: ARN, document: REF, description: z.string() }),
  z.object({ op: z.literal('attach-policy'), policyArn: ARN, holder: HOLDER.exactOptional() }),
  z.object({ op: z.literal('detach-policy'), policyArn: ARN, holder: HOLDER.exactOptional() }),
  versionAction('create-default-version'),
  versionAction('restore-default-version'),
  z.object({
    op: z.literal('set-access-key-status'),
    accessKeyId: z.string(),
    status: z.enum(['Active', 'Inactive']),
  }),
  z.object({ op: z.literal('delete-password') }),
]);

const CALL = z.object({
  call: z.string(),
  parameters: z.record(
    z.string(),
    z.union([z.string(), z.boolean(), z.array(z.object({ key: z.string(), value: z.string() }))]),
  ),
  when: z.string().exactOptional(),
});

const STEP = z.intersection(ACTION, z.object({ why: z.string(), calls: z.array(CALL) }));

/** The member `plan` of `proposal.json`. Its documents are read separately, without loss. */
export const PLAN: z.ZodType<Omit<Plan, 'documents'>> = z.object({
  checks: z.array(CHECK),
  apply: z.array(STEP),
  rollback: z.array(STEP),
  irreversible: z.string().nullable(),
  freeFirst: z.array(z.string()),
  afterwards: z.array(z.string()),
});
