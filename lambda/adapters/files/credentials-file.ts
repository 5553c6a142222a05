import { existsSync } from 'node:fs';
import * as z from 'zod';
import { isJsonArray, isJsonObject } from '../../core/model/json.ts';
import type { PrincipalRef } from '../../core/model/principal.ts';
import type { UserCredentials } from '../../core/usage/last-accessed-findings.ts';
import type { PolicySource, PrincipalAnswer } from '../../ports/policies.ts';
import { checkInput } from './check-shape.ts';
import { nameOf, readText, type TextFile } from './read-text.ts';
import { readValues } from './read-values.ts';

const time = z.string().optional();
const userSchema = z.object({
  Arn: z.string(),
  PasswordLastUsed: time,
  LoginProfile: z.object({ CreateDate: time }).optional(),
  AccessKeys: z
    .array(
      z.object({
        AccessKeyId: z.string(),
        Status: z.string(),
        CreateDate: time,
        AccessKeyLastUsed: z.object({ LastUsedDate: time }).optional(),
      }),
    )
    .default([]),
});

/**
 * Reads `credentials.jsonl`, which `collect` writes: one user on each line, as `list-users` prints it, with
 * `LoginProfile` (null if there is no password) and `AccessKeys`, each with `AccessKeyLastUsed`.
 * @param readAt when they were read, ISO 8601
 * @throws InputError that names the file and the place
 */
export function readCredentials(
  file: TextFile,
  readAt: string,
): (ref: PrincipalRef) => UserCredentials | undefined {
  const users = new Map<string, UserCredentials>();
  const values = readText(file).trim() === '' ? [] : readValues(file);
  for (const { value, root } of values) {
    const user = checkInput(userSchema, value, nameOf(file), root);
    // A missing member was not read, so nothing is known. "None" is `"LoginProfile": null` and `"AccessKeys": []`.
    if (!isJsonObject(value) || value['LoginProfile'] === undefined || !isJsonArray(value['AccessKeys']))
      continue;
    const { LoginProfile: profile } = user;
    users.set(user.Arn, {
      readAt,
      password: profile ? { createdAt: profile.CreateDate, lastUsedAt: user.PasswordLastUsed ?? null } : null,
      keys: user.AccessKeys.map((key) => ({
        accessKeyId: key.AccessKeyId,
        isActive: key.Status === 'Active',
        createdAt: key.CreateDate,
        lastUsedAt: key.AccessKeyLastUsed && (key.AccessKeyLastUsed.LastUsedDate ?? null),
      })),
    });
  }
  return ({ arn }) => users.get(arn);
}

/**
 * Adds to users when their password was set, from the file that `collect` writes. Nothing is added if there is no such
 * file, or the file does not say.
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
