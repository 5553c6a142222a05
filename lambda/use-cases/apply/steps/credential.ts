import { SAME_MOMENT } from '../guards.ts';
import { DONE, PROPOSE_AGAIN, refused, TO_DO } from '../apply-context.ts';
import { type Action, checksOf, type StepModule } from './step-module.ts';

export const setAccessKeyStatus: StepModule<Action<'set-access-key-status'>> = {
  look: async ({ accessKeyId, status }, context) => {
    const key = await context.iam.accessKey(context.subject.name, accessKeyId);
    if (key === undefined) {
      return refused(context, {
        what: `the access key ${accessKeyId} no longer exists`,
        next: 'nothing is left to do about it',
      });
    }
    return key.status === status ? DONE : TO_DO;
  },
  act: async ({ accessKeyId, status }, { iam, subject }) => {
    await iam.setAccessKeyStatus(subject.name, accessKeyId, status);
    return 'last';
  },
};

export const deletePassword: StepModule<Action<'delete-password'>> = {
  look: async (_, context) => {
    const password = await context.iam.password(context.subject.name);
    if (password === undefined) return DONE;
    const [check] = checksOf('password', context);
    const { createdAt } = password;
    const analysed = check?.createdAt ?? check?.createdBefore;
    if (analysed === undefined || createdAt === undefined) return TO_DO;
    const isSame =
      check?.createdAt === undefined
        ? Date.parse(createdAt) <= Date.parse(analysed)
        : Math.abs(Date.parse(createdAt) - Date.parse(analysed)) < SAME_MOMENT;
    if (isSame) return TO_DO;
    return refused(context, {
      what:
        check?.createdAt === undefined
          ? `${context.subject.name} has another password than the one that was analysed on ${analysed}`
          : `${context.subject.name} has another password than the one that was analysed, which was set on ${analysed}`,
      changedAt: createdAt,
      next: `wait until the analyzer has looked at it, then ${PROPOSE_AGAIN}`,
    });
  },
  act: async (_, { iam, subject }) => {
    await iam.deletePassword(subject.name);
    return 'last';
  },
};
