import type { IamWriter } from '../../../lambda/ports/apply.ts';

/** Stands for the death of the process: no code of ours catches it. */
export class Killed extends Error {}

/**
 * IAM for a process that dies at its nth call (counted from 0), before the call is made or after it was made and
 * before its answer arrives.
 */
export function killedAt<T extends IamWriter>(
  iam: T,
  nth: number,
  when: 'before' | 'after',
): { iam: T; calls: () => number } {
  let calls = 0;
  const dying = new Proxy(iam, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      return async (...args: readonly unknown[]): Promise<unknown> => {
        const now = calls;
        calls += 1;
        if (now === nth && when === 'before') throw new Killed();
        const answer: unknown = await Reflect.apply(value, target, args);
        if (now === nth) throw new Killed();
        return answer;
      };
    },
  });
  return { iam: dying, calls: () => calls };
}
