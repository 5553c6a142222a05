import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { isJsonArray, type JsonValue } from '../../core/model/json.ts';
import { byCodeUnit } from '../../core/model/order.ts';
import type { FindingType } from '../../core/proposal/schema.ts';
import type {
  FindingAnswer,
  FindingDetails,
  FindingReference,
  FindingSource,
} from '../../ports/finding-source.ts';
import { readJson, readJsonSequence } from '../json/read-json.ts';
import { checkShape } from './check-shape.ts';
import { InputError } from './input-error.ts';
import { explain, readText } from './read-text.ts';

/** The command line prints times as ISO 8601 or, when told so, as seconds. */
const timeSchema = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((time) =>
    typeof time === 'number' ? new Date(time * 1000).toISOString() : (time ?? undefined),
  );

const actionSchema = z.union([
  z.string().transform((action) => ({ action, lastAccessed: undefined })),
  z.object({ action: z.string(), lastAccessed: timeSchema }),
]);

/** One entry of unused access; the article writes actions as plain strings, the API as objects. */
export const unusedEntrySchema = z.object({
  serviceNamespace: z.string(),
  actions: z.array(actionSchema).nullish(),
  lastAccessed: timeSchema,
});

const detailSchema = z.object({
  unusedPermissionDetails: unusedEntrySchema.optional(),
  unusedIamRoleDetails: z.object({ lastAccessed: timeSchema }).optional(),
  unusedIamUserAccessKeyDetails: z.object({ accessKeyId: z.string(), lastAccessed: timeSchema }).optional(),
  unusedIamUserPasswordDetails: z.object({ lastAccessed: timeSchema }).optional(),
});

/**
 * One page of what `aws accessanalyzer get-finding-v2` prints.
 * Source: https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GetFindingV2.html
 */
export const findingPageSchema = z.object({
  id: z.string(),
  resource: z.string(),
  resourceOwnerAccount: z.string().optional(),
  status: z.enum(['ACTIVE', 'ARCHIVED', 'RESOLVED']),
  findingType: z.string(),
  updatedAt: timeSchema,
  error: z.string().nullish(),
  analyzerArn: z.string().optional(),
  findingDetails: z.array(detailSchema).default([]),
});

type FindingPage = z.infer<typeof findingPageSchema>;

/** Findings from a file (JSON array, JSON Lines, one object) or a folder of such files; pages of one id are merged. */
export class FindingsFiles implements FindingSource {
  readonly #pages: ReadonlyMap<string, readonly FindingPage[]>;
  readonly #analyzerArn: string | null;

  private constructor(pages: ReadonlyMap<string, readonly FindingPage[]>, analyzerArn: string | null) {
    this.#pages = pages;
    this.#analyzerArn = analyzerArn;
  }

  /**
   * Reads everything at once. `analyzerArn` is for findings that do not name their analyzer: the API's answer does not.
   * @throws InputError that names the file and the place
   */
  static from(place: string, analyzerArn: string | null): FindingsFiles {
    const pages = new Map<string, FindingPage[]>();
    for (const file of filesAt(place)) {
      for (const { value, root } of valuesIn(file)) {
        const page = checkShape(findingPageSchema, value, file, root);
        const earlier = pages.get(page.id);
        if (earlier?.[0] && earlier[0].resource !== page.resource) {
          throw new InputError(
            `${file}: ${root} the finding ${page.id} is about two principals; take one of them out`,
          );
        }
        pages.set(page.id, [...(earlier ?? []), page]);
      }
    }
    return new FindingsFiles(pages, analyzerArn);
  }

