import type { IamWriter } from '../../../lambda/ports/apply.ts';

/** Stands for the death of the process: no code of ours catches it. */
export class Killed extends Error {}

/** Whether a method of the writer is one change. */
const isChange = (method: string): boolean => /^(put|delete|create|attach|detach|set)/.test(method);

/**
 * IAM for a process that dies at its nth call (counted from 0), before the call is made or after it was made and
 * before its answer arrives.
 * @param readings how many readings are counted as one call; a change always counts
 */
export function killedAt<T extends IamWriter>(
  iam: T,
  nth: number,
  when: 'before' | 'after',
  readings = 1,
): { iam: T; calls: () => number } {
  let calls = 0;
  let read = 0;
  const dying = new Proxy(iam, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      return async (...args: readonly unknown[]): Promise<unknown> => {
        if (!isChange(String(property))) {
          read += 1;
          if (read % readings !== 0) return Reflect.apply(value, target, args);
        }
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
