// `node scripts/bench-fit.mjs`: measures what docs/fitting.md records. Times are processor time. Beside our own steps
// stands the minimiser of policy_sentry (PyPI, MIT), installed once into build/bench-fit/venv where Python is there;
// without it that line is left out, and the output says so.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { build } from 'esbuild';

const POLICY_SENTRY = 'policy_sentry==0.15.2';
const ROLES = 200;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'build', 'bench-fit');
mkdirSync(folder, { recursive: true });
const bundle = join(folder, 'bench-fit.mjs');
await build({
  entryPoints: [join(root, 'scripts', 'bench-fit.ts')],
  outfile: bundle,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  logLevel: 'warning',
});
const bench = await import(pathToFileURL(bundle).href);

const { roles, unfit } = bench.makeRoles(ROLES);
const rows = {};
for (const level of bench.levels) {
  bench.measureLevel(roles.slice(0, 20), level);
  rows[level] = bench.measureLevel(roles, level);
}
const rival = runPolicySentry();
if (rival) rows[POLICY_SENTRY] = bench.measure(roles, rival.answers, rival.milliseconds);
console.log(`${ROLES} synthetic roles`);
console.table(rows);
console.log('The same roles as managed policies end so:', tally(unfit));
console.log('One service, wildcards anywhere:');
console.table(bench.measureService());
const corpus = gunzipSync(
  readFileSync(join(root, 'test', 'fixtures', 'aws-managed-policies', 'aws-managed-policies.jsonl.gz')),
)
  .toString('utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));
console.log('Every AWS managed policy as a copy for one role:');
console.table(
  Object.fromEntries(
    [0.1, 0.3, 0.6, 0.9].map((share) => [`${share * 100} % unused`, bench.measureCorpus(corpus, share)]),
  ),
);

function tally(items) {
  const counts = {};
  for (const item of items) counts[item] = (counts[item] ?? 0) + 1;
  return counts;
}

/** Every role through policy_sentry's minimiser, or undefined where Python or the package is not to be had. */
function runPolicySentry() {
  const python = ensurePolicySentry();
  if (!python) return undefined;
  const input = join(folder, 'input.json');
  const all = bench.allActions().map((action) => action.toLowerCase());
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
  if (run.status === 0) return JSON.parse(run.stdout);
  console.log(
    `without ${POLICY_SENTRY}: it ended with ${String(run.status)}: ${run.stderr.trim().split('\n').pop()}`,
  );
  return undefined;
}

function ensurePolicySentry() {
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
