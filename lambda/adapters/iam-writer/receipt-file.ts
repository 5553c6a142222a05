import { existsSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import { type JsonValue, renderJson } from '../../core/model/json.ts';
import type { ApplyJournal, Receipt } from '../../ports/apply.ts';
import { sha256 } from '../node.ts';
import { InputError } from '../files/input-error.ts';
import { explain, readText } from '../files/read-text.ts';

const RECEIPT: z.ZodType<Receipt> = z.object({
  schemaVersion: z.literal(1),
  proposalId: z.string(),
  subjectArn: z.string(),
  runs: z.array(
    z.object({
      command: z.enum(['apply', 'rollback']),
      startedAt: z.string(),
      finishedAt: z.string().nullable(),
      outcome: z.enum(['running', 'done', 'failed']),
      problem: z.string().nullable(),
      steps: z.array(
        z.object({
          op: z.string(),
          what: z.string(),
          outcome: z.enum([
            'pending',
            'started',
            'refused',
            'done',
            'unanswered',
            'already',
            'kept',
            'skipped',
          ]),
          at: z.string().nullable(),
        }),
      ),
      saved: z.array(z.object({ policyArn: z.string(), versionId: z.string(), file: z.string() })),
      notes: z.array(z.string()),
    }),
  ),
});

/** The receipt as a file, with saved policy versions in the folder `backup` next to it. */
export class ReceiptFile implements ApplyJournal {
  readonly #path: string;
  readonly #proposalId: string;
  constructor(path: string, proposalId: string) {
    this.#path = path;
    this.#proposalId = proposalId;
  }

  /** @throws InputError if the file is not a receipt, or belongs to another proposal */
  async load(): Promise<Receipt | undefined> {
    return Promise.resolve(this.#read());
  }

  #read(): Receipt | undefined {
    if (!existsSync(this.#path)) return undefined;
    const receipt = RECEIPT.safeParse(parse(readText(this.#path)));
    if (!receipt.success) {
      throw new InputError(`${this.#path}: not a receipt; name another file with --receipt`);
    }
    if (receipt.data.proposalId !== this.#proposalId) {
      throw new InputError(
        `${this.#path}: the receipt of proposal ${receipt.data.proposalId}; name another file with --receipt`,
      );
    }
    return receipt.data;
  }

  async save(receipt: Receipt): Promise<void> {
    await writeWhole(this.#path, `${JSON.stringify(receipt, null, 2)}\n`);
  }

  async backup(policyArn: string, versionId: string, document: JsonValue): Promise<string> {
    // Policy names are unique only within an account, and versions start at v1 again if a policy was deleted and
    // created again.
    const [, , , , account = ''] = policyArn.split(':');
    const name = policyArn.slice(policyArn.lastIndexOf('/') + 1);
    const text = `${renderJson(document)}\n`;
    const file = join('backup', account, `${name}-${versionId}-${sha256(text).slice(0, 8)}.json`);
    await writeWhole(join(dirname(this.#path), file), text);
    return file;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Writes a file atomically and durably: a reader sees the old text or the new one, never a part, and the new text is
 * on disk when this returns.
 */
async function writeWhole(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  const draft = join(folder, `.${basename(path)}.${String(process.pid)}.tmp`);
  try {
    await mkdir(folder, { recursive: true });
    const file = await open(draft, 'w', 0o600);
    try {
      await file.writeFile(text, 'utf8');
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    throw new InputError(`${path}: cannot be written: ${explain(error)}`, { cause: error });
  }
}
