import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const OLDEST_PYTHON = [3, 10] as const;

export interface Packages {
  /** The requirements file. */
  readonly requirements: string;
  /** What the packages are for, in messages. */
  readonly what: string;
}

/**
 * Creates a virtual environment with these packages, once, and again only if the pins or the Python changed. Exits the
 * process with a sentence if that fails.
 * @param command the script of package.json, for messages
 * @returns the path of its Python
 */
export function pythonWith(command: string, venv: string, packages: Packages): string {
  const python = findPython(command, packages.what);
  // Python compiles a module when it is first used; whoever starts it from here lets it keep the result.
  process.env['PYTHONDONTWRITEBYTECODE'] = '';
  const inVenv =
    process.platform === 'win32' ? join(venv, 'Scripts', 'python.exe') : join(venv, 'bin', 'python');
  const stamp = join(venv, 'installed');
  const wanted = createHash('sha256')
    .update(readFileSync(packages.requirements))
    .update(python.version)
    .digest('hex');
  if (existsSync(inVenv) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return inVenv;
  console.error(`installing ${packages.what} into ${venv} (once, about a minute)`);
  rmSync(venv, { recursive: true, force: true });
  run(
    command,
    python.name,
    ['-m', 'venv', venv],
    'Python cannot make a virtual environment; install its venv module (Debian and Ubuntu: apt-get install python3-venv) and run this again',
  );
  // Few of the modules are used, and compiling them all takes two thirds as long as the rest of the installation.
  const quietly = ['--quiet', '--disable-pip-version-check', '--no-compile'];
  run(
    command,
    inVenv,
    ['-m', 'pip', 'install', ...quietly, '-r', packages.requirements],
    `pip cannot install what ${packages.requirements} names; see its message above, check the network and the proxy settings, and run this again`,
  );
  writeFileSync(stamp, wanted);
  return inVenv;
}

/** The first Python on the PATH that is new enough. */
function findPython(command: string, what: string): { readonly name: string; readonly version: string } {
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
    command,
    `Python ${OLDEST_PYTHON.join('.')} or newer has to be on the PATH for ${what}${found}; ` +
      'install it (Debian and Ubuntu: apt-get install python3 python3-venv; macOS: brew install python; others: https://www.python.org/downloads/) and run this again',
  );
}

function run(command: string, program: string, args: readonly string[], failure: string): void {
  const done = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (done.status !== 0) stop(command, failure);
}

function stop(command: string, message: string): never {
  console.error(`${command}: ${message}`);
  process.exit(1);
}
