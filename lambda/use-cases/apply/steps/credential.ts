import { DONE, PROPOSE_AGAIN, refused, TO_DO } from '../apply-context.ts';
import { type Action, checksOf, type StepModule } from './step-module.ts';

export const setAccessKeyStatus: StepModule<Action<'set-access-key-status'>> = {
  look: async ({ accessKeyId, status }, context) => {
    const key = await context.iam.accessKey(context.subject.name, accessKeyId);
    if (key === undefined) {
      return refused(context, {
        what: `the access key ${accessKeyId} does not exist any more`,
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
    if (check?.createdBefore === undefined || createdAt === undefined) return TO_DO;
    if (Date.parse(createdAt) <= Date.parse(check.createdBefore)) return TO_DO;
    return refused(context, {
      what: `${context.subject.name} has another password than the one that was analysed on ${check.createdBefore}`,
      changedAt: createdAt,
      next: `wait until the analyzer has looked at it, then ${PROPOSE_AGAIN}`,
    });
  },
  act: async (_, { iam, subject }) => {
    await iam.deletePassword(subject.name);
    return 'last';
  },
};
