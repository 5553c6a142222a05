import { App } from 'aws-cdk-lib';

import { buildApp } from '../lib/build-app.ts';
import { ConfigError } from '../lib/config/config.ts';

try {
  // With auto-synthesis, the app would synthesise on exit even after an error.
  const app = new App({ autoSynth: false });
  buildApp(app);
  app.synth();
} catch (error) {
  // The user has to correct a wrong option, so print a sentence instead of a stack trace.
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
