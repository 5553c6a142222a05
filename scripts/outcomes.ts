// `npm run outcomes -- [--against FILE] [--out FILE] [--cli PATH]`: one line for each document set that the built
// command proposes over examples and generated accounts, so that two versions can be compared. It knows the command
// by its options, `proposal.json` and standard output only, and so runs on any version:
//   <mode> <corpus> <subject> <proposalId> <SHA-256 of before, after and disposition>
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { generatedAccounts, sha256 } from './generated-accounts.ts';

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const MODES = ['shortest', 'least', 'enumerate'];
const MOST_SHOWN = 20;

/** Printed in one line, without a stack. */
class OutcomesError extends Error {}

// --- Running the command.

/** The output of the command. Exit status 1 is accepted: some principals cannot be refined, and the others count. */
function runCommand(cli: string, args: readonly string[]): string {
  const run = spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (run.status === 0 || run.status === 1) return run.stdout;
  const end = run.error?.message ?? `ended with ${String(run.status ?? run.signal)}: ${run.stderr.trim()}`;
  throw new OutcomesError(`${cli} ${args.join(' ')}: ${end}`);
}

/** `--no-reports` if this version of the command has it, which saves time and changes no proposal. */
const reportFlags = (cli: string): readonly string[] =>
  runCommand(cli, ['account', '--help']).includes('--no-reports') ? ['--no-reports'] : [];

const subject = z.object({ accountId: z.string(), type: z.string(), name: z.string() });
const proposal = z.object({
  proposalId: z.string(),
  principal: subject.optional(),
  subject: subject.optional(),
  policies: z.array(
    z.object({ before: z.unknown(), after: z.unknown(), disposition: z.unknown() }).partial(),
  ),
});

function outcomesUnder(folder: string): readonly string[] {
  return ['proposals', 'shared']
    .map((name) => path.join(folder, name))
    .filter((part) => existsSync(part))
    .flatMap((part) =>
      readdirSync(part, { recursive: true, encoding: 'utf8' }).map((name) => path.join(part, name)),
    )
    .filter((file) => path.basename(file) === 'proposal.json')
    .map((file) => {
      const read = proposal.safeParse(JSON.parse(readFileSync(file, 'utf8')));
      const about = read.data?.principal ?? read.data?.subject;
      if (!read.success || about === undefined) {
        throw new OutcomesError(`${file}: is no proposal: ${read.error?.message ?? 'it is about nobody'}`);
      }
      const { proposalId, policies } = read.data;
      return `${about.accountId}/${about.type}/${about.name} ${proposalId} ${digestOf(policies)}`;
    });
}

/** The SHA-256 of canonical JSON: members in the order of code units. */
function digestOf(value: unknown): string {
  return sha256(
    JSON.stringify(value, (_key, member: unknown) =>
      typeof member === 'object' && member !== null && !Array.isArray(member)
        ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
        : member,
    ),
  );
}

interface Corpus {
  readonly name: string;
  readonly args: readonly string[];
}

async function writeCorpora(folder: string): Promise<readonly Corpus[]> {
  const generated = [...(await generatedAccounts())].map(([name, { details, findings }]) => {
    const files = {
      details: path.join(folder, `${name}.json`),
      findings: path.join(folder, `${name}.jsonl`),
    };
    writeFileSync(files.details, JSON.stringify(details));
    writeFileSync(files.findings, findings.map((finding) => `${JSON.stringify(finding)}\n`).join(''));
    return { name, args: ['--account-details', files.details, '--findings', files.findings] };
  });
  const example = (name: string): string => path.join(ROOT, 'examples', 'account', name);
  return [
    {
      name: 'example',
      args: [
        ...['--account-details', example('account-details.json'), '--findings', example('findings')],
        ...['--config', example('settings.json'), '--last-accessed', example('last-accessed')],
      ],
    },
    ...generated,
  ];
}

