import * as z from 'zod';
import { MANAGED_POLICIES } from '../../contract/settings.ts';
import { isJsonObject } from '../../core/model/json.ts';
import { EFFECTS } from '../../core/risk/risk.ts';
import type { RefinementSettings } from '../../ports/settings.ts';
import { readJson } from '../../json/read-json.ts';
import { checkInput } from './check-shape.ts';
import { InputError } from './input-error.ts';
import { nameOf, readText } from './read-text.ts';

/** A tag key alone, or a key with a value. */
const tagSchema = z.union(
  [
    z.string().transform((key) => ({ key, value: null })),
    z.strictObject({ key: z.string(), value: z.string().nullable().default(null) }),
  ],
  'expected the key of a tag, or an object {"key": …, "value": …}',
);

/** The settings of `--config`, named as the deployed stack's options. */
const settingsSchema = z.object({
  generalize: z.enum(['shortest', 'least', 'enumerate']).optional(),
  star: z.enum(['list', 'not-action']).optional(),
  keep: z.array(z.string()).optional(),
  excludeNames: z.array(z.string()).default([]),
  excludePaths: z
    .array(z.string().regex(/^\//, 'expected the beginning of a path, such as /admins/'))
    .default([]),
  excludeTags: z.array(tagSchema).default([]),
  excludeAccounts: z.array(z.string().regex(/^\d{12}$/, 'expected an account id of 12 digits')).default([]),
  analyzerArn: z.string().optional(),
  minEffect: z.enum(EFFECTS).optional(),
  ownerTag: z.string().min(1).max(128).optional(),
  accountNames: z
    .array(
      z.string().regex(/^\d{12}=[\x20-\x7e]{1,50}$/, 'expected an account as 111122223333=payments-prod'),
    )
    .default([]),
  managedPoliciesPerRole: quotaSchema(MANAGED_POLICIES.most.role),
  managedPoliciesPerUser: quotaSchema(MANAGED_POLICIES.most.user),
});

function quotaSchema(most: number) {
  const expected = `expected a whole number from 1 to ${String(most)}`;
  return z.int(expected).min(1, expected).max(most, expected).optional();
}

export interface OfflineSettings extends Partial<Omit<RefinementSettings, 'exclude'>> {
  readonly exclude: RefinementSettings['exclude'];
  readonly analyzerArn?: string;
  /** By account id. */
  readonly accountNames: Readonly<Record<string, string>>;
  /**
   * Options in the file that have no effect offline. They are valid, because the stack may use the same file, but a
   * misspelt option is an error.
   */
  readonly ignored: readonly string[];
}

/**
 * Reads the settings of an offline run.
 * @throws InputError that names the file and the place
 */
export function readSettingsFile(place: string): OfflineSettings {
  const file = nameOf(place);
  const json = readJson(readText(place));
  if (!json.ok) throw new InputError(`${file}: ${json.problem}`);
  const settings = checkInput(settingsSchema, json.value, file);
  const { generalize, star, keep, analyzerArn, ownerTag, minEffect } = settings;
  const { managedPoliciesPerRole: role, managedPoliciesPerUser: user } = settings;
  return {
    ...(generalize === undefined ? {} : { generalize }),
    ...(star === undefined ? {} : { star }),
    ...(keep === undefined ? {} : { keep }),
    ...(analyzerArn === undefined ? {} : { analyzerArn }),
    ...(ownerTag === undefined ? {} : { ownerTag }),
    ...(minEffect === undefined ? {} : { minEffect }),
    accountNames: Object.fromEntries(
      settings.accountNames.map((one) => [one.slice(0, 12), one.slice(13).trim()]),
    ),
    ...(role === undefined && user === undefined
      ? {}
      : {
          managedPolicies: {
            ...(role === undefined ? {} : { role }),
            ...(user === undefined ? {} : { user }),
          },
        }),
    exclude: {
      names: settings.excludeNames,
      paths: settings.excludePaths,
      tags: settings.excludeTags,
      accounts: settings.excludeAccounts,
    },
    ignored: Object.keys(isJsonObject(json.value) ? json.value : {}).filter(
      (key) => !Object.hasOwn(settingsSchema.shape, key),
    ),
  };
}
