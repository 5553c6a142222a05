import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { embeddedCatalogue } from '../../lambda/adapters/catalogue/embedded.ts';
import type { CatalogueService } from '../../lambda/core/catalogue/catalogue.ts';
import { covers } from '../../lambda/core/pattern/covers.ts';
import { foldCase, matchesPattern } from '../../lambda/core/pattern/matches.ts';
import { parseActionPattern } from '../../lambda/core/pattern/action-pattern.ts';
import { makeContext } from '../../lambda/core/refine/context.ts';
import { readKeepList } from '../../lambda/core/refine/keep-list.ts';
import { refinePolicy } from '../../lambda/core/refine/refine-policy.ts';
import { countCharacters } from '../../lambda/core/model/json.ts';
import { answerCharacters } from '../../lambda/core/fit/cover/cover-problem.ts';
import { draftDocument, groupsOfDocument, entriesAt } from '../../lambda/core/fit/document-draft.ts';
import { LEVELS, type Level } from '../../lambda/core/fit/cover/entry-group.ts';
import { coverByPatterns } from '../../lambda/core/fit/cover/pattern-cover.ts';
import { uniformLevels } from '../../lambda/core/fit/encodings.ts';
import {
  type NamedPolicy,
  policyOf,
  problemsOf,
  refineAndFit,
  seedOf,
  unusedOf,
  unusedShareOf,
} from '../../test/core/fit/support.ts';
import { seededRandom } from '../../test/random.ts';

/*
 * `npm run bench -- fit` prints what docs/fitting.md records. Times are CPU time. For comparison it runs the minimiser
 * of policy_sentry (PyPI, MIT), installed once into build/bench-fit/venv if Python is available; without it that line
 * is left out, and the output says so.
 */
const POLICY_SENTRY = 'policy_sentry==0.15.2';
const ROLES = 200;
const folder = join('build', 'bench-fit');

export function* run(): Generator<never> {
  mkdirSync(folder, { recursive: true });
  const { roles, unfit } = makeRoles(ROLES);
  const rows: Record<string, unknown> = {};
  for (const level of LEVELS) {
    measureLevel(roles.slice(0, 20), level);
    rows[level] = measureLevel(roles, level);
  }
  const rival = runPolicySentry(roles);
  if (rival) rows[POLICY_SENTRY] = measure(roles, rival.answers, rival.milliseconds);
  console.log(`${String(ROLES)} synthetic roles`);
  console.table(rows);
  console.log('The same roles as managed policies end so:', tally(unfit));
  console.log('One service, wildcards anywhere:');
  console.table(measureService());
  const corpus = gunzipSync(
    readFileSync('test/laws/fixtures/aws-managed-policies/aws-managed-policies.jsonl.gz'),
  )
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as NamedPolicy);
  console.log('Every AWS managed policy as a copy for one role:');
  console.table(
    Object.fromEntries(
      [0.1, 0.3, 0.6, 0.9].map((share) => [`${String(share * 100)} % unused`, measureCorpus(corpus, share)]),
    ),
  );
}

/** One synthetic role: what its author wrote, and what must and must not be granted after refinement. */
export interface Role {
  readonly written: readonly string[];
  readonly refined: readonly string[];
  /** `service:Action` as the catalogue spells it. */
  readonly needed: readonly string[];
}

const SHARES = [0.1, 0.3, 0.6, 0.9];

/**
 * Seeded roles with one Allow statement over a dozen services of at least 20 actions: half of them `service:*`, a third
 * one to three verbs (`service:Get*`), the others three to eight literal actions. A role's unused share is 10, 30, 60 or
 * 90 % in turn; half of that share falls on whole services.
 */
export function makeRoles(count: number): {
  readonly roles: readonly Role[];
  readonly unfit: readonly string[];
} {
  const catalogue = embeddedCatalogue();
  const services = [...catalogue.services.values()].filter(({ actions }) => actions.length >= 20);
  const random = seededRandom(200);
  const roles: Role[] = [];
  const unfit: string[] = [];
  for (let number = 0; number < count; number += 1) {
    const share = SHARES[number % SHARES.length] ?? 0.1;
    const chosen = new Set<CatalogueService>();
    while (chosen.size < 12) chosen.add(pick(services, random));
    const written = [...chosen].flatMap((service) => patternsFor(service, random));
    const document = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: written, Resource: '*' }],
    };
    const entries = unusedShareOf(policyOf(document), catalogue, share, random);
    const keep = readKeepList([]);
    if (!keep.ok) throw new Error(keep.problem);
    const context = makeContext(catalogue, unusedOf(entries), { keep: keep.value, generalize: 'shortest' });
    const refinement = refinePolicy(policyOf(document), context);
    const edit = refinement.statements[0]?.edit;
    const refined = edit?.patterns ?? [];
    roles.push({ written, refined, needed: matched(refined) });
    const [result] = refineAndFit({
      documents: [{ container: 'managed', document }],
      unused: entries,
      catalogue,
    });
    unfit.push(result?.kind === 'fits' ? result.steps.join(' + ') || 'as refined' : (result?.kind ?? 'gone'));
  }
  return { roles, unfit };
}

