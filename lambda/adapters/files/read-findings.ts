import { readdirSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import {
  isJsonArray,
  isJsonObject,
  JsonDefect,
  type JsonObject,
  type JsonValue,
} from '../../core/model/json.ts';
import { byCodeUnit } from '../../core/model/order.ts';
import { checkInput } from './check-shape.ts';
import { findingPageSchema, findingSummarySchema, type PlacedPage } from './finding-page.ts';
import { InputError } from './input-error.ts';
import { kindOfInput } from './input-kind.ts';
import { truncationMarker } from './more-to-come.ts';
import { explain, nameOf, readText, type TextFile } from './read-text.ts';
import { type InputValue, readValues, within } from './read-values.ts';

const EXPECTED_FINDING = 'expected what aws accessanalyzer get-finding-v2 prints';

/** The content of a file or folder of findings. */
interface FoundPages {
  readonly pages: PlacedPage[];
  readonly faults: FindingFault[];
  /** Accounts that occur in a complete list of findings. */
  readonly listed: Set<string>;
  readonly remarks: string[];
}

/** An unreadable entry, or one unreadable file of several, and its finding if known. */
interface FindingFault {
  readonly message: string;
  readonly id: string | undefined;
  readonly resource: string | undefined;
}

/**
 * Reads every page of a file or folder. An unreadable entry is recorded, and so is an unreadable file if there are
 * several.
 * @throws InputError that names the file and the position, if nothing can be read
 */
export function readFindingPages(places: readonly TextFile[]): FoundPages {
  const found: FoundPages = { pages: [], faults: [], listed: new Set(), remarks: [] };
  const files = places.flatMap(filesAt);
  for (const file of files) {
    const name = nameOf(file);
    try {
      for (const { value, root } of readFindingValues(file)) {
        for (const each of findingsIn(value, { file: name, root })) keep(each, found);
      }
    } catch (error) {
      // A folder has one file for each finding or page, so an unreadable one does not stop the others.
      if (!(error instanceof InputError) || files.length === 1) throw error;
      found.faults.push({ message: error.message, id: undefined, resource: undefined });
    }
  }
  const [fault] = found.faults;
  if (fault && found.pages.every(({ isListed }) => isListed)) throw new InputError(fault.message);
  if (found.pages.length > 0 && found.pages.every(({ isListed }) => isListed)) {
    throw new InputError(
      `${found.pages[0]?.file ?? ''}: a list of findings, which lacks their details; ${EXPECTED_FINDING} for each of them`,
    );
  }
  return found;
}

/** JSON Lines may be empty. */
function readFindingValues(file: TextFile): readonly InputValue[] {
  const isLines = typeof file === 'string' && /\.(jsonl|ndjson)(\.gz)?$/i.test(file);
  return isLines && readText(file).trim() === '' ? [] : readValues(file);
}

interface Place {
  readonly file: string;
  readonly root: string;
}

/** A value in a file, before its shape is checked. */
type FoundValue = { readonly value: JsonValue; readonly place: Place } & (
  | { readonly kind: 'finding' }
  /** An element of `list-findings-v2`'s output, and whether that list is complete. */
  | { readonly kind: 'summary'; readonly isWhole: boolean }
  /** A list that is not complete, and the member that says so. */
  | { readonly kind: 'cut-list'; readonly more: string }
  /** Anything else, and what it is. */
  | { readonly kind: 'other'; readonly problem: string }
);

/**
 * Finds the findings within a JSON value, with anything that scripts put around them: nested arrays, `{"findings":
 * […]}`, nested objects.
 */
export function* findingsIn(value: JsonValue, place: Place): Generator<FoundValue> {
  const { file, root } = place;
  if (isJsonArray(value)) {
    for (const [index, item] of value.entries()) yield* findingsIn(item, { file, root: within(root, index) });
    return;
  }
  // The schema reports what is not an object.
  if (!isJsonObject(value) || isThere(value, 'findingDetails') || isUnanalysed(value)) {
    yield { kind: 'finding', value, place };
    return;
  }
  const list = value['findings'];
  if (isJsonArray(list)) {
    yield* findingsOfList(value, list, { file, root: within(root, 'findings') });
    return;
  }
  const members = Object.entries(value);
  const inner = members.filter(([, member]) => holdsDetails(member) || isLikeFinding(member));
  if (!members.some(([, member]) => holdsDetails(member))) {
    yield { kind: 'other', value, place, problem: otherKind(value, place) };
    return;
  }
  for (const [name, member] of inner) yield* findingsIn(member, { file, root: within(root, name) });
}

/** A list as `list-findings-v2` prints it, or a list of whole findings that a script made. */
function* findingsOfList(
  answer: JsonObject,
  list: readonly JsonValue[],
  { file, root }: Place,
): Generator<FoundValue> {
  const more = truncationMarker(answer);
  if (more !== undefined) yield { kind: 'cut-list', value: answer, place: { file, root }, more };
  for (const [index, item] of list.entries()) {
    const place = { file, root: within(root, index) };
    if (!isJsonObject(item) || isThere(item, 'findingDetails')) yield* findingsIn(item, place);
    else if (isThere(item, 'id')) yield { kind: 'summary', value: item, place, isWhole: more === undefined };
    else {
      const problem = otherKind(answer, { file, root: '' });
      yield { kind: 'other', value: item, place, problem };
    }
  }
}

function keep(found: FoundValue, kept: FoundPages): void {
  try {
    keepReadable(found, kept);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    kept.faults.push({
      message: error.message,
      id: textIn(found.value, 'id'),
      resource: textIn(found.value, 'resource'),
    });
  }
}

function textIn(value: JsonValue, member: string): string | undefined {
  const text = isJsonObject(value) ? value[member] : undefined;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

/** @throws InputError that names the position */
function keepReadable({ value, place, ...found }: FoundValue, { pages, listed, remarks }: FoundPages): void {
  const { file, root } = place;
  switch (found.kind) {
    case 'other':
      throw new InputError(found.problem);
    case 'cut-list':
      remarks.push(`${file}: ${found.more} says that the list of findings goes on, so others are missing`);
      return;
    case 'summary': {
      const page = checkInput(findingSummarySchema, value, file, root);
      pages.push({ page, isLast: true, isListed: true, file, root });
      if (found.isWhole) listed.add(page.resourceOwnerAccount ?? page.resource.split(':')[4] ?? '');
      return;
    }
    case 'finding': {
      const page =
        isJsonObject(value) && !isThere(value, 'findingDetails')
          ? checkInput(findingSummarySchema, value, file, root)
          : checkInput(findingPageSchema, value, file, root);
      pages.push({ page, isLast: truncationMarker(value) === undefined, isListed: false, file, root });
      return;
    }
    default:
      found satisfies never;
  }
}

/** A finding that carries an error of the analysis has no details. */
function isUnanalysed(value: JsonObject): boolean {
  return isThere(value, 'error') && isThere(value, 'findingType');
}

function isThere(value: JsonObject, member: string): boolean {
  return (value[member] ?? null) !== null;
}

/** How many objects and arrays may be nested around a finding, because scripts add them. */
const MOST_AROUND = 3;

function holdsDetails(value: JsonValue, depth = 0): boolean {
  if (isJsonArray(value)) return value.length > 0 && value.every((item) => holdsDetails(item, depth));
  if (!isJsonObject(value) || depth > MOST_AROUND) return false;
  return (
    isThere(value, 'findingDetails') || Object.values(value).some((member) => holdsDetails(member, depth + 1))
  );
}

/** Whether a value looks like a finding that cannot be read, with misspelt or duplicate members. */
function isLikeFinding(value: JsonValue): boolean {
  if (value instanceof JsonDefect) return true;
  return isJsonObject(value) && Object.keys(value).some((key) => /^finding[_-]?(details|type)$/i.test(key));
}

function otherKind(value: JsonValue, { file, root }: Place): string {
  const kind = kindOfInput(value) ?? 'no finding: it has no findingDetails';
  return `${file}:${root === '' ? '' : ` ${root}:`} ${kind}; ${EXPECTED_FINDING}`;
}

/** All files of a folder and its subfolders, sorted by path. */
function filesAt(place: TextFile): readonly TextFile[] {
  if (typeof place !== 'string' || place === '-') return [place];
  const files: string[] = [];
  visit(place, files, new Set());
  if (files.length === 0) throw new InputError(`${place}: the folder holds no .json or .jsonl file`);
  return files.sort(byCodeUnit);
}

function visit(place: string, files: string[], seen: Set<string>): void {
  try {
    if (!statSync(place).isDirectory()) {
      files.push(place);
      return;
    }
    // A symbolic link may lead back to a folder above it.
    const real = realpathSync(place);
    if (seen.has(real)) return;
    seen.add(real);
    for (const entry of readdirSync(place, { withFileTypes: true })) {
      const inner = path.join(place, entry.name);
      if (entry.name.startsWith('.')) continue;
      if (
        /\.(json|jsonl|ndjson)(\.gz)?$/i.test(entry.name) ||
        entry.isDirectory() ||
        isFolderLink(inner, entry)
      ) {
        visit(inner, files, seen);
      }
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${place}: ${explain(error)}`);
  }
}

function isFolderLink(place: string, entry: { isSymbolicLink(): boolean }): boolean {
  return entry.isSymbolicLink() && statSync(place, { throwIfNoEntry: false })?.isDirectory() === true;
}
