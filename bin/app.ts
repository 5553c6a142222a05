import { App } from 'aws-cdk-lib';

import { buildApp } from '../lib/build-app.ts';
import { ConfigError } from '../lib/config/config.ts';

try {
  // Left to itself, the app would synthesise on exit even after an error.
  const app = new App({ autoSynth: false });
  buildApp(app);
  app.synth();
} catch (error) {
  // A wrong option is the user's to correct: a sentence, not our stack trace.
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