function pick<T>(items: readonly T[], random: () => number): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}

function patternsFor(service: CatalogueService, random: () => number): readonly string[] {
  const draw = random();
  if (draw < 0.5) return [`${service.name}:*`];
  if (draw < 0.83) {
    const verbs = new Set(service.actions.map((action) => /^[A-Z]?[a-z]+/.exec(action)?.[0] ?? action));
    const chosen = new Set(
      Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick([...verbs], random)),
    );
    return [...chosen].map((verb) => `${service.name}:${verb}*`);
  }
  const literals = new Set(
    Array.from({ length: 3 + Math.floor(random() * 6) }, () => pick(service.actions, random)),
  );
  return [...literals].map((action) => `${service.name}:${action}`);
}

/** Every catalogued action that the patterns match. */
function matched(patterns: readonly string[]): readonly string[] {
  const found: string[] = [];
  const read = patterns.flatMap((text) => {
    const parsed = parseActionPattern(text);
    return parsed.ok && parsed.value.kind !== 'everything' ? [parsed.value] : [];
  });
  for (const [key, service] of embeddedCatalogue().services) {
    const own = read.filter((pattern) => pattern.service === key);
    for (const [position, folded] of service.folded.entries()) {
      if (own.some(({ action }) => matchesPattern(action, folded))) {
        found.push(`${service.name}:${service.actions[position] ?? ''}`);
      }
    }
  }
  return found;
}

/** The quality of the results for all roles. */
export interface Measure {
  readonly characters: number;
  readonly patterns: number;
  readonly milliseconds: number;
  /** Needed actions that are not granted. */
  readonly dropped: number;
  /** Granted actions that must not be. */
  readonly extra: number;
  /** New patterns that are not contained in any of the author's. */
  readonly wider: number;
}

export function measure(
  roles: readonly Role[],
  answers: readonly (readonly string[])[],
  milliseconds: number,
): Measure {
  let characters = 0;
  let patterns = 0;
  let dropped = 0;
  let extra = 0;
  let wider = 0;
  for (const [place, role] of roles.entries()) {
    const answer = answers[place] ?? [];
    characters += answer.reduce((sum, text) => sum + text.length + 3, 0);
    patterns += answer.length;
    const granted = new Set(matched(answer).map(foldCase));
    const needed = new Set(role.needed.map(foldCase));
    dropped += [...needed].filter((action) => !granted.has(action)).length;
    extra += [...granted].filter((action) => !needed.has(action)).length;
    wider += answer.filter((text) => !role.written.some((wide) => contains(wide, text))).length;
  }
  return { characters, patterns, milliseconds: Math.round(milliseconds), dropped, extra, wider };
}

function contains(wide: string, narrow: string): boolean {
  const [service, action] = foldCase(wide).split(':');
  const [otherService, otherAction] = foldCase(narrow).split(':');
  return service === otherService && covers(action ?? '', otherAction ?? '');
}

/** Milliseconds of CPU time, which mean more than wall-clock time on a machine that does other things too. */
function timed<T>(work: () => T): { readonly value: T; readonly milliseconds: number } {
  const before = process.cpuUsage();
  const value = work();
  const { user, system } = process.cpuUsage(before);
  return { value, milliseconds: (user + system) / 1000 };
}

export function measureLevel(roles: readonly Role[], level: Level): Measure {
  const universe = { ...embeddedCatalogue(), named: new Map(), isKnownService: () => true };
  const { value, milliseconds } = timed(() =>
    roles.map(({ written, refined }) => {
      if (refined.length === 0) return [];
      const policy = policyOf({ Statement: [{ Effect: 'Allow', Action: written, Resource: '*' }] });
      const edits = [{ element: 'Action' as const, patterns: refined }];
      const draft = draftDocument({ policy, edits }, { universe, generalize: 'shortest' });
      const [statement] = draft.statements;
      return statement ? entriesAt(statement, uniformLevels(groupsOfDocument(draft), level)) : [];
    }),
  );
  return measure(roles, value, milliseconds);
}

/** All catalogued actions, as `service:Action`. */
export function allActions(): readonly string[] {
  return [...embeddedCatalogue().services.values()].flatMap(({ name, actions }) =>
    actions.map((action) => `${name}:${action}`),
  );
}

