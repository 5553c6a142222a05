// Runs the tests in a real browser: finds Chromium ($CHROMIUM, then the usual places) or installs Debian's package if
// it may, then runs vitest. Arguments are passed to vitest.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const PACKAGES = ['chromium', 'fonts-dejavu-core'];

const chromium = findChromium() ?? installChromium();
mkdirSync(join(root, 'build', 'reports'), { recursive: true });
const vitest = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--config',
    join(root, 'vitest.browser.config.ts'),
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, CHROMIUM: chromium } },
);
process.exit(vitest.status ?? 1);

function findChromium(): string | undefined {
  const wanted = process.env['CHROMIUM'];
  if (wanted === undefined || wanted === '') return PLACES.find((place) => existsSync(place));
  if (existsSync(wanted)) return wanted;
  return fail(
    `CHROMIUM names ${wanted}, which does not exist; set it to a Chromium or Chrome executable, or unset it`,
  );
}

/**
 * Installs Chromium on Debian and Ubuntu as root, as in a build container; elsewhere the user decides what is
 * installed.
 */
function installChromium(): string {
  const isRoot = process.getuid?.() === 0;
  const hasApt = spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0;
  if (!isRoot || !hasApt) {
    return fail(
      `no Chromium at ${PLACES.join(', ')}; install it (Debian: apt-get install ${PACKAGES.join(' ')}) or set CHROMIUM to its path`,
    );
  }
  console.error(`installing ${PACKAGES.join(' and ')} with apt-get`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...PACKAGES]]) {
    const apt = spawnSync('apt-get', ['-qq', ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: environment,
    });
    if (apt.status !== 0)
      return fail(`apt-get ${args.join(' ')} failed; install Chromium by hand or set CHROMIUM to its path`);
  }
  return (
    findChromium() ??
    fail(`the package chromium is installed, but none of ${PLACES.join(', ')} exists; set CHROMIUM`)
  );
}

function fail(message: string): never {
  console.error(`test-browser: ${message}`);
  process.exit(1);
}
