// Bundles the command line into dist/.
import { rm } from 'node:fs/promises';
import { buildCommandLine } from './build-command-line.mjs';

// Parts that an earlier build split off would stay there for ever.
await rm('dist', { recursive: true, force: true });
await buildCommandLine('dist', { sourcemap: true });
