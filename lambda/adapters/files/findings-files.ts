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
import type { Finding, FindingAnswer, FindingReference, FindingSource } from '../../ports/findings.ts';
import { checkInput } from './check-shape.ts';
import {
  type FindingRecord,
  findingPageSchema,
  findingSummarySchema,
  type PlacedPage,
} from './finding-page.ts';
import { settleFinding } from './finding-states.ts';
import { InputError } from './input-error.ts';
import { kindOfInput } from './input-kind.ts';
import { moreToCome } from './more-to-come.ts';
import { explain, nameOf, readText, type TextFile } from './read-text.ts';
import { type InputValue, readValues, within } from './read-values.ts';

export const EXPECTED_FINDING = 'expected what aws accessanalyzer get-finding-v2 prints';

/** What a file or a folder of findings holds. */
interface FoundPages {
  readonly pages: PlacedPage[];
  readonly faults: FindingFault[];
  /** Accounts of which a list of findings that is complete shows something. */
  readonly listed: Set<string>;
  readonly remarks: string[];
}

/** An entry, or a file among others, that cannot be read, and which finding it is of, as far as it says so. */
interface FindingFault {
  readonly message: string;
  readonly id: string | undefined;
  readonly resource: string | undefined;
}

/**
 * Findings from a file (JSON array, JSON Lines, one object) or a folder of such files. Pages of one state of a finding
 * are merged; of several states the latest counts.
 */
export class FindingsFiles implements FindingSource {
  /** Every finding, in the order of principal and id, so that the order of files does not count. */
  readonly records: readonly FindingRecord[];
  /** What a reader of the run should know: one line each. */
  readonly remarks: readonly string[];
  readonly #byId: ReadonlyMap<string, FindingRecord>;
  readonly #listed: ReadonlySet<string>;
  /** What cannot be read, and no record tells of, a line each: the others go on. */
  readonly complaints: readonly string[];

  private constructor(
    records: readonly FindingRecord[],
    {
      remarks,
      listed,
      complaints,
    }: {
      readonly remarks: readonly string[];
      readonly listed: ReadonlySet<string>;
      readonly complaints: readonly string[];
    },
  ) {
    this.records = records;
    this.remarks = remarks;
    this.complaints = complaints;
    this.#byId = new Map(records.map((record) => [record.reference.findingId, record]));
    this.#listed = listed;
  }

  /**
   * `analyzerArn` is for findings that do not name their analyzer: the API's answer does not. `complete` are accounts of
   * which every finding is known to be there.
   * @throws InputError that names the file and the place
   */
  static from(
    place: TextFile | readonly TextFile[],
    analyzerArn: string | null,
    complete: readonly string[] = [],
  ): FindingsFiles {
    const places = typeof place === 'string' || 'name' in place ? [place] : place;
    const label = nameOf(places[0] ?? '');
    const found = readFindingPages(places);
    const byId = new Map<string, PlacedPage[]>();
    for (const page of found.pages) {
      const known = byId.get(page.page.id);
      if (known) known.push(page);
      else byId.set(page.page.id, [page]);
    }
    const records = new Map<string, FindingRecord>();
    const remarks = [...found.remarks];
    const unreadable = (message: string, id: string, resource: string): void => {
      const reason = message.startsWith(`${label}: `) ? message.slice(label.length + 2) : message;
      const reference = { analyzerArn: analyzerArn ?? '', findingId: id, accountId: '', resource };
      records.set(id, {
        ...records.get(id),
        reference,
        answer: { kind: 'unreadable', reason },
        isPartial: true,
      });
    };
    const problems: string[] = [];
    for (const [id, pages] of byId) {
      try {
        const { remark, ...record } = settleFinding(pages, analyzerArn);
        records.set(id, record);
        if (remark !== undefined) remarks.push(`${label}: ${remark}`);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        problems.push(error.message);
        unreadable(error.message, id, pages[0]?.page.resource ?? '');
      }
    }
    const complaints: string[] = [];
    for (const { message, id, resource } of found.faults) {
      problems.push(message);
      const whose = resource ?? (id === undefined ? undefined : records.get(id)?.reference.resource);
      if (id !== undefined && whose !== undefined) unreadable(message, id, whose);
      else complaints.push(message);
    }
    const isAnyGood = [...records.values()].some(({ answer }) => answer.kind !== 'unreadable');
    const [problem] = problems;
    if (problem !== undefined && !isAnyGood) throw new InputError(problem);
    for (const accountId of complete) found.listed.add(accountId);
    return new FindingsFiles(inOrder(records.values()), {
      remarks: remarks.sort(byCodeUnit),
      listed: found.listed,
      complaints,
    });
  }

  /** Findings that this program has made itself. */
  static made(findings: readonly Finding[], remarks: readonly string[]): FindingsFiles {
    const records = findings.map((finding): FindingRecord => {
      const { id: findingId, accountId, resource } = finding;
      const reference = { analyzerArn: finding.analyzerArn ?? '', findingId, accountId, resource };
      return { reference, answer: { kind: 'found', finding }, isPartial: false };
    });
    return new FindingsFiles(inOrder(records), { remarks: [...remarks], listed: new Set(), complaints: [] });
  }

