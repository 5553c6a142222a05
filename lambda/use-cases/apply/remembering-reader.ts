import type { IamReader } from '../../ports/apply.ts';

/** Answers each question once: for one look at everything, in which several steps ask the same. */
export function remembering(iam: IamReader): IamReader {
  const once = <Args extends readonly unknown[], T>(
    ask: (...args: Args) => Promise<T>,
  ): ((...args: Args) => Promise<T>) => {
    const own = new Map<string, Promise<T>>();
    return (...args) => {
      const key = JSON.stringify(args);
      const answer = own.get(key) ?? ask(...args);
      own.set(key, answer);
      return answer;
    };
  };
  return {
    subject: once((holder) => iam.subject(holder)),
    inlinePolicy: once((holder, name) => iam.inlinePolicy(holder, name)),
    inlinePolicyNames: once((holder) => iam.inlinePolicyNames(holder)),
    attachedPolicies: once((holder) => iam.attachedPolicies(holder)),
    managedPolicy: once((arn) => iam.managedPolicy(arn)),
    policyVersions: once((arn) => iam.policyVersions(arn)),
    versionDocument: once((arn, id) => iam.versionDocument(arn, id)),
    policyHolders: once((arn) => iam.policyHolders(arn)),
    group: once((name) => iam.group(name)),
    accessKey: once((user, id) => iam.accessKey(user, id)),
    password: once((user) => iam.password(user)),
    quotas: once(() => iam.quotas()),
  };
}
