// Runs the integration tests: makes build/venv with the emulator from PyPI, then vitest. Arguments go on to vitest.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const venv = join(root, 'build', 'venv');
const requirements = join(root, 'test', 'integration', 'requirements.txt');
const inVenv =
  process.platform === 'win32' ? join(venv, 'Scripts', 'python.exe') : join(venv, 'bin', 'python');
const OLDEST_PYTHON = [3, 10] as const;

const python = findPython();
ensureEmulator(python);
mkdirSync(join(root, 'build', 'reports'), { recursive: true });
const vitest = spawn(
  process.execPath,
  [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--config',
    join(root, 'vitest.integration.config.ts'),
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, INTEGRATION_PYTHON: inVenv, NODE_NO_WARNINGS: '1' } },
);
// Whoever ends this ends the tests too; the emulator then goes by itself.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => vitest.kill(signal));
vitest.on('exit', (code) => process.exit(code ?? 1));

/** The first Python on the PATH that is new enough for the emulator. */
function findPython(): { readonly name: string; readonly version: string } {
  const seen = [];
  for (const name of process.platform === 'win32' ? ['python', 'python3', 'py'] : ['python3', 'python']) {
    const asked = spawnSync(name, ['-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])'], {
      encoding: 'utf8',
    });
    if (asked.status !== 0) continue;
    const version = asked.stdout.trim();
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (major > OLDEST_PYTHON[0] || (major === OLDEST_PYTHON[0] && minor >= OLDEST_PYTHON[1]))
      return { name, version };
    seen.push(`${name} is ${version}`);
  }
  const found = seen.length > 0 ? ` (${seen.join(', ')})` : '';
  return stop(
    `the integration tests need Python ${OLDEST_PYTHON.join('.')} or newer on the PATH for the emulator moto${found}; ` +
      'install it (Debian and Ubuntu: apt-get install python3 python3-venv; macOS: brew install python; others: https://www.python.org/downloads/) and run this again',
  );
}

/** Makes the virtual environment once; again only when the pins or the Python changed. */
function ensureEmulator({ name, version }: { readonly name: string; readonly version: string }): void {
  const stamp = join(venv, 'installed');
  const wanted = createHash('sha256').update(readFileSync(requirements)).update(version).digest('hex');
  if (existsSync(inVenv) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.error('installing the emulator into build/venv (once, about a minute)');
  rmSync(venv, { recursive: true, force: true });
  run(
    name,
    ['-m', 'venv', venv],
    'Python cannot make a virtual environment; install its venv module (Debian and Ubuntu: apt-get install python3-venv) and run this again',
  );
  run(
    inVenv,
    ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements],
    `pip cannot install what ${requirements} names; see its message above, check the network and the proxy settings, and run this again`,
  );
  writeFileSync(stamp, wanted);
}

function run(command: string, args: readonly string[], failure: string): void {
  const done = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (done.status !== 0) stop(failure);
}

function stop(message: string): never {
  console.error(`test:integration: ${message}`);
  process.exit(1);
}
