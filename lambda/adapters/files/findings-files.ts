import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { isJsonArray, isJsonObject, type JsonValue } from '../../core/model/json.ts';
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

/** The last second that JavaScript's dates know, and that ISO 8601 writes with four digits for the year. */
const LAST_SECOND = 253_402_300_799;

/** The command line prints times as ISO 8601 or, when told so, as seconds since 1970. */
const timeSchema = z
  .union(
    [z.string(), z.number().min(0).max(LAST_SECOND)],
    'expected a time in ISO 8601 or in seconds since 1970',
  )
  .nullish()
  .transform((time) =>
    typeof time === 'number' ? new Date(time * 1000).toISOString() : (time ?? undefined),
  );

const datedActionSchema = z.object({ action: z.string(), lastAccessed: timeSchema });

/** The article writes actions as plain strings, the API as objects. */
const actionSchema = z.preprocess(
  (value) => (typeof value === 'string' ? { action: value } : value),
  datedActionSchema,
);

/** One entry of unused access. Without actions it means the whole service. */
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
  resource: z.string().min(1, 'expected the ARN of a role or user, found an empty string'),
  resourceOwnerAccount: z.string().optional(),
  status: z.enum(['ACTIVE', 'ARCHIVED', 'RESOLVED']),
  findingType: z.string(),
  updatedAt: timeSchema,
  error: z.string().nullish(),
  analyzerArn: z.string().optional(),
  /** On every page but the last. */
  nextToken: z.string().nullish(),
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
        refuseLists(value, file);
        const page = checkShape(findingPageSchema, value, file, root);
        const known = pages.get(page.id);
        const [earlier] = known ?? [];
        const difference = AGREED.find((member) => earlier && earlier[member] !== page[member]);
        if (difference !== undefined) {
          const values = [earlier?.[difference], page[difference]].map((text) => JSON.stringify(text));
          throw new InputError(
            `${file}:${root === '' ? '' : ` ${root}:`} the finding ${JSON.stringify(page.id)} has the ${difference} ${values.join(' on one page and ')} on another; keep the pages of one run`,
          );
        }
        if (known) known.push(page);
        else pages.set(page.id, [page]);
      }
    }
    return new FindingsFiles(pages, analyzerArn);
  }

  /** Findings of which the last page is not there: what they report unused is not all of it. */
  get incomplete(): readonly string[] {
    return [...this.#pages]
      .filter(([, pages]) => pages.every(({ nextToken }) => nextToken))
      .map(([id]) => id)
      .sort(byCodeUnit);
  }

  /** Every finding, in the order of principal and id, so that the order of files does not count. */
  get references(): readonly FindingReference[] {
    const references = [...this.#pages].map(([findingId, pages]) => ({
      analyzerArn: oneOf(pages, 'analyzerArn') ?? this.#analyzerArn ?? '',
      findingId,
      accountId: oneOf(pages, 'resourceOwnerAccount') ?? '',
      resource: pages[0]?.resource ?? '',
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
        analyzerArn: oneOf(pages, 'analyzerArn') ?? this.#analyzerArn,
        findingType,
        status: first.status,
        resource: first.resource,
        accountId: oneOf(pages, 'resourceOwnerAccount') ?? '',
        updatedAt: oneOf(pages, 'updatedAt') ?? null,
        details: mergeDetails(findingType, pages),
      },
    };
  }
}

/** What all pages of a finding say alike. Where they do not, one of them is older, and their union would be wrong. */
const AGREED = ['resource', 'status', 'findingType'] as const;

/** A member that one page may have and another may lack: the greatest text, so that the order of files does not count. */
function oneOf(
  pages: readonly FindingPage[],
  member: 'analyzerArn' | 'resourceOwnerAccount' | 'updatedAt',
): string | undefined {
  return pages.reduce<string | undefined>((best, page) => {
    const value = page[member];
    return best === undefined || (value !== undefined && value > best) ? value : best;
  }, undefined);
}

/** The list of findings is easily taken for the findings; it lacks what they report. */
function refuseLists(value: JsonValue, file: string): void {
  if (isJsonObject(value) && isJsonArray(value['findings'])) {
    throw new InputError(
      `${file}: a list of findings, which lacks their details; expected what aws accessanalyzer get-finding-v2 prints for each of them`,
    );
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
      return { type, lastAccessed: latest(details.map((detail) => detail.unusedIamRoleDetails)) };
    case 'UnusedIAMUserAccessKey': {
      const keys = details.flatMap(({ unusedIamUserAccessKeyDetails: key }) => key ?? []);
      const ids = [...new Set(keys.map(({ accessKeyId }) => accessKeyId))].sort(byCodeUnit);
      return {
        type,
        keys: ids.map((accessKeyId) => ({
          accessKeyId,
          lastAccessed: latest(keys.filter((key) => key.accessKeyId === accessKeyId)),
        })),
      };
    }
    case 'UnusedIAMUserPassword':
      return { type, lastAccessed: latest(details.map((detail) => detail.unusedIamUserPasswordDetails)) };
    default:
      return type satisfies never;
  }
}

function latest(
  details: readonly ({ readonly lastAccessed?: string | undefined } | undefined)[],
): string | undefined {
  return details
    .flatMap((detail) => detail?.lastAccessed ?? [])
    .sort(byCodeUnit)
    .at(-1);
}

function filesAt(place: string): readonly string[] {
  try {
    if (!statSync(place).isDirectory()) return [place];
    const names = readdirSync(place)
      .filter((name) => !name.startsWith('.') && /\.(json|jsonl|ndjson)$/i.test(name))
      .sort(byCodeUnit);
    const files = names.map((name) => path.join(place, name)).filter((file) => !statSync(file).isDirectory());
    if (files.length === 0) throw new InputError(`${place}: the folder holds no .json or .jsonl file`);
    return files;
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