function articleOutcome(cli: string, mode: string): string {
  const article = (name: string): string => path.join(ROOT, 'examples', 'article', name);
  const printed = runCommand(cli, [
    ...['policy', '--policy', article('policy.json'), '--unused', article('unused.json')],
    ...['--catalogue', article('catalogue.json'), '--generalize', mode],
  ]);
  if (printed === '') throw new OutcomesError(`${cli} policy: printed nothing for examples/article`);
  return `${mode} article policy - ${digestOf(JSON.parse(printed))}`;
}

async function measure(cli: string): Promise<readonly string[]> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'outcomes-'));
  try {
    const flags = ['--quiet', ...reportFlags(cli)];
    const lines: string[] = [];
    for (const { name, args } of await writeCorpora(folder)) {
      for (const mode of MODES) {
        const out = path.join(folder, 'out');
        mkdirSync(out);
        runCommand(cli, ['account', ...args, '--generalize', mode, '--out', out, ...flags]);
        const found = outcomesUnder(out);
        if (found.length === 0) throw new OutcomesError(`${cli}: proposed nothing for ${mode} ${name}`);
        lines.push(...found.map((line) => `${mode} ${name} ${line}`));
        rmSync(out, { recursive: true });
      }
    }
    lines.push(...MODES.map((mode) => articleOutcome(cli, mode)));
    return lines.sort();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// --- The list, and its differences from an earlier one.

const totalOf = (lines: readonly string[]): string =>
  `all ${String(lines.length)} ${sha256(lines.join('\n'))}`;

function readLines(file: string): readonly string[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  const total = lines.pop();
  if (total !== totalOf(lines)) {
    throw new OutcomesError(`${file}: is no whole list of outcomes; write it anew with --out`);
  }
  return lines;
}

/** The differences, by mode, corpus and subject. */
function differences(
  earlier: readonly string[],
  now: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const [wasThere, isThere] = [new Set(earlier), new Set(now)];
  const changed = [
    ...earlier.filter((line) => !isThere.has(line)).map((line) => `- ${line}`),
    ...now.filter((line) => !wasThere.has(line)).map((line) => `+ ${line}`),
  ];
  const found = new Map<string, readonly string[]>();
  for (const line of changed) {
    const key = line.split(' ').slice(1, 4).join(' ');
    found.set(key, [...(found.get(key) ?? []), line]);
  }
  return found;
}

function tellDifferences(file: string, earlier: readonly string[], now: readonly string[]): boolean {
  const found = differences(earlier, now);
  if (found.size === 0) {
    console.log(`no differences from ${file}: ${totalOf(now)}`);
    return false;
  }
  const kinds = [...found.values()].map((lines) =>
    [...new Set(lines.map((line) => line.charAt(0)))].join(''),
  );
  const count = (kind: string): string => String(kinds.filter((one) => one === kind).length);
  console.log(
    `${String(found.size)} differ from ${file}: ${count('-+')} changed, ${count('-')} missing, ${count('+')} new`,
  );
  const shown = [...found].sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, MOST_SHOWN);
  console.log(shown.flatMap(([, lines]) => lines).join('\n'));
  if (found.size > shown.length) console.log(`and ${String(found.size - shown.length)} more`);
  return true;
}

async function main(): Promise<number> {
  const { against, out, cli } = parseArgs({
    options: {
      against: { type: 'string' },
      out: { type: 'string' },
      cli: { type: 'string', default: path.join(ROOT, 'dist', 'cli.mjs') },
    },
  }).values;
  if (!existsSync(cli)) throw new OutcomesError(`${cli}: is not there; build it with npm run prepare`);
  // Read before the work begins, and before --out may overwrite it.
  const earlier = against === undefined ? undefined : { file: against, lines: readLines(against) };
  const lines = await measure(path.resolve(cli));
  const text = `${[...lines, totalOf(lines)].join('\n')}\n`;
  if (out !== undefined) writeFileSync(out, text);
  else if (earlier === undefined) process.stdout.write(text);
  return earlier !== undefined && tellDifferences(earlier.file, earlier.lines, lines) ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
