// Runs the integration tests: creates build/venv with the emulator from PyPI, then runs vitest. Arguments are passed
// to vitest.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pythonWith } from './python-venv.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const inVenv = pythonWith('test:integration', join(root, 'build', 'venv'), {
  requirements: join(root, 'test', 'integration', 'requirements.txt'),
  what: 'the emulator moto',
});
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
// Passes signals on to the tests; the emulator then ends on its own.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => vitest.kill(signal));
vitest.on('exit', (code) => process.exit(code ?? 1));
