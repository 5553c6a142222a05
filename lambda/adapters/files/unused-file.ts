import * as z from 'zod';
import { isJsonArray, isJsonObject, type JsonValue } from '../../core/model/json.ts';
import { readUnusedAccess, type UnusedAccess, type UnusedEntry } from '../../core/model/unused-access.ts';
import { checkInput } from './check-shape.ts';
import { findingPageSchema, unusedEntrySchema } from './finding-page.ts';
import { findingsIn } from './read-findings.ts';
import { InputError } from './input-error.ts';
import { truncationMarker } from './more-to-come.ts';
import { nameOf, type TextFile } from './read-text.ts';
import { readValues } from './read-values.ts';

const loosePageSchema = findingPageSchema.partial();

/** The unused access by which one policy is refined. */
interface UnusedFile {
  readonly unused: UnusedAccess;
  /** Notes for the user. */
  readonly remarks: readonly string[];
}

/**
 * Reads an array of `{serviceNamespace, actions?}`, or the pages of one finding.
 * @throws InputError that names the file and the position; also if it contains several findings, or several states of
 * one
 */
export function readUnusedFile(file: TextFile): UnusedFile {
  const name = nameOf(file);
  const values = readValues(file);
  const [only] = values;
  const isEntries = values.length === 1 && isJsonArray(only?.value) && !only.value.some(isFinding);
  if (isEntries) {
    const entries = checkInput(z.array(unusedEntrySchema), only.value, name);
    return { unused: normalised(entries, name), remarks: [] };
  }
  const pages: { readonly page: LoosePage; readonly isLast: boolean }[] = [];
  for (const { value, root } of values) {
    for (const found of findingsIn(value, { file: name, root })) {
      if (found.kind === 'summary') {
        throw new InputError(`${name}: a list of findings, which lacks their details; ${EXPECTED}`);
      }
      if (found.kind === 'other') throw new InputError(found.problem);
      if (found.kind === 'cut-list') continue;
      const page = checkInput(loosePageSchema, found.value, name, found.place.root);
      pages.push({ page, isLast: truncationMarker(found.value) === undefined });
    }
  }
  if (pages.length === 0) throw new InputError(`${name}: holds no finding; ${EXPECTED}`);
  checkOne(
    pages.map(({ page }) => page),
    name,
  );
  const remarks = pages.some(({ isLast }) => isLast)
    ? []
    : [`${name}: the last page of the finding is missing, so only a part of what is unused goes`];
  const details = pages.flatMap(({ page }) => page.findingDetails ?? []);
  const unknown = details.findIndex((detail) => detail.unusedPermissionDetails === undefined);
  if (unknown >= 0) {
    throw new InputError(
      `${name}: findingDetails[${String(unknown)}] lacks unusedPermissionDetails; ${EXPECTED}`,
    );
  }
  const entries = details.flatMap((detail) => detail.unusedPermissionDetails ?? []);
  return { unused: normalised(entries, name), remarks };
}

function isFinding(value: JsonValue): boolean {
  return !isJsonObject(value) ? isJsonArray(value) : !Object.hasOwn(value, 'serviceNamespace');
}

function normalised(entries: readonly UnusedEntry[], file: string): UnusedAccess {
  const unused = readUnusedAccess(entries);
  if (!unused.ok) throw new InputError(`${file}: ${unused.problem}`);
  return unused.value;
}

/** A page of a finding, which may have only the details. */
type LoosePage = z.infer<typeof loosePageSchema>;

const EXPECTED =
  'expected an array of {serviceNamespace, actions?}, or what aws accessanalyzer get-finding-v2 prints';

/** Checks that all pages belong to one finding in one state. */
function checkOne(pages: readonly LoosePage[], name: string): void {
  const count = (of: (page: LoosePage) => string | undefined): number => new Set(pages.map(of)).size;
  const principals = count(({ resource }) => resource);
  if (principals > 1) {
    throw new InputError(
      `${name}: holds findings of ${String(principals)} principals; a policy is refined by the finding of one`,
    );
  }
  const findings = count(({ id }) => id);
  if (findings > 1) {
    throw new InputError(`${name}: holds ${String(findings)} findings; a policy is refined by one`);
  }
  const states = count(
    ({ updatedAt, analyzedAt }) => `${String(momentOf(updatedAt))} ${String(momentOf(analyzedAt))}`,
  );
  if (states > 1) {
    throw new InputError(
      `${name}: holds the finding in ${String(states)} states (updatedAt); keep the pages of the latest`,
    );
  }
  for (const { error, findingType, status } of pages) {
    if (error !== undefined) {
      throw new InputError(
        `${name}: Access Analyzer could not analyse the principal (${error}), so the finding says nothing`,
      );
    }
    if (findingType !== undefined && findingType !== 'UnusedPermission') {
      throw new InputError(`${name}: a finding of type ${findingType} has no unused permissions`);
    }
    if (status !== undefined && status !== 'ACTIVE') {
      throw new InputError(
        `${name}: the finding is ${status}; only an ACTIVE finding says what is unused now`,
      );
    }
  }
}

/** Normalises a time, so that the same moment in two spellings is equal. */
function momentOf(time: string | undefined): string | number | undefined {
  const moment = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(moment) ? time : moment;
}
