import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { AdapterError } from '../../ports/system.ts';
import { InputError } from './input-error.ts';
import { explain, nameOf, readPipe } from './read-text.ts';

/** How to find a source again in another thread. Plain data; bytes in memory are shared, not copied. */
export type SourceHandle =
  | { readonly kind: 'file'; readonly file: string; readonly stamp: Stamp }
  | { readonly kind: 'memory'; readonly file: string; readonly bytes: SharedArrayBuffer };

/** What tells a file from another one, or from itself before somebody wrote to it. */
interface Stamp {
  readonly device: number;
  readonly inode: number;
  readonly size: number;
  readonly changed: number;
}

/** Files held open at one time. A folder of findings may hold more than the system lets a process open. */
const MOST_OPEN = 64;
/** Most recently used last. */
const open = new Map<FileSource, number>();

/** Bytes that are read in pieces and again: a file, or what a pipe gave once. */
export interface ByteSource {
  /** As messages call it. */
  readonly file: string;
  readonly handle: SourceHandle;
  /** Fills `into` with what stands at the position and returns how many bytes that were; 0 at the end. */
  readInto(into: Uint8Array, position: number): number;
  /**
   * The bytes from `start` up to `end`, valid until the next call.
   * @throws AdapterError with code `unavailable` when the file is not the one that was opened at first
   */
  read(start: number, end: number): Buffer;
  /**
   * Called when all of it was read for the first time.
   * @throws InputError when somebody wrote to the file meanwhile
   */
  checkUnchanged(): void;
}

/**
 * Opens a file; `-` is standard input. What is no regular file can be read once only, and is held in memory.
 * @throws InputError that names the file
 */
export function openSource(path: string): ByteSource {
  const file = nameOf(path);
  try {
    const descriptor = path === '-' ? 0 : openSync(path, 'r');
    const stats = fstatSync(descriptor);
    if (path !== '-' && (stats.isFile() || stats.isDirectory())) {
      const source = new FileSource(path, stampOf(descriptor));
      keepOpen(source, descriptor);
      return source;
    }
    try {
      return new MemorySource(file, shared(readPipe(descriptor)));
    } finally {
      if (descriptor !== 0) closeSync(descriptor);
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${file}: ${explain(error)}`);
  }
}

/** The same source in another thread. */
export function reopenSource(handle: SourceHandle): ByteSource {
  return handle.kind === 'file'
    ? new FileSource(handle.file, handle.stamp)
    : new MemorySource(handle.file, handle.bytes);
}

class FileSource implements ByteSource {
  readonly file: string;
  readonly #stamp: Stamp;

  constructor(file: string, stamp: Stamp) {
    this.file = file;
    this.#stamp = stamp;
  }

  get handle(): SourceHandle {
    return { kind: 'file', file: this.file, stamp: this.#stamp };
  }

  readInto(into: Uint8Array, position: number): number {
    try {
      return readSync(this.#descriptor(), into, 0, into.length, position);
    } catch (error) {
      throw error instanceof AdapterError ? error : new InputError(`${this.file}: ${explain(error)}`);
    }
  }

  read(start: number, end: number): Buffer {
    const bytes = scratchOf(end - start);
    let length = 0;
    try {
      while (length < bytes.length) {
        const count = readSync(this.#descriptor(), bytes, length, bytes.length - length, start + length);
        if (count === 0) break;
        length += count;
      }
    } catch (error) {
      if (error instanceof AdapterError) throw error;
      throw new AdapterError(`${this.file}: ${explain(error)}`, 'permanent', 'unavailable', { cause: error });
    }
    // Asked afterwards: a change before the reading and one during it both show.
    if (length < bytes.length || !this.#isSame(this.#descriptor())) throw changed(this.file);
    return bytes;
  }

  checkUnchanged(): void {
    if (!this.#isSame(this.#descriptor())) throw new InputError(`${this.file}: ${CHANGED}`);
  }

  #descriptor(): number {
    const known = open.get(this);
    if (known !== undefined) {
      if (open.size > 1) keepOpen(this, known);
      return known;
    }
    let descriptor: number;
    try {
      descriptor = openSync(this.file, 'r');
    } catch (error) {
      throw new AdapterError(`${this.file}: ${explain(error)}`, 'permanent', 'unavailable', { cause: error });
    }
    keepOpen(this, descriptor);
    if (!this.#isSame(descriptor)) throw changed(this.file);
    return descriptor;
  }

  #isSame(descriptor: number): boolean {
    const { device, inode, size, changed } = stampOf(descriptor);
    const was = this.#stamp;
    return device === was.device && inode === was.inode && size === was.size && changed === was.changed;
  }
}

class MemorySource implements ByteSource {
  readonly file: string;
  readonly #bytes: SharedArrayBuffer;

  constructor(file: string, bytes: SharedArrayBuffer) {
    this.file = file;
    this.#bytes = bytes;
  }

  get handle(): SourceHandle {
    return { kind: 'memory', file: this.file, bytes: this.#bytes };
  }

  readInto(into: Uint8Array, position: number): number {
    const length = Math.min(into.length, this.#bytes.byteLength - position);
    into.set(new Uint8Array(this.#bytes, position, length));
    return length;
  }

  read(start: number, end: number): Buffer {
    return Buffer.from(new Uint8Array(this.#bytes, start, end - start));
  }

  checkUnchanged(): void {
    // Nobody else has these bytes.
  }
}

const CHANGED = 'was changed while it was being read; run the command again when nothing writes to it';

function changed(file: string): AdapterError {
  return new AdapterError(`${file}: ${CHANGED}`, 'permanent', 'unavailable');
}

function stampOf(descriptor: number): Stamp {
  const { dev, ino, size, mtimeMs } = fstatSync(descriptor);
  return { device: dev, inode: ino, size, changed: mtimeMs };
}

/** One for all: a buffer for each document would be garbage outside of the heap, which is collected late. */
let scratch = Buffer.alloc(0);

function scratchOf(length: number): Buffer {
  if (scratch.length < length) scratch = Buffer.allocUnsafeSlow(Math.max(length, scratch.length * 2));
  return scratch.subarray(0, length);
}

function keepOpen(source: FileSource, descriptor: number): void {
  open.delete(source);
  open.set(source, descriptor);
  if (open.size <= MOST_OPEN) return;
  for (const [oldest, unused] of open) {
    open.delete(oldest);
    closeSync(unused);
    return;
  }
}

function shared(bytes: Uint8Array): SharedArrayBuffer {
  const copy = new SharedArrayBuffer(bytes.length);
  new Uint8Array(copy).set(bytes);
  return copy;
}
