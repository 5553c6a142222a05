import { constants } from 'node:buffer';
import { readFileSync, readSync, statSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { InputError } from './input-error.ts';

/** The longest string in Node.js, in characters. */
const LARGEST = constants.MAX_STRING_LENGTH;

/** A file by its path (`-` is standard input), or its text if it can be read only once. Plain data. */
export type TextFile = string | HeldText;

interface HeldText {
  /** Its name in messages. */
  readonly name: string;
  readonly text: string;
}

/** The name of a file in messages. */
export function nameOf(file: TextFile): string {
  if (typeof file !== 'string') return file.name;
  return file === '-' ? 'standard input' : file === '' ? '""' : file;
}

/**
 * Reads the file and keeps its text, so that it can be read again, also in another thread, with the same content.
 * @throws InputError as {@link readText} does
 */
export function holdText(file: TextFile): HeldText {
  return typeof file === 'string' ? { name: nameOf(file), text: readText(file) } : file;
}

/**
 * Reads the text of a file, including a byte order mark; `-` is standard input. Gzip is decompressed.
 * @throws InputError if the file cannot be read, is not UTF-8, or is longer than a string can be
 */
export function readText(file: TextFile): string {
  if (typeof file !== 'string') return file.text;
  const name = nameOf(file);
  let bytes: Buffer;
  try {
    if (file !== '-') refuseLarge(statSync(file).size, name);
    bytes = file === '-' ? readPipe(0) : readFileSync(file);
    refuseLarge(bytes.length, name);
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) bytes = unzip(bytes, name);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${name}: ${explain(error)}`);
  }
  // Windows PowerShell's `>` writes UTF-16.
  if (bytes.length > 1 && (bytes.readUInt16LE() === 0xfeff || bytes.readUInt16BE() === 0xfeff)) {
    throw new InputError(`${name}: a text in UTF-16; save it in UTF-8`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new InputError(`${name}: not a text in UTF-8; is it compressed or another kind of file?`);
  }
}

/** Decompresses a gzip file, which is recognised by its first bytes and not by its name. */
function unzip(bytes: Buffer, name: string): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: LARGEST });
  } catch (error) {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') refuseLarge(Infinity, name);
    throw new InputError(`${name}: compressed with gzip, and damaged or cut off; compress it again`);
  }
}

function refuseLarge(size: number, name: string): void {
  if (size <= LARGEST) return;
  const limit = `${String(Math.floor(LARGEST / 1048576))} MiB`;
  throw new InputError(
    `${name}: larger than ${limit}, which is the longest text that Node.js holds; give one file an account`,
  );
}

/**
 * Reads a pipe to its end. Another program may have made standard input non-blocking; then an empty read does not mean
 * its end.
 */
function readPipe(descriptor: number): Buffer {
  const chunks: Buffer[] = [];
  const chunk = Buffer.alloc(65_536);
  for (;;) {
    try {
      const length = readSync(descriptor, chunk);
      if (length === 0) return Buffer.concat(chunks);
      chunks.push(Buffer.from(chunk.subarray(0, length)));
    } catch (error) {
      const code = codeOf(error);
      if (code === 'EOF') return Buffer.concat(chunks);
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

/** The code of an error of the file system; empty for any other. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** Explains a file-system error to the person who gave the path. */
export function explain(error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return 'no such file or folder';
    case 'EISDIR':
      return 'is a folder where a file is expected';
    case 'ENOTDIR':
      return 'a part of the path is a file where a folder is expected';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EROFS':
      return 'the file system is read-only';
    case 'ENOSPC':
      return 'no space left on the device';
    case 'EDQUOT':
      return 'the disk quota is used up';
    case 'EFBIG':
      return 'larger than a file may be here';
    case 'ENAMETOOLONG':
      return 'the name is longer than the file system takes';
    case 'EEXIST':
      return 'is a file where a folder is expected';
    default:
      return error instanceof Error ? error.message : 'unknown error';
  }
}
