import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { AccountTask } from '../../bin/commands/account-part.ts';
import { runAccount } from '../../bin/account-worker.ts';
import type { RunRecord } from '../../bin/output/run-record.ts';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import { storedEntries } from '../../bin/output/stored-entries.ts';
import { FolderRepository } from '../../lambda/adapters/files/folder-repository.ts';
import { readUnusedFile } from '../../lambda/adapters/files/unused-file.ts';
import { runHere } from '../cli/in-process.ts';
import { proposalPaths } from '../cli/accounts.ts';
import { seededRandom } from '../random.ts';
import { type Files, filesOf, type Form, MUTATIONS } from './mutations.ts';
import { CATALOGUE, Chance, type Json, makeWorld } from './world.ts';

/** What a run proposes for one subject, as far as it matters to whom it is about. */
interface Proposed {
  readonly documents: string;
  readonly removed: readonly string[];
  /** Policies that are changed for others too. */
  readonly inPlace: readonly string[];
  readonly warnings: readonly string[];
}

type Result =
  | { readonly kind: 'refused'; readonly message: string }
  | {
      readonly kind: 'done';
      /** By the ARN of the principal, or of what is shared. */
      readonly proposed: ReadonlyMap<string, Proposed>;
      /** All that is said besides, with the outcomes that are no proposals. */
      readonly said: string;
    };

/** Something came out otherwise, and nothing says so. */
export class Difference extends Error {}

export interface Played {
  readonly mutations: readonly string[];
  readonly outcome: 'same' | 'refused' | 'said';
}

/**
 * Makes an account from a seed, lets the files of it go through some mutations, and compares what comes out with what comes
 * out of the files as they were.
 * @throws Difference when it is neither the same, nor refused, nor said
 */
export async function play(seed: number, folder: string): Promise<Played> {
  const chance = new Chance(seededRandom(seed));
  const world = makeWorld(chance);
  const files = filesOf(world.accounts);
  rmSync(folder, { recursive: true, force: true });
  const before = await run(filesOf(world.accounts), path.join(folder, 'before'));
  if (before.kind === 'refused') {
    if (files.findings.length > 0) throw new Difference(`the files as they were: ${before.message}`);
    return { mutations: [], outcome: 'refused' };
  }
  const mutations = Array.from({ length: 1 + chance.below(3) }, () => chance.of(MUTATIONS));
  for (const [, mutate] of mutations) mutate(files, chance);
  const names = mutations.map(([name]) => name);
  const fail = (what: string): never => {
    throw new Difference(`${what} (${names.join('; ')})`);
  };
  const after = await run(files, path.join(folder, 'after'));
  const outcome = compare(before, after, files, fail);
  await recheck(path.join(folder, 'before'), path.join(folder, 'after'), files, fail);
  lookAtUnused(path.join(folder, 'after'), before, files, fail);
  return { mutations: names, outcome };
}

