import { existsSync } from 'node:fs';
import { z } from 'zod';
import type { PrincipalRef } from '../../core/model/principal.ts';
import type { PolicySource, PrincipalAnswer } from '../../ports/policies.ts';
import { checkInput } from './check-shape.ts';
import { readText } from './read-text.ts';
import { readValues } from './read-values.ts';

const userSchema = z.object({
  Arn: z.string(),
  LoginProfile: z.object({ CreateDate: z.string().optional() }).optional(),
});

/**
 * Principals with what `collect` keeps of their passwords, one line a user: when each was set. Nothing is added where
 * there is no such file, or it does not say.
 * @throws InputError that names the file and the place
 */
export function withPasswords(principals: PolicySource, file: string | undefined): PolicySource {
  const dates = file === undefined ? new Map<string, string>() : passwordDates(file);
  if (dates.size === 0) return principals;
  return {
    getPrincipal: async (ref: PrincipalRef): Promise<PrincipalAnswer> => {
      const answer = await principals.getPrincipal(ref);
      const passwordCreatedAt = dates.get(ref.arn);
      return answer.kind === 'gone' || passwordCreatedAt === undefined
        ? answer
        : { kind: 'found', principal: { ...answer.principal, passwordCreatedAt } };
    },
  };
}

function passwordDates(file: string): ReadonlyMap<string, string> {
  const dates = new Map<string, string>();
  if (!existsSync(file) || readText(file).trim() === '') return dates;
  for (const { value, root } of readValues(file)) {
    const { Arn, LoginProfile } = checkInput(userSchema, value, file, root);
    if (LoginProfile?.CreateDate !== undefined) dates.set(Arn, LoginProfile.CreateDate);
  }
  return dates;
}
