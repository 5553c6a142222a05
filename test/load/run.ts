import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { INDEX_DATA_OBJECT } from '../../lambda/contract/object-keys.ts';
import { projectRoot } from '../../lib/config/project-root.ts';
import { MEMBER_EXTERNAL_ID, MEMBER_ROLE } from '../integration/harness/names.ts';
import { type LoadReport, type Phase, phaseBetween, renderReport, snapshot } from './figures.ts';
import { ANALYZER_ARN, type Model, startModel } from './model.ts';
import { type LoadOptions, readOptions, USAGE } from './options.ts';

/** `npm run load`: exit status 0 when every finding ended as it must, 1 with a list when not, 2 for wrong arguments. */
async function run(args: readonly string[]): Promise<number> {
  let options: LoadOptions;
  try {
    options = readOptions(args);
  } catch (error) {
    console.error(`load: ${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return 2;
  }
  const report = await play(options);
  mkdirSync(dirname(resolve(options.out)), { recursive: true });
  writeFileSync(options.out, `${JSON.stringify(report, undefined, 2)}\n`);
  console.log(renderReport(report));
  return report.problems.length === 0 ? 0 : 1;
}

const SYNTH = join(projectRoot(), 'test', 'load', 'synth.ts');

async function play(options: LoadOptions): Promise<LoadReport> {
  const work = join(projectRoot(), 'build', 'load', `run-${String(process.pid)}`);
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const assembly = options.assembly ?? join(work, 'cdk.out');
  if (options.assembly === undefined) {
    const made = spawnSync(
      process.execPath,
      ['--import', 'tsx', SYNTH, assembly, JSON.stringify(contextOf(options))],
      {
        encoding: 'utf8',
      },
    );
    if (made.status !== 0) throw new Error(`the app could not be synthesised:\n${made.stdout}${made.stderr}`);
  }
  const model = await startModel(options, { assembly, work });
  try {
    return await report(model, options);
  } finally {
    await model.stop();
    rmSync(work, { recursive: true, force: true });
  }
}

function contextOf({ context }: LoadOptions): Readonly<Record<string, string>> {
  return {
    analyzerArn: ANALYZER_ARN,
    memberRoleName: MEMBER_ROLE,
    memberExternalId: MEMBER_EXTERNAL_ID,
    ...context,
  };
}

async function report(model: Model, options: LoadOptions): Promise<LoadReport> {
  const phases: Phase[] = [];
  let last = snapshot(model);
  const end = (name: string): void => {
    const now = snapshot(model);
    phases.push(phaseBetween(name, last, now));
    last = now;
  };
  const events = model.sendEvents();
  const progress = setInterval(() => {
    tellProgress(model);
  }, 15_000);
  progress.unref();
  await model.drain();
  end('events');
  const first = process.memoryUsage.rss() / 1048576;
  // Without a sweep nothing makes good what is lost.
  const ended = options.sweeps === 0 ? { ended: 0, lost: 0 } : model.endFindings();
  await model.drain();
  for (let sweep = 1; sweep <= options.sweeps; sweep += 1) {
    await model.startSchedules('sweep-findings');
    await model.drain();
    end(options.sweeps === 1 ? 'sweep' : `sweep ${String(sweep)}`);
  }
  clearInterval(progress);
  const balance = model.balance();
  const wrongStates = options.sweeps === 0 ? [] : model.wrongStates();
  const proposalsInOverview = countOverview(model);
  return {
    options,
    machine: `${String(os.cpus().length)} × ${os.cpus()[0]?.model ?? 'unknown'}`,
    node: process.version,
    date: new Date().toISOString(),
    events,
    phases,
    memory: Object.fromEntries(model.pools.map(({ deployed, figures }) => [deployed.label, figures.memory])),
    servers: { first, end: process.memoryUsage.rss() / 1048576 },
    jumped: model.clock.jumped / 1000,
    storedBytes: model.objects.stored,
    proposalsInOverview,
    sharedProposals: model.sharedProposals,
    noticesPublished: model.notices.length,
    deadLetters: Object.fromEntries(
      model.queues
        .filter(({ settings }) => settings.redrive === undefined && !isMapped(model, settings.name))
        .map((queue) => [queue.settings.name, queue.visible + queue.hidden] as const)
        .filter(([, count]) => count > 0),
    ),
    untold: model.untold,
    ended,
    wrongStates: wrongStates.length,
    complaints: model.complaints,
    balance,
    problems: [
      ...balance.problems,
      ...wrongStates,
      ...[...model.aws.unknown].map(
        (operation) => `a function called what the model does not have: ${operation}`,
      ),
      ...overviewProblems(proposalsInOverview, balance.endings.proposed, model.untold),
    ],
  };
}

/** What the overview lacks must lie with the dead letters of the notices. */
function overviewProblems(shown: number, made: number, untold: number): readonly string[] {
  return shown <= made && shown + untold >= made
    ? []
    : [
        `the overview shows ${String(shown)} proposals, ${String(made)} were made, the notices of ${String(untold)} are dead letters`,
      ];
}

/** On standard error: a large run takes hours. */
function tellProgress({ queues, pools }: Model): void {
  const waiting = queues.flatMap(({ visible, hidden, settings: { name } }) =>
    visible + hidden === 0 ? [] : [`${name} ${String(visible)} + ${String(hidden)}`],
  );
  const work = pools.flatMap(({ deployed: { label }, figures: { invocations, cpuSeconds } }) =>
    invocations === 0 ? [] : [`${label} ${String(invocations)} invocations, ${cpuSeconds.toFixed(0)} s CPU`],
  );
  console.error(
    `${new Date().toISOString().slice(11, 19)} ${work.join('; ')} | waiting ${waiting.join(', ')}`,
  );
}

function isMapped(model: Model, name: string): boolean {
  return model.stack.mappings.some(({ queue }) => queue === name);
}

function countOverview({ objects }: Model): number {
  const stored = objects.get(INDEX_DATA_OBJECT);
  if (!stored) return 0;
  const { proposals } = JSON.parse(objects.read(stored).toString('utf8')) as {
    readonly proposals: readonly unknown[];
  };
  return proposals.length;
}

process.exitCode = await run(process.argv.slice(2));