function compare(
  before: Extract<Result, { kind: 'done' }>,
  after: Result,
  files: Files,
  fail: (what: string) => never,
): Played['outcome'] {
  if (after.kind === 'refused') return 'refused';
  let outcome: Played['outcome'] = 'same';
  for (const [arn, now] of after.proposed) {
    const then = before.proposed.get(arn);
    // Who else has something shared is another truth too.
    if (files.changed.has(arn) || (/:(policy|group)\//.test(arn) && files.changed.size > 0)) continue;
    if (!then) fail(`${arn} has a proposal that it had not`);
    else {
      const more = now.removed.filter((action) => !then.removed.includes(action));
      if (more.length > 0) fail(`${arn} loses ${more.join(', ')} too`);
      const inPlace = now.inPlace.filter((name) => !then.inPlace.includes(name));
      if (inPlace.length > 0) fail(`${arn} changes ${inPlace.join(', ')} for others too`);
    }
  }
  for (const [arn, then] of before.proposed) {
    const now = after.proposed.get(arn);
    const isSame = now?.documents === then.documents;
    const isWarned = now === undefined || now.warnings.length >= then.warnings.length;
    if (isSame && isWarned) continue;
    if (/:(policy|group)\//.test(arn) && files.changed.size > 0) continue;
    if (now === undefined && files.dropped.has(arn)) continue;
    outcome = 'said';
    if (!isNamed(arn, after.said)) fail(`${arn} comes out otherwise, and nothing says so`);
  }
  return outcome;
}

/** What is shared rests on what is said of those who have it. */
function isNamed(arn: string, said: string): boolean {
  const id = `${arn.split(':')[4] ?? ''}-${arn.replace(/^.*:/, '').replace('/', '-')}`;
  const isShared = /:(policy|group)\//.test(arn);
  return (
    said.includes(arn) ||
    said.includes(id) ||
    (isShared
      ? said !== ''
      : /unreadable|cannot be read|expected |(?:occurs|is used) twice|last-accessed/.test(said))
  );
}

/** A proposal of the files as they were is judged current or not at all, unless the files tell another truth by now. */
async function recheck(
  before: string,
  after: string,
  files: Files,
  fail: (what: string) => never,
): Promise<void> {
  if (!existsSync(path.join(before, 'out/proposals'))) return;
  await runHere([
    'recheck',
    ...['--account-details', path.join(after, 'export.json'), '--findings', findingsFile(after)],
    ...['--catalogue', path.join(after, 'catalogue.json'), '--out', path.join(before, 'out'), '--quiet'],
  ]);
  const repository = FolderRepository.in(path.join(before, 'out'));
  const { entries, shared } = storedEntries(path.join(before, 'out'), () => false);
  for (const entry of [...entries, ...shared]) {
    if (entry.state === undefined || repository.allPrefixes().length === 0) continue;
    const { arn } = 'principal' in entry ? entry.principal : entry.subject;
    const isChanged =
      files.changed.has(arn) || files.changed.has('*') || ('subject' in entry && files.changed.size > 0);
    if (!isChanged) fail(`${arn} is said to be ${entry.state.name}: ${entry.state.reason}`);
  }
}

/** `policy --unused` takes away no more than the finding of one principal reports. */
function lookAtUnused(
  after: string,
  before: Extract<Result, { kind: 'done' }>,
  files: Files,
  fail: (what: string) => never,
): void {
  try {
    const { unused } = readUnusedFile(findingsFile(after));
    if (files.changed.size > 0 || before.proposed.size === 0) return;
    const known = new Set(Object.keys(CATALOGUE));
    const other = [...unused.services.keys(), ...unused.actions.keys()].filter(
      (service) => !known.has(service),
    );
    if (other.length > 0) fail(`policy takes ${other.join(', ')} for unused`);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  }
}

function findingsFile(folder: string): string {
  const lines = path.join(folder, 'findings.jsonl');
  return existsSync(lines) ? lines : path.join(folder, 'findings.json');
}

async function run(files: Files, folder: string): Promise<Result> {
  mkdirSync(folder, { recursive: true });
  const place = (name: string): string => path.join(folder, name);
  const catalogue = place('catalogue.json');
  writeFileSync(catalogue, JSON.stringify(CATALOGUE));
  writeFileSync(place('export.json'), written(lines(files.export), files.forms.export));
  const findings = files.isArray ? `${JSON.stringify(files.findings, null, 1)}\n` : lines(files.findings);
  writeFileSync(
    place(files.isArray ? 'findings.json' : 'findings.jsonl'),
    written(findings, files.forms.findings),
  );
  for (const [principal, values] of Object.entries(files.reports)) {
    const file = place(`last-accessed/${principal}.json`);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, lines(values));
  }
  const job: AccountTask = {
    analyzerArn: null,
    only: [],
    out: place('out'),
    catalogue,
    settings: {
      generalize: 'shortest',
      star: 'list',
      keep: [],
      exclude: { names: [], paths: [], tags: [] },
      managedPolicies: undefined,
      ownerTag: undefined,
    },
    reports: false,
    iac: undefined,
    decisions: [],
  };
  try {
    const { records, shared, remarks, complaints } = await runAccount(job, {
      accountDetails: place('export.json'),
      findings: [findingsFile(folder)],
      lastAccessed: existsSync(place('last-accessed')) ? place('last-accessed') : undefined,
    });
    const others = shared.flatMap(({ subject, outcome, reason }) =>
      outcome === 'proposed' ? [] : [`${subject.arn}: ${reason}`],
    );
    const said = [...remarks, ...complaints, ...records.flat().flatMap(sentences), ...others].join('\n');
    return { kind: 'done', proposed: proposalsIn(place('out')), said };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { kind: 'refused', message: error.message };
  }
}

/** What a run says of one finding, a proposal apart. */
function sentences(record: RunRecord): readonly string[] {
  const said = [...(record.complaints ?? []), ...(record.remarks ?? [])];
  switch (record.kind) {
    case 'proposed': {
      const { principal } = record.entry;
      return [
        ...said,
        ...record.refused.map(({ policy, reason }) => `${principal.arn}: ${policy}: ${reason}`),
      ];
    }
    case 'unchanged':
      // That nothing is to be done is no excuse where something was.
      return [
        ...said,
        ...record.refused.map(({ policy, reason }) => `${record.principal.arn}: ${policy}: ${reason}`),
      ];
    case 'skipped':
    case 'failed':
      return [...said, `${record.resource}: ${record.reason}`];
    case 'gone':
      return [...said, `${record.resource}: not in the export`];
    default:
      return record satisfies never;
  }
}

function lines(values: readonly Json[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}

function written(text: string, forms: readonly Form[]): string | Buffer {
  let now: string | Buffer = text;
  for (const form of forms) {
    if (typeof now !== 'string') return now;
    now = form(now);
  }
  return now;
}

interface Stored {
  readonly principal?: { readonly arn: string };
  readonly subject?: { readonly arn: string };
  readonly warnings: readonly string[];
  readonly policies: readonly {
    readonly name: string;
    readonly source: string;
    readonly disposition: string;
    readonly removed: readonly string[];
    readonly after: readonly { readonly document: unknown }[];
  }[];
}

/** The order of members says nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}

function proposalsIn(out: string): ReadonlyMap<string, Proposed> {
  const proposed = new Map<string, Proposed>();
  for (const file of proposalPaths(out)) {
    const stored = JSON.parse(readFileSync(path.join(out, file), 'utf8')) as Stored;
    const changed = stored.policies.filter(
      ({ disposition }) => !['unchanged', 'inherited', 'refused'].includes(disposition),
    );
    proposed.set(stored.principal?.arn ?? stored.subject?.arn ?? '', {
      documents: JSON.stringify(
        changed.map(({ name, source, disposition, after }) => [
          name,
          source,
          disposition,
          after.map(({ document }) => sorted(document)),
        ]),
      ),
      removed: changed.flatMap(({ source, name, removed }) =>
        removed.map((action) => `${action} of ${source} ${name}`),
      ),
      inPlace: changed.flatMap(({ name, disposition }) => (disposition === 'new-version' ? [name] : [])),
      warnings: stored.warnings,
    });
  }
  return proposed;
}
