import { readFileSync, readSync, statSync } from 'node:fs';
import { InputError } from './input-error.ts';

/** JavaScript holds no longer text; what comes near it is refused before the memory is gone. */
const LARGEST = 500 * 1024 * 1024;

/** How messages call a file; `-` is standard input. */
export function nameOf(file: string): string {
  return file === '-' ? 'standard input' : file === '' ? '""' : file;
}

/**
 * The text of a file, a byte order mark included; `-` is standard input. Exports and findings, which may be larger than
 * memory, are not read so.
 * @throws InputError when it cannot be read, is no text in UTF-8, or is larger than 500 MiB
 */
export function readText(file: string): string {
  const name = nameOf(file);
  let bytes: Buffer;
  try {
    if (file !== '-' && statSync(file).size > LARGEST) {
      throw new InputError(`${name}: larger than 500 MiB, which no file of this kind is; is it another one?`);
    }
    bytes = file === '-' ? readPipe(0) : readFileSync(file);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${name}: ${explain(error)}`);
  }
  // What `>` of Windows PowerShell writes.
  if (bytes.length > 1 && (bytes.readUInt16LE() === 0xfeff || bytes.readUInt16BE() === 0xfeff)) {
    throw new InputError(`${name}: a text in UTF-16; save it in UTF-8`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new InputError(`${name}: not a text in UTF-8; is it compressed or another kind of file?`);
  }
}

/**
 * All that a pipe gives. Standard input may be one that another program made non-blocking: then there is nothing yet,
 * not nothing at all.
 */
export function readPipe(descriptor: number): Buffer {
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

/** What an error of the file system means to the person who gave the path. */
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
