#!/usr/bin/env node
import { commandLine, runCommandLine } from './program.ts';

// The reader of the output may stop early (`| head`). That is not an error, and there is nobody to report it to.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

await runCommandLine(commandLine(), process.argv.slice(2));
