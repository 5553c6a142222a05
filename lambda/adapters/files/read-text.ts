import { readFileSync, statSync } from 'node:fs';
import { InputError } from './input-error.ts';

/** JavaScript holds no longer text; what comes near it is refused before the memory is gone. */
const LARGEST = 500 * 1024 * 1024;

/**
 * The text of a file; `-` is standard input.
 * @throws InputError when it cannot be read, is no text in UTF-8, or is larger than 500 MiB
 */
export function readText(file: string): string {
  const name = file === '-' ? 'standard input' : file;
  let bytes: Buffer;
  try {
    if (file !== '-' && statSync(file).size > LARGEST) {
      throw new InputError(
        `${name}: larger than 500 MiB; export the account in parts (--filter Role, --filter User …)`,
      );
    }
    bytes = readFileSync(file === '-' ? 0 : file);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${name}: ${explain(error)}`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InputError(`${name}: not a text in UTF-8; is it compressed or another kind of file?`);
  }
}

/** What an error of the file system means to the person who gave the path. */
export function explain(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
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
    case 'EEXIST':
      return 'is a file where a folder is expected';
    default:
      return error instanceof Error ? error.message : 'unknown error';
  }
}
