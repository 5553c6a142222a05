// The quick start: runs the offline job on the example account.
import { spawnSync } from 'node:child_process';

const { status } = spawnSync(
  process.execPath,
  [
    'dist/cli.mjs',
    'account',
    '--account-details',
    'examples/account/account-details.json',
    '--findings',
    'examples/account/findings',
    '--config',
    'examples/account/settings.json',
    '--last-accessed',
    'examples/account/last-accessed',
    '--out',
    'refined',
  ],
  { stdio: 'inherit' },
);
process.exitCode = status ?? 1;
