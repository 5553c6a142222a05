import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { addStacks } from '../../lib/build-app.ts';
import { projectRoot } from '../../lib/config/project-root.ts';

// node synth.mjs FOLDER CONTEXT: synthesises the app with its bundles. A process of its own, since the CDK's library
// would lie in the services' memory for the whole run.
const [outdir = '', context = '{}'] = process.argv.slice(2);
const cdk = JSON.parse(readFileSync(join(projectRoot(), 'cdk.json'), 'utf8')) as {
  readonly context: Readonly<Record<string, unknown>>;
};
const app = new App({
  outdir,
  analyticsReporting: false,
  autoSynth: false,
  context: { ...cdk.context, ...(JSON.parse(context) as Readonly<Record<string, unknown>>) },
});
addStacks(app);
app.synth();
