import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { isJsonArray, isJsonObject, type JsonValue } from '../../core/model/json.ts';
import type { PrincipalRef } from '../../core/model/principal.ts';
import type { LastAccessAnswer, LastAccessSource } from '../../ports/policies.ts';
import { lastAccessIn } from '../../core/model/unused-access.ts';
import { checkInput } from './check-shape.ts';
import { InputError } from './input-error.ts';
import { kindOfInput } from './input-kind.ts';
import { truncationMarker } from './more-to-come.ts';
import { explain } from './read-text.ts';
import { type InputValue, readValues, within } from './read-values.ts';

const time = z
  .string()
  .refine((text) => !Number.isNaN(Date.parse(text)), 'expected a time such as 2026-11-02T10:00:00Z')
  .transform((text) => new Date(text));

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLastAccessedDetails.html */
const reportSchema = z.object({ ServicesLastAccessed: z.array(z.custom<JsonValue>(() => true)) });
/** One service of the report, checked on its own. */
const serviceSchema = z.object({
  ServiceNamespace: z.string(),
  LastAuthenticated: time.optional(),
  TrackedActionsLastAccessed: z
    .array(z.object({ ActionName: z.string(), LastAccessedTime: time.optional() }))
    .optional(),
});
const jobSchema = z.object({
  JobStatus: z.enum(['IN_PROGRESS', 'COMPLETED', 'FAILED']),
  JobType: z.enum(['ACTION_LEVEL', 'SERVICE_LEVEL']).optional(),
  JobCreationDate: time.optional(),
  JobCompletionDate: time.optional(),
  Error: z.object({ Message: z.string().optional() }).optional(),
});

/**
 * Reports of last use in a folder: `role/<name>.json` and `user/<name>.json`, each the output of `aws iam
 * get-service-last-accessed-details`; with several accounts, in a folder named after the account id. No report was
 * requested for a principal without a file. Dates are optional: an unusable report is mentioned and fails nothing.
 */
export class LastAccessFiles implements LastAccessSource {
  readonly #folder: string;
  readonly #accounts: number;

  private constructor(folder: string, accounts: number) {
    this.#folder = folder;
    this.#accounts = accounts;
  }

  /**
   * @param accounts how many accounts there are, because names are unique only within an account
   * @throws InputError if there is no such folder
   */
  static at(folder: string, accounts: number): LastAccessFiles {
    try {
      if (!statSync(folder).isDirectory()) {
        throw new InputError(`${folder}: is a file where a folder is expected`);
      }
    } catch (error) {
      throw error instanceof InputError ? error : new InputError(`${folder}: ${explain(error)}`);
    }
    return new LastAccessFiles(folder, accounts);
  }

  async lastAccessOf({ type, name, accountId }: PrincipalRef): Promise<LastAccessAnswer> {
    const own = path.join(this.#folder, accountId, type, `${name}.json`);
    const plain = path.join(this.#folder, type, `${name}.json`);
    const file = [own, `${own}.gz`, plain, `${plain}.gz`].find((each) => existsSync(each));
    if (file === undefined) return { kind: 'none' };
    if (file.startsWith(plain) && this.#accounts > 1) {
      const reason = `${plain} may be about another account's ${type}; its place is ${own}`;
      return { kind: 'unavailable', reason };
    }
    try {
      return readReport(file);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return { kind: 'unavailable', reason: error.message };
    }
  }
}

/** @throws InputError that names the file and what to do */
function readReport(file: string): LastAccessAnswer {
  const pages = readValues(file).flatMap(pagesOf);
  const problems: string[] = [];
  const times: Date[] = [];
  const services = pages.flatMap(({ value, root }) => {
    if (!isJsonObject(value) || !Object.hasOwn(value, 'JobStatus')) {
      const kind = kindOfInput(value) ?? 'no report on last use';
      throw new InputError(
        `${file}: ${kind}; expected what aws iam get-service-last-accessed-details prints`,
      );
    }
    const { JobStatus, JobType, Error: failure, ...job } = checkInput(jobSchema, value, file, root);
    times.push(...[job.JobCompletionDate ?? job.JobCreationDate ?? []].flat());
    if (JobStatus === 'IN_PROGRESS') {
      throw new InputError(
        `${file}: the report was not finished when it was asked for; ask again until JobStatus is COMPLETED`,
      );
    }
    if (JobStatus === 'FAILED') {
      throw new InputError(
        `${file}: AWS could not make the report (${failure?.Message ?? 'it does not say why'}); generate it again`,
      );
    }
    if (JobType === 'SERVICE_LEVEL') {
      throw new InputError(
        `${file}: a report about services only; generate it with --granularity ACTION_LEVEL`,
      );
    }
    const list = within(root, 'ServicesLastAccessed');
    return checkInput(reportSchema, value, file, root).ServicesLastAccessed.flatMap((service, index) => {
      try {
        return [checkInput(serviceSchema, service, file, within(list, index))];
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        problems.push(error.message);
        return [];
      }
    });
  });
  const more = pages.map(({ value }) => truncationMarker(value));
  if (!more.includes(undefined)) {
    // Missing actions would be taken for actions that AWS does not track.
    throw new InputError(
      `${file}: ${more[0] ?? ''} says that this is a part of the report; ask again with --max-items 1000, or put all pages (--marker) into the file`,
    );
  }
  const [problem] = problems;
  // The earliest of several reports in one file, because later use is not known for all services.
  const [completed] = times.sort((a, b) => a.getTime() - b.getTime());
  const known = {
    kind: 'known',
    lastAccess: lastAccessIn(services),
    completedAt: completed?.toISOString(),
  } as const;
  if (problem === undefined) return known;
  if (services.length === 0) throw new InputError(problem);
  const others = problems.length > 1 ? `, and ${String(problems.length - 1)} more like it` : '';
  return { ...known, problem: problem + others };
}

function pagesOf({ value, root }: InputValue): readonly InputValue[] {
  if (!isJsonArray(value)) return [{ value, root }];
  return value.flatMap((item: JsonValue, index) => pagesOf({ value: item, root: within(root, index) }));
}