  /** The same about some principals only. */
  about(isMeant: (resource: string) => boolean): FindingsFiles {
    const records = this.records.filter(({ reference }) => isMeant(reference.resource));
    const { remarks, complaints } = this;
    return new FindingsFiles(records, { remarks, complaints, listed: this.#listed });
  }

  /** Findings that were read already, by another thread. */
  static of(records: readonly FindingRecord[]): FindingsFiles {
    return new FindingsFiles(records, { remarks: [], listed: new Set(), complaints: [] });
  }

  get references(): readonly FindingReference[] {
    return this.records.map(({ reference }) => reference);
  }

  getFinding(reference: FindingReference): Promise<FindingAnswer> {
    return Promise.resolve(this.#byId.get(reference.findingId)?.answer ?? { kind: 'gone' });
  }

  /** Why a finding may report more than is known of it; undefined where nothing may be missing. */
  get doubt(): string | undefined {
    const [fault] = this.complaints;
    return fault === undefined
      ? undefined
      : `an entry that may be a part of its finding cannot be read: ${fault}`;
  }

  /** The same for whoever concludes something from what a finding does not say: it is `gone` only where that is proven. */
  get whole(): FindingSource {
    return {
      getFinding: ({ findingId, accountId }) => {
        const record = this.#byId.get(findingId);
        const [fault] = this.complaints;
        const reason =
          record === undefined
            ? fault !== undefined
              ? `it is not among the findings, and an entry that may be it cannot be read: ${fault}`
              : this.#listed.has(accountId)
                ? undefined
                : `it is not among the findings, and nothing proves that these are all of account ${accountId}: put the answer of list-findings-v2 beside them`
            : record.isPartial && record.answer.kind !== 'unreadable'
              ? 'its last page is missing'
              : undefined;
        return Promise.resolve(
          reason === undefined ? (record?.answer ?? { kind: 'gone' }) : { kind: 'unreadable', reason },
        );
      },
    };
  }
}

/** By principal and id, so that the order of files does not count. */
function inOrder(records: Iterable<FindingRecord>): readonly FindingRecord[] {
  return [...records].sort(
    ({ reference: a }, { reference: b }) =>
      byCodeUnit(a.resource, b.resource) || byCodeUnit(a.findingId, b.findingId),
  );
}

/**
 * Every page of a file or folder. An entry that cannot be read is noted, and so is a file among others.
 * @throws InputError that names the file and the place, where nothing can be read
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
      // In a folder there is a file a finding, or a page: one that cannot be read stops no other.
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

/** Of JSON Lines there may be none. */
function readFindingValues(file: TextFile): readonly InputValue[] {
  const isLines = typeof file === 'string' && /\.(jsonl|ndjson)(\.gz)?$/i.test(file);
  return isLines && readText(file).trim() === '' ? [] : readValues(file);
}

interface Place {
  readonly file: string;
  readonly root: string;
}

/** Something that a file holds, before its shape is checked. */
export type FoundValue = { readonly value: JsonValue; readonly place: Place } & (
  | { readonly kind: 'finding' }
  /** An element of what `list-findings-v2` prints, and whether that list is all. */
  | { readonly kind: 'summary'; readonly isWhole: boolean }
  /** A list that goes on, and the member by which it says so. */
  | { readonly kind: 'cut-list'; readonly more: string }
  /** Something else, and what it is. */
  | { readonly kind: 'other'; readonly problem: string }
);

/**
 * The findings within a JSON value, whatever scripts put around them: arrays of arrays, `{"findings": […]}`, objects in
 * objects.
 */
export function* findingsIn(value: JsonValue, place: Place): Generator<FoundValue> {
  const { file, root } = place;
  if (isJsonArray(value)) {
    for (const [index, item] of value.entries()) yield* findingsIn(item, { file, root: within(root, index) });
    return;
  }
  // What is no object is for the schema to name.
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

/** A list as `list-findings-v2` prints it, or one in which somebody has put whole findings. */
function* findingsOfList(
  answer: JsonObject,
  list: readonly JsonValue[],
  { file, root }: Place,
): Generator<FoundValue> {
  const more = moreToCome(answer);
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

/** @throws InputError that names the place */
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
      pages.push({ page, isLast: moreToCome(value) === undefined, isListed: false, file, root });
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

/** Objects and arrays that scripts put around findings. */
const MOST_AROUND = 3;

function holdsDetails(value: JsonValue, depth = 0): boolean {
  if (isJsonArray(value)) return value.length > 0 && value.every((item) => holdsDetails(item, depth));
  if (!isJsonObject(value) || depth > MOST_AROUND) return false;
  return (
    isThere(value, 'findingDetails') || Object.values(value).some((member) => holdsDetails(member, depth + 1))
  );
}

/** What stands among findings as one of them, and is none that can be read: members spelt otherwise, or twice. */
function isLikeFinding(value: JsonValue): boolean {
  if (value instanceof JsonDefect) return true;
  return isJsonObject(value) && Object.keys(value).some((key) => /^finding[_-]?(details|type)$/i.test(key));
}

function otherKind(value: JsonValue, { file, root }: Place): string {
  const kind = kindOfInput(value) ?? 'no finding: it has no findingDetails';
  return `${file}:${root === '' ? '' : ` ${root}:`} ${kind}; ${EXPECTED_FINDING}`;
}

/** All files of a folder and of the folders in it, in the order of their paths. */
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
    // A link may lead back to where it was found.
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