/** Measures one service of some 800 actions: median time and characters for each share of unused actions. */
export function measureService(): readonly {
  share: number;
  actions: number;
  literal: number;
  characters: number;
  milliseconds: number;
}[] {
  const service = embeddedCatalogue().services.get('ec2');
  if (!service) throw new Error('the catalogue lacks ec2');
  return SHARES.map((share) => {
    const times: number[] = [];
    let characters = 0;
    let literal = 0;
    for (let run = 0; run < 9; run += 1) {
      const random = seededRandom(run);
      const needed: string[] = [];
      const forbidden: string[] = [];
      for (const action of service.actions) {
        if (random() < share) forbidden.push(foldCase(action));
        else needed.push(action);
      }
      const problem = { service: 'ec2', needed, forbidden, enclosing: ['*'] };
      const { value, milliseconds } = timed(() => coverByPatterns(problem, 'character'));
      times.push(milliseconds);
      characters = answerCharacters('ec2', value);
      literal = answerCharacters('ec2', needed);
    }
    times.sort((a, b) => a - b);
    return {
      share,
      actions: service.actions.length,
      literal,
      characters,
      milliseconds: Math.round(times[4] ?? 0),
    };
  });
}

/** The outcome for every AWS managed policy at one share of unused actions. */
export function measureCorpus(
  policies: readonly NamedPolicy[],
  share: number,
): Readonly<Record<string, number>> {
  const catalogue = embeddedCatalogue();
  const counts: Record<string, number> = { policies: policies.length, 'over 6,144 before': 0, inexact: 0 };
  const note = (key: string): void => {
    counts[key] = (counts[key] ?? 0) + 1;
  };
  for (const { name, document } of policies) {
    if (countCharacters(document) > 6144) note('over 6,144 before');
    const unused = unusedShareOf(policyOf(document), catalogue, share, seededRandom(seedOf(name, share)));
    const fitCase = { documents: [{ container: 'managed' as const, document }], unused, catalogue };
    const [result] = refineAndFit(fitCase);
    if (!result) continue;
    if (result.kind === 'fits') {
      note(
        result.steps.length === 0
          ? 'fits as refined'
          : result.steps.includes('split')
            ? 'split'
            : 'shortened',
      );
      if (problemsOf(document, result, fitCase).length > 0) note('inexact');
    } else if (result.kind === 'does-not-fit')
      note(result.isProven ? 'does not fit (proven)' : 'does not fit (unproven)');
    else note(result.kind === 'gone' ? 'nothing left' : 'nothing to change');
  }
  return counts;
}

function tally(items: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[item] = (counts[item] ?? 0) + 1;
  return counts;
}

/** Runs policy_sentry's minimiser on every role; undefined if Python or the package is not available. */
function runPolicySentry(
  roles: readonly Role[],
): { readonly answers: readonly (readonly string[])[]; readonly milliseconds: number } | undefined {
  const python = ensurePolicySentry();
  if (!python) return undefined;
  const input = join(folder, 'input.json');
  const all = allActions().map((action) => action.toLowerCase());
  writeFileSync(input, JSON.stringify({ all, roles: roles.map(({ needed }) => needed) }));
  const program = `
import json, sys, time
from policy_sentry.writing.minimize import minimize_statement_actions
data = json.load(open(sys.argv[1]))
every = set(data["all"])
begin = time.process_time()
answers = [minimize_statement_actions(role, every) if role else [] for role in data["roles"]]
print(json.dumps({"answers": answers, "milliseconds": (time.process_time() - begin) * 1000}))
`;
  const run = spawnSync(python, ['-c', program, input], { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (run.status === 0) return JSON.parse(run.stdout) as ReturnType<typeof runPolicySentry>;
  console.log(
    `without ${POLICY_SENTRY}: it ended with ${String(run.status)}: ${run.stderr.trim().split('\n').pop() ?? ''}`,
  );
  return undefined;
}

function ensurePolicySentry(): string | undefined {
  const venv = join(folder, 'venv');
  const python =
    process.platform === 'win32' ? join(venv, 'Scripts', 'python.exe') : join(venv, 'bin', 'python');
  const stamp = join(venv, POLICY_SENTRY);
  if (existsSync(stamp)) return python;
  const name = ['python3', 'python'].find((one) => spawnSync(one, ['--version']).status === 0);
  if (name === undefined) {
    console.log(`without ${POLICY_SENTRY}: there is no python3 on the PATH`);
    return undefined;
  }
  console.log(`installing ${POLICY_SENTRY} into ${venv} (once)`);
  const made = spawnSync(name, ['-m', 'venv', venv], { stdio: 'inherit' });
  const installed =
    made.status === 0 &&
    spawnSync(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', POLICY_SENTRY], {
      stdio: 'inherit',
    }).status === 0;
  if (!installed) {
    console.log(`without ${POLICY_SENTRY}: it could not be installed; see the message above`);
    return undefined;
  }
  writeFileSync(stamp, '');
  return python;
}
