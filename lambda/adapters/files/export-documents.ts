import { isJsonObject, type JsonValue } from '../../core/model/json.ts';
import type { GrantDocument } from '../../core/model/principal.ts';
import type { ReadDocument } from '../account/account-records.ts';
import { asJsonValue } from '../json/plain-json.ts';
import { readPolicyText } from '../../json/policy-text.ts';
import type { ByteSource } from './byte-source.ts';
import { type Element, type ElementPlace, readAgain } from './json-elements.ts';

/** Documents of managed policies and groups that are kept: many principals share them. */
const MOST_KEPT = 1000;

/**
 * The policy documents of an export. They are the most of it, and most are needed once or never: they stay in the file and
 * are read from there when somebody asks.
 */
export class ExportDocuments {
  readonly #source: ByteSource;
  /** The element that was read last: what is asked for next is mostly another document of it. */
  #last: { readonly place: ElementPlace; readonly element: Element } | undefined;
  readonly #kept = new Map<string, GrantDocument>();

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** `path` leads to the document within the element. */
  reader(place: ElementPlace, path: readonly (string | number)[]): ReadDocument {
    return () => this.#read(place, path);
  }

  /** The same for a document that many principals may share. */
  keptReader(place: ElementPlace, path: readonly (string | number)[]): ReadDocument {
    const key = `${String(place.start)} ${path.join(' ')}`;
    return () => {
      const kept = this.#kept.get(key);
      const document = kept ?? this.#read(place, path);
      this.#kept.delete(key);
      this.#kept.set(key, document);
      if (this.#kept.size > MOST_KEPT) this.#dropOldest();
      return document;
    };
  }

  #dropOldest(): void {
    for (const key of this.#kept.keys()) {
      this.#kept.delete(key);
      return;
    }
  }

  #read(place: ElementPlace, path: readonly (string | number)[]): GrantDocument {
    if (this.#last?.place !== place) this.#last = { place, element: readAgain(this.#source, place) };
    const { isPlain, value } = this.#last.element;
    const found = path.reduce<unknown>(memberOf, value);
    const document = isPlain ? asJsonValue(found) : (found as JsonValue);
    // Objects in what the command line prints, and percent-encoded strings in what the API returns.
    return typeof document === 'string' ? readPolicyText(document) : { readable: true, value: document };
  }
}

function memberOf(value: unknown, key: string | number): unknown {
  if (Array.isArray(value)) return value[Number(key)];
  return isJsonObject(value as JsonValue) ? (value as Record<string, unknown>)[String(key)] : undefined;
}
