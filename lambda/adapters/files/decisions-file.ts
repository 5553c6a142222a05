import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Decision } from '../../core/decision/decision.ts';
import type { DecisionStore } from '../../ports/decisions.ts';
import { AdapterError } from '../../ports/system.ts';
import { readDecisions, renderDecisions } from '../../stored/decisions.ts';
import { sha256 } from '../node.ts';
import { replaceFile } from './folder-store.ts';
import { InputError } from './input-error.ts';
import { makeFolder } from './make-folder.ts';
import { releaseLock, takeLock } from './process-lock.ts';
import { explain, readText } from './read-text.ts';

/** The default file for decisions. */
export const DECISIONS_FILE = 'decisions.json';

/**
 * Reads the decisions in a file.
 * @returns undefined if there is no such file
 * @throws InputError that names the file and the place
 */
export function readDecisionsFile(file: string): readonly Decision[] | undefined {
  if (!existsSync(file)) return undefined;
  return parsed(readText(file), file);
}

function parsed(text: string, file: string): readonly Decision[] {
  const decisions = readDecisions(text);
  if (!decisions.ok) throw new InputError(`${file}: ${decisions.problem}; see docs/decisions.md`);
  return decisions.value;
}

/**
 * A file of decisions. Concurrent writers do not lose each other's decisions, and a killed process does not leave the
 * file locked.
 */
export class DecisionsFile implements DecisionStore {
  readonly #file: string;
  constructor(file: string) {
    this.#file = file;
  }

  /** @throws InputError */
  read(): Promise<{ readonly decisions: readonly Decision[]; readonly version: string | undefined }> {
    const text = this.#text();
    return Promise.resolve({
      decisions: text === undefined ? [] : parsed(text, this.#file),
      version: text === undefined ? undefined : sha256(text),
    });
  }

  write(decisions: readonly Decision[], version: string | undefined): Promise<boolean> {
    const lock = `${this.#file}.lock`;
    try {
      makeFolder(path.dirname(path.resolve(this.#file)));
      if (takeLock(lock) !== undefined) return later();
      try {
        const text = this.#text();
        if ((text === undefined ? undefined : sha256(text)) !== version) return Promise.resolve(false);
        replaceFile(this.#file, renderDecisions(decisions));
        return Promise.resolve(true);
      } finally {
        releaseLock(lock);
      }
    } catch (error) {
      const message = `${this.#file}: ${explain(error)}`;
      return Promise.reject(new AdapterError(message, 'permanent', 'unavailable', { cause: error }));
    }
  }

  #text(): string | undefined {
    return existsSync(this.#file) ? readFileSync(this.#file, 'utf8') : undefined;
  }
}

/** Waits briefly for the holder of the lock to finish. @returns false */
function later(): Promise<boolean> {
  return new Promise((resolve) => {
    setTimeout(resolve, 50, false);
  });
}
