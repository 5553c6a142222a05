import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { isJsonArray, isJsonObject, type JsonValue } from '../../core/model/json.ts';
import { byCodeUnit } from '../../core/model/order.ts';
import type { FindingAnswer, FindingReference, FindingSource } from '../../ports/findings.ts';
import type { CursorOptions, JsonCursor } from '../json/json-cursor.ts';
import { sequenceParts, type SequencePart } from '../json/json-parts.ts';
import { type ByteSource, openSource, reopenSource, type SourceHandle } from './byte-source.ts';
import { type FindingPage, findingPageSchema } from './finding-page.ts';
import { InputError } from './input-error.ts';
import {
  checkElement,
  type Element,
  type ElementPlace,
  placeOf,
  readAgain,
  readElement,
  walkFile,
} from './json-elements.ts';
import { mergePages, oneOf } from './merge-pages.ts';
import { copyOf, own } from './own-text.ts';
import { explain } from './read-text.ts';

/** What is remembered of a page; what it reports stays in its file. */
interface PageRecord {
  readonly id: string;
  readonly resource: string;
  readonly status: FindingPage['status'];
  readonly findingType: string;
  readonly analyzerArn: string | undefined;
  readonly resourceOwnerAccount: string | undefined;
  readonly isLast: boolean;
  /** Which of the files. */
  readonly file: number;
  readonly place: ElementPlace;
}

/** Findings with the places of their pages, for another thread. Plain data. */
export interface FindingsShare {
  readonly sources: readonly SourceHandle[];
  readonly pages: ReadonlyMap<string, readonly PageRecord[]>;
  readonly analyzerArn: string | null;
}

/**
 * Findings from a file (JSON array, JSON Lines, one object) or a folder of such files; pages of one id are merged. The files
 * may be larger than memory: they are read in pieces, and again where a finding is asked for.
 */
export class FindingsFiles implements FindingSource {
  readonly #sources: readonly ByteSource[];
  readonly #pages: ReadonlyMap<string, readonly PageRecord[]>;
  readonly #analyzerArn: string | null;

  private constructor(
    sources: readonly ByteSource[],
    pages: ReadonlyMap<string, readonly PageRecord[]>,
    analyzerArn: string | null,
  ) {
    this.#sources = sources;
    this.#pages = pages;
    this.#analyzerArn = analyzerArn;
  }

  /**
   * Goes through all of them once. `analyzerArn` is for findings that do not name their analyzer: the API's answer does not.
   * @throws InputError that names the file and the place
   */
  static from(place: string, analyzerArn: string | null, options?: CursorOptions): FindingsFiles {
    const sources: ByteSource[] = [];
    const pages = new Map<string, PageRecord[]>();
    for (const name of filesAt(place)) {
      const source = openSource(name);
      const file = sources.push(source) - 1;
      walkFile(
        source,
        (cursor) => {
          readPages(cursor, source.file, (page, root) => {
            addPage(pages, { ...page, file }, source.file, root);
          });
        },
        options,
      );
    }
    return new FindingsFiles(sources, pages, analyzerArn);
  }

  /** The findings that another thread has taken its share of. */
  static of({ sources, pages, analyzerArn }: FindingsShare): FindingsFiles {
    return new FindingsFiles(sources.map(reopenSource), pages, analyzerArn);
  }

  /** Of all findings, those with these ids. */
  share(ids: Iterable<string>): FindingsShare {
    const pages = new Map([...ids].map((id) => [id, this.#pages.get(id) ?? []] as const));
    return { sources: this.#sources.map(({ handle }) => handle), pages, analyzerArn: this.#analyzerArn };
  }

  /** Findings of which the last page is not there: what they report unused is not all of it. */
  get incomplete(): readonly string[] {
    return [...this.#pages]
      .filter(([, pages]) => !pages.some(({ isLast }) => isLast))
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

  /** @throws AdapterError with code `unavailable` when a file has changed since it was gone through */
  getFinding(reference: FindingReference): Promise<FindingAnswer> {
    return new Promise((resolve) => {
      const pages = (this.#pages.get(reference.findingId) ?? []).flatMap((page) => this.#read(page));
      const [first] = pages;
      resolve(first ? mergePages(first, pages, this.#analyzerArn) : { kind: 'gone' });
    });
  }

  #read({ file, place }: PageRecord): FindingPage | readonly [] {
    const source = this.#sources[file];
    return source ? checkElement(findingPageSchema, readAgain(source, place), source.file, '') : [];
  }
}

/** @throws InputError when the page belongs to another run than an earlier one of its finding */
function addPage(pages: Map<string, PageRecord[]>, page: PageRecord, file: string, root: string): void {
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

/** What all pages of a finding say alike. Where they do not, one of them is older, and their union would be wrong. */
const AGREED = ['resource', 'status', 'findingType'] as const;

/** Judges every page of a file and hands it on. */
function readPages(
  cursor: JsonCursor,
  file: string,
  take: (page: Omit<PageRecord, 'file'>, root: string) => void,
): void {
  const parts = sequenceParts(cursor);
  for (const part of parts) {
    const outer = part.index === undefined ? 0 : 1;
    const element = readElement(part.slice, outer);
    const judge = (root: string): void => {
      take(pageOf(element, placeOf(part.slice, outer, element.isPlain), file, root), root);
    };
    if (part.value > 0) judge(rootOf(part, true));
    else {
      try {
        judge(rootOf(part, false));
      } catch (error) {
        // How the place is called depends on whether the file holds one value or several.
        for (const { value } of parts) if (value > 0) judge(rootOf(part, true));
        throw error;
      }
    }
  }
}

/** `[3]`, `line 7` or `line 7 [3]`; nothing where the finding is the whole file. */
function rootOf({ index, line }: SequencePart, isSequence: boolean): string {
  const place = index === undefined ? '' : `[${String(index)}]`;
  return isSequence ? `line ${String(line)}${place === '' ? '' : ` ${place}`}` : place;
}

function pageOf(element: Element, place: ElementPlace, file: string, root: string): Omit<PageRecord, 'file'> {
  refuseLists(element.value as JsonValue, file);
  const page = checkElement(findingPageSchema, element, file, root);
  return {
    id: copyOf(page.id),
    resource: copyOf(page.resource),
    status: page.status,
    findingType: own(page.findingType),
    analyzerArn: page.analyzerArn === undefined ? undefined : own(page.analyzerArn),
    resourceOwnerAccount:
      page.resourceOwnerAccount === undefined ? undefined : own(page.resourceOwnerAccount),
    isLast: !page.nextToken,
    place,
  };
}

/** The list of findings is easily taken for the findings; it lacks what they report. */
function refuseLists(value: JsonValue, file: string): void {
  if (isJsonObject(value) && isJsonArray(value['findings'])) {
    throw new InputError(
      `${file}: a list of findings, which lacks their details; expected what aws accessanalyzer get-finding-v2 prints for each of them`,
    );
  }
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
