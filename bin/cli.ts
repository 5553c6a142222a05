#!/usr/bin/env node
import { commandLine, runCommandLine } from './program.ts';

// Whoever reads the output may stop early (`| head`): that is no error of ours, and there is nobody to tell.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

await runCommandLine(commandLine(), process.argv.slice(2));
