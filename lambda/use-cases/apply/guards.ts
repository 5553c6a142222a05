import type { HolderRef } from '../../core/model/subject.ts';
import type { HoldersCheck, LastUseCheck, SubjectCheck } from '../../core/plan/schema.ts';
import type { NamedHolder } from '../../ports/apply.ts';
import { type ApplyContext, problemOf, PROPOSE_AGAIN, subjectAsHolder } from './apply-context.ts';
import { checksOf } from './steps/step-module.ts';

/**
 * Checks what must hold before every change, whatever the step: the subject is still the same role, user or group;
 * what is removed is still unused; and a change of something shared affects nobody who was not analysed.
 * @returns what does not hold, as sentences
 */
export async function guardProblems(context: ApplyContext): Promise<readonly string[]> {
  const problems: string[] = [];
  if (context.subject.type !== 'policy') {
    const [check] = checksOf('subject', context);
    problems.push(...(await subjectProblems(check, context)));
  }
  if (problems.length > 0) return problems;
  for (const check of checksOf('holders', context)) problems.push(...(await holderProblems(check, context)));
  // A rollback restores access; it removes nothing that somebody may use.
  if (context.direction === 'apply') {
    for (const check of checksOf('last-use', context))
      problems.push(...(await lastUseProblems(check, context)));
  }
  return problems;
}

async function subjectProblems(
  check: SubjectCheck | undefined,
  context: ApplyContext,
): Promise<readonly string[]> {
  const { subject, iam } = context;
  const what = `${subject.type} ${subject.name}`;
  const found = await iam.subject(subjectAsHolder(context));
  if (found === undefined) {
    return [
      `the account of these credentials has no ${what}; the proposal is for ${subject.arn}: use credentials of account ${subject.accountId}, or forget the proposal if the ${subject.type} was deleted`,
    ];
  }
  if (found.arn !== subject.arn) {
    return [
      `these credentials see ${found.arn}, and the proposal is for ${subject.arn}: use credentials of account ${subject.accountId}`,
    ];
  }
  const { createdAt } = found;
  const isAnotherId = check?.id !== undefined && check.id !== found.id;
  const isLater =
    check?.createdBefore !== undefined &&
    createdAt !== undefined &&
    Date.parse(createdAt) > Date.parse(check.createdBefore);
  if (!isAnotherId && !isLater) return [];
  return [
    problemOf(context, {
      what: isAnotherId
        ? `the ${what} was deleted and created again: its id is ${found.id}, and ${check.id} was analysed`
        : `the ${what} was created again after the analysis of ${check?.createdBefore ?? ''}`,
      changedAt: createdAt,
      next: 'nothing of this proposal applies to it: wait for a finding about the new one',
    }),
  ];
}

/** Milliseconds within which two times are equal: some AWS APIs have seconds, others milliseconds. */
export const SAME_MOMENT = 1_000;

async function lastUseProblems(check: LastUseCheck, context: ApplyContext): Promise<readonly string[]> {
  const used = await lastUseOf(check, context);
  if (used === undefined) return [];
  const known = check.lastUsedAt ?? check.analysedAt;
  if (known !== null && Date.parse(used) < Date.parse(known) + SAME_MOMENT) return [];
  const { name } = context.subject;
  const what =
    check.of === 'access-key'
      ? `the access key ${check.accessKeyId ?? ''} of ${name}`
      : check.of === 'password'
        ? `the password of ${name}`
        : `the role ${name}`;
  const before =
    check.lastUsedAt === null
      ? 'the finding knows of no use'
      : `the finding knows of its use on ${check.lastUsedAt}`;
  return [
    `${what} was used on ${used}, and ${before}: keep it, or wait until the analyzer has looked again and ${PROPOSE_AGAIN}`,
  ];
}

async function lastUseOf(check: LastUseCheck, context: ApplyContext): Promise<string | undefined> {
  if (check.of === 'access-key') {
    return (await context.iam.accessKey(context.subject.name, check.accessKeyId ?? ''))?.lastUsedAt;
  }
  return (await context.iam.subject(subjectAsHolder(context)))?.lastUsedAt;
}

/**
 * Holders that were added later were not analysed: apply would remove permissions from them, and a rollback would
 * grant some to them.
 */
async function holderProblems(check: HoldersCheck, context: ApplyContext): Promise<readonly string[]> {
  const { subject, iam, direction } = context;
  const problems: string[] = [];
  const again: string[] = [];
  const look = (type: HolderRef['type'], found: readonly NamedHolder[]): void => {
    again.push(...recreated(type, found, check));
  };
  const next =
    direction === 'apply'
      ? PROPOSE_AGAIN
      : 'remove it from them first if they should not get what the rollback gives back, or change it by hand';
  if (subject.type === 'policy') {
    const now = await iam.policyHolders(subject.arn);
    look('role', now.roles);
    look('user', now.users);
    look('group', now.groups);
    const came = [
      ...later(namesOf(now.roles), check.roles.map(nameIn)).map((name) => `the role ${name}`),
      ...later(namesOf(now.users), check.users.map(nameIn)).map((name) => `the user ${name}`),
      ...later(
        namesOf(now.groups),
        check.groups.map(({ name }) => name),
      ).map((name) => `the group ${name}`),
    ];
    if (came.length > 0) {
      problems.push(
        problemOf(context, { what: `${subject.arn} is now attached to ${came.join(', ')}, too`, next }),
      );
    }
  }
  for (const { name, members } of check.groups) {
    const now = await iam.group(name);
    const found = now?.members ?? [];
    look(
      'user',
      found.map(({ arn, id }) => ({ name: nameIn(arn), id })),
    );
    const arns = found.map(({ arn }) => arn);
    const came = later(arns, members).map(nameIn);
    if (came.length > 0) {
      problems.push(problemOf(context, { what: `${came.join(', ')} joined the group ${name}`, next }));
    }
  }
  for (const what of new Set(again)) problems.push(problemOf(context, { what, next }));
  return problems;
}

/** Holders that were deleted and created again: same name as an analysed one, but another id. */
export function recreated(
  type: HolderRef['type'],
  found: readonly NamedHolder[],
  { ids = [] }: Pick<HoldersCheck, 'ids'>,
): readonly string[] {
  return found.flatMap(({ name, id }) => {
    const analysed = ids.find((one) => one.type === type && one.name === name)?.id;
    if (analysed === undefined || id === undefined || analysed === id) return [];
    return [
      `the ${type} ${name} was deleted and created again: its id is ${id}, and ${analysed} was analysed`,
    ];
  });
}

function namesOf(holders: readonly NamedHolder[]): readonly string[] {
  return holders.map(({ name }) => name);
}

function later(now: readonly string[], analysed: readonly string[]): readonly string[] {
  const known = new Set(analysed);
  return now.filter((name) => !known.has(name));
}

function nameIn(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}
