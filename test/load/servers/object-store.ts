import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { SWEEPS_PREFIX } from '../../../lambda/contract/object-keys.ts';

/** What is known of a stored object; bodies that somebody may read again lie in a file. */
export interface StoredObject {
  readonly etag: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly storedAt: number;
  /** The finding of a proposal, as its metadata name it; other metadata nobody reads. */
  readonly findingId: string | undefined;
  /** Place in the file; undefined where only the size is kept. */
  readonly offset: number | undefined;
}

/**
 * The objects of one bucket, for a hundred thousand proposals and more: keys by their folder in memory, bodies in a
 * file. Pages and fragments, which no function ever reads, are counted and forgotten.
 */
export class ObjectStore {
  readonly #folders = new Map<string, Map<string, StoredObject>>();
  readonly #file: string;
  readonly #descriptor: number;
  #end = 0;
  #stored = 0;
  constructor(file: string) {
    this.#file = file;
    this.#descriptor = openSync(file, 'w+');
  }

  get(key: string): StoredObject | undefined {
    const [folder, rest] = split(key);
    return this.#folders.get(folder)?.get(rest);
  }

  put(key: string, etag: string, body: Buffer, findingId?: string): void {
    const [folder, rest] = split(key);
    let objects = this.#folders.get(folder);
    if (!objects) {
      objects = new Map();
      this.#folders.set(folder, objects);
    }
    this.#stored += body.length - (objects.get(rest)?.size ?? 0);
    const isRead = key.startsWith(SWEEPS_PREFIX) || (key.endsWith('.json') && !key.includes('/policies/'));
    objects.set(rest, {
      etag,
      size: body.length,
      storedAt: Date.now(),
      findingId: rest.endsWith('proposal.json') ? findingId : undefined,
      offset: isRead ? this.#append(body) : undefined,
    });
  }

  delete(key: string): void {
    const [folder, rest] = split(key);
    this.#folders.get(folder)?.delete(rest);
  }

  read({ offset, size }: StoredObject): Buffer {
    if (offset === undefined) throw new Error('the body of this object is not kept');
    const body = Buffer.alloc(size);
    readSync(this.#descriptor, body, 0, size, offset);
    return body;
  }

  /** Keys under a prefix, in the order of S3. */
  keys(prefix: string): readonly string[] {
    const [folder] = split(prefix);
    const known = this.#folders.get(folder);
    // A prefix within one folder, as the worker asks, needs no look at the others.
    const folders: Iterable<readonly [string, ReadonlyMap<string, StoredObject>]> =
      depth(prefix) >= DEPTH ? (known ? [[folder, known] as const] : []) : this.#folders;
    const found: string[] = [];
    for (const [name, objects] of folders) {
      for (const rest of objects.keys()) if ((name + rest).startsWith(prefix)) found.push(name + rest);
    }
    return found.sort();
  }

  /** Bytes of all objects, those included whose bodies are not kept. */
  get stored(): number {
    return this.#stored;
  }

  close(): void {
    closeSync(this.#descriptor);
    rmSync(this.#file, { force: true });
  }

  #append(body: Buffer): number {
    const offset = this.#end;
    writeSync(this.#descriptor, body, 0, body.length, offset);
    this.#end += body.length;
    return offset;
  }
}

/** `proposals/<account>/<type>/<name>/`: a principal's folder. */
const DEPTH = 4;

function depth(key: string): number {
  return key.split('/').length - 1;
}

function split(key: string): readonly [folder: string, rest: string] {
  let end = 0;
  for (let level = 0; level < DEPTH; level += 1) {
    const slash = key.indexOf('/', end);
    if (slash < 0) break;
    end = slash + 1;
  }
  return [key.slice(0, end), key.slice(end)];
}
