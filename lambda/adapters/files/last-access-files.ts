import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { PrincipalRef } from '../../core/model/principal.ts';
import type { LastAccessAnswer, LastAccessSource } from '../../ports/policies.ts';
import { lastAccessIn } from '../json/last-access-report.ts';
import { readJson } from '../../json/read-json.ts';
import { checkShape } from './check-shape.ts';
import { InputError } from './input-error.ts';
import { explain, readText } from './read-text.ts';

const time = z
  .string()
  .refine((text) => !Number.isNaN(Date.parse(text)), 'expected a time such as 2026-11-02T10:00:00Z')
  .transform((text) => new Date(text));

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLastAccessedDetails.html */
const reportSchema = z.object({
  JobStatus: z.literal('COMPLETED'),
  JobType: z.literal('ACTION_LEVEL').optional(),
  // A report in pages says only a part, and what is missing would be taken for what AWS does not track.
  IsTruncated: z.literal(false).optional(),
  ServicesLastAccessed: z.array(
    z.object({
      ServiceNamespace: z.string(),
      LastAuthenticated: time.optional(),
      TrackedActionsLastAccessed: z
        .array(z.object({ ActionName: z.string(), LastAccessedTime: time.optional() }))
        .optional(),
    }),
  ),
});

/**
 * Reports on last use in a folder: `role/<name>.json` and `user/<name>.json`, each what
 * `aws iam get-service-last-accessed-details` has printed. A principal without a file is one that nobody asked about.
 */
export class LastAccessFiles implements LastAccessSource {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws InputError when there is no such folder */
  static at(folder: string): LastAccessFiles {
    try {
      if (!statSync(folder).isDirectory()) {
        throw new InputError(`${folder}: is a file where a folder is expected`);
      }
    } catch (error) {
      throw error instanceof InputError ? error : new InputError(`${folder}: ${explain(error)}`);
    }
    return new LastAccessFiles(folder);
  }

  /** @throws InputError that names the file and the place */
  async lastAccessOf({ type, name }: PrincipalRef): Promise<LastAccessAnswer> {
    const file = path.join(this.#folder, type, `${name}.json`);
    if (!existsSync(file)) return { kind: 'none' };
    const json = readJson(readText(file));
    if (!json.ok) throw new InputError(`${file}: ${json.problem}`);
    const { ServicesLastAccessed } = checkShape(reportSchema, json.value, file);
    return { kind: 'known', lastAccess: lastAccessIn(ServicesLastAccessed) };
  }
}