  /** Every finding, in the order of principal and id, so that the order of files does not count. */
  get references(): readonly FindingReference[] {
    const references = [...this.#pages].map(([findingId, [page]]) => ({
      analyzerArn: page?.analyzerArn ?? this.#analyzerArn ?? '',
      findingId,
      accountId: page?.resourceOwnerAccount ?? '',
      resource: page?.resource ?? '',
    }));
    return references.sort(
      (a, b) => byCodeUnit(a.resource, b.resource) || byCodeUnit(a.findingId, b.findingId),
    );
  }

  getFinding(reference: FindingReference): Promise<FindingAnswer> {
    const pages = this.#pages.get(reference.findingId) ?? [];
    const [first] = pages;
    return Promise.resolve(first ? this.#answer(first, pages) : { kind: 'gone' });
  }

  #answer(first: FindingPage, pages: readonly FindingPage[]): FindingAnswer {
    const error = pages.find((page) => page.error)?.error;
    if (error)
      return { kind: 'unsupported', reason: `Access Analyzer could not analyse the principal (${error})` };
    const findingType = TYPES.find((type) => type === first.findingType);
    if (!findingType) {
      return {
        kind: 'unsupported',
        reason: `the finding type ${first.findingType} is not about unused access`,
      };
    }
    return {
      kind: 'found',
      finding: {
        id: first.id,
        analyzerArn: first.analyzerArn ?? this.#analyzerArn,
        findingType,
        status: first.status,
        resource: first.resource,
        accountId: first.resourceOwnerAccount ?? '',
        updatedAt: first.updatedAt ?? null,
        details: mergeDetails(findingType, pages),
      },
    };
  }
}

const TYPES: readonly FindingType[] = [
  'UnusedPermission',
  'UnusedIAMRole',
  'UnusedIAMUserAccessKey',
  'UnusedIAMUserPassword',
];

function mergeDetails(type: FindingType, pages: readonly FindingPage[]): FindingDetails {
  const details = pages.flatMap((page) => page.findingDetails);
  switch (type) {
    case 'UnusedPermission':
      return { type, entries: details.flatMap((detail) => detail.unusedPermissionDetails ?? []) };
    case 'UnusedIAMRole':
      return {
        type,
        lastAccessed: details.find((d) => d.unusedIamRoleDetails)?.unusedIamRoleDetails?.lastAccessed,
      };
    case 'UnusedIAMUserAccessKey': {
      const keys = new Map(
        details.flatMap(({ unusedIamUserAccessKeyDetails: key }) =>
          key ? [[key.accessKeyId, key] as const] : [],
        ),
      );
      return {
        type,
        keys: [...keys.values()].map(({ accessKeyId, lastAccessed }) => ({ accessKeyId, lastAccessed })),
      };
    }
    case 'UnusedIAMUserPassword':
      return {
        type,
        lastAccessed: details.find((d) => d.unusedIamUserPasswordDetails)?.unusedIamUserPasswordDetails
          ?.lastAccessed,
      };
    default:
      return type satisfies never;
  }
}

function filesAt(place: string): readonly string[] {
  try {
    if (!statSync(place).isDirectory()) return [place];
    const names = readdirSync(place).filter((name) => /\.(json|jsonl|ndjson)$/i.test(name));
    if (names.length === 0) throw new InputError(`${place}: the folder holds no .json or .jsonl file`);
    return names.sort(byCodeUnit).map((name) => path.join(place, name));
  } catch (error) {
    throw error instanceof InputError ? error : new InputError(`${place}: ${explain(error)}`);
  }
}

function valuesIn(file: string): readonly { readonly value: JsonValue; readonly root: string }[] {
  const text = readText(file);
  const whole = readJson(text);
  if (whole.ok) {
    return isJsonArray(whole.value)
      ? whole.value.map((value, index) => ({ value, root: `[${String(index)}]` }))
      : [{ value: whole.value, root: '' }];
  }
  // More than one value: JSON Lines, or the output of several commands one after the other.
  const sequence = readJsonSequence(text);
  if (!sequence.ok || sequence.value.length < 2) {
    throw new InputError(`${file}: ${sequence.ok ? whole.problem : sequence.problem}`);
  }
  return sequence.value.flatMap(({ value, line }) =>
    isJsonArray(value)
      ? value.map((item, index) => ({ value: item, root: `line ${String(line)} [${String(index)}]` }))
      : [{ value, root: `line ${String(line)}` }],
  );
}
