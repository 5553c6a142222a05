import type { Balance } from './ledger.ts';
import type { Model } from './model.ts';
import type { LoadOptions } from './options.ts';
import type { PoolFigures } from './worker-pool.ts';
import type { CallCount } from './servers/aws.ts';

/** What stood at one moment; the difference of two is what a phase took. */
export interface Snapshot {
  readonly at: number;
  readonly functions: ReadonlyMap<string, PoolFigures>;
  readonly calls: readonly (CallCount & { readonly function: string })[];
}

export function snapshot(model: Model): Snapshot {
  const label = (caller: string): string => model.pools[Number(caller)]?.deployed.label ?? caller;
  return {
    at: performance.now(),
    functions: new Map(model.pools.map((pool) => [pool.deployed.label, pool.figures])),
    calls: model.aws.counts().map((count) => ({ ...count, function: label(count.caller) })),
  };
}

/** What one phase took, in all. */
export interface Phase {
  readonly name: string;
  readonly seconds: number;
  readonly functions: readonly FunctionPhase[];
}

export interface FunctionPhase {
  readonly name: string;
  readonly invocations: number;
  readonly processes: number;
  readonly killed: number;
  readonly cpuSeconds: number;
  readonly logBytes: number;
  /** Requests by operation, those included that failed and were repeated. */
  readonly calls: Readonly<Record<string, number>>;
  readonly throttled: number;
  readonly failed: number;
}

export function phaseBetween(name: string, before: Snapshot, after: Snapshot): Phase {
  const functions = [...after.functions].map(([label, figures]): FunctionPhase => {
    const then = before.functions.get(label);
    const own = after.calls.filter((count) => count.function === label);
    const earlier = (count: CallCount): CallCount | undefined =>
      before.calls.find((one) => one.caller === count.caller && one.operation === count.operation);
    const sum = (member: 'throttled' | 'failed'): number =>
      own.reduce((total, count) => total + count[member] - (earlier(count)?.[member] ?? 0), 0);
    const calls = own
      .map((count) => [count.operation, count.total - (earlier(count)?.total ?? 0)] as const)
      .filter(([, total]) => total > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      name: label,
      invocations: figures.invocations - (then?.invocations ?? 0),
      processes: figures.processes - (then?.processes ?? 0),
      killed: figures.killed - (then?.killed ?? 0),
      cpuSeconds: figures.cpuSeconds - (then?.cpuSeconds ?? 0),
      logBytes: figures.logBytes - (then?.logBytes ?? 0),
      calls: Object.fromEntries(calls),
      throttled: sum('throttled'),
      failed: sum('failed'),
    };
  });
  return {
    name,
    seconds: (after.at - before.at) / 1000,
    functions: functions.filter(({ invocations }) => invocations > 0),
  };
}

export interface LoadReport {
  readonly options: LoadOptions;
  readonly machine: string;
  readonly node: string;
  readonly date: string;
  readonly events: { readonly lost: number; readonly duplicated: number };
  readonly phases: readonly Phase[];
  readonly memory: Readonly<Record<string, PoolFigures['memory']>>;
  /** MiB of the process with the services and the scheduler: after the first phase, and at the end. */
  readonly servers: { readonly first: number; readonly end: number };
  /** Seconds of simulated time that were jumped over. */
  readonly jumped: number;
  /** Bytes of all objects in the bucket. */
  readonly storedBytes: number;
  readonly proposalsInOverview: number;
  /** Proposals about what several principals share, which belong to no finding alone. */
  readonly sharedProposals: number;
  readonly noticesPublished: number;
  readonly deadLetters: Readonly<Record<string, number>>;
  /** Proposals whose notices are among them; the overview may lack these, and no others. */
  readonly untold: number;
  /** Findings that ended before the sweeps, and how many of them without an event. */
  readonly ended: { readonly ended: number; readonly lost: number };
  /** Proposals of which something is said or shown that is not so. */
  readonly wrongStates: number;
  /** Warnings and errors of the functions, and how often. */
  readonly complaints: Readonly<Record<string, number>>;
  readonly balance: Balance;
  /** All that is wrong; none for a run that is as it must be. */
  readonly problems: readonly string[];
}

/** The report as a table for people. */
export function renderReport(report: LoadReport): string {
  const { options, balance, events, phases, memory } = report;
  const { endings } = balance;
  const lines = [
    `${String(options.findings)} findings in ${String(options.accounts)} accounts; ${String(events.lost)} events lost, ${String(events.duplicated)} sent twice; ${String(report.ended.ended)} findings ended, ${String(report.ended.lost)} without an event`,
    `proposed ${String(endings.proposed)}, unchanged ${String(endings.unchanged)}, skipped ${String(endings.skipped)}, gone ${String(endings.gone)}, left to the next sweep ${String(endings.unreachable)}, dead letters ${String(endings['dead-letter'])} ${JSON.stringify(balance.deadLetterReasons)}`,
    `proposals in the overview ${String(report.proposalsInOverview)}, about what several share ${String(report.sharedProposals)}, messages published ${String(report.noticesPublished)}, ${(report.storedBytes / 1e6).toFixed(1)} MB stored, dead letters by queue ${JSON.stringify(report.deadLetters)}`,
  ];
  for (const phase of phases) {
    lines.push('', `${phase.name}: ${phase.seconds.toFixed(1)} s`);
    for (const one of phase.functions) {
      const each = (value: number): string => (value / options.findings).toFixed(3);
      lines.push(
        `  ${one.name.padEnd(20)} invocations ${String(one.invocations)}, processes started ${String(one.processes)}, killed ${String(one.killed)}, CPU ${one.cpuSeconds.toFixed(1)} s = ${((one.cpuSeconds / options.findings) * 1000).toFixed(1)} ms a finding, log ${(one.logBytes / 1e3).toFixed(0)} kB, calls throttled ${String(one.throttled)}, failed ${String(one.failed)}`,
        ...Object.entries(one.calls).map(
          ([name, total]) => `    ${name.padEnd(40)} ${String(total).padStart(9)}  ${each(total)} a finding`,
        ),
      );
    }
  }
  lines.push(
    '',
    'memory after invocations, MiB: largest; of the longest-lived process the median of the second and of the last quarter',
  );
  for (const [name, { largest, second, last, invocations }] of Object.entries(memory)) {
    if (invocations === 0) continue;
    lines.push(
      `  ${name.padEnd(20)} ${largest.toFixed(0)}; ${second.toFixed(0)} and ${last.toFixed(0)} of ${String(invocations)} invocations`,
    );
  }
  lines.push(
    `  services, scheduler  ${report.servers.first.toFixed(0)} after the first phase, ${report.servers.end.toFixed(0)} at the end`,
  );
  lines.push(
    '',
    'warnings and errors:',
    ...Object.entries(report.complaints).map(([said, times]) => `  ${String(times).padStart(9)}  ${said}`),
    '',
    `wrong states: ${String(report.wrongStates)}`,
    report.problems.length === 0
      ? 'nothing lost, nothing twice'
      : `${String(report.problems.length)} problems:`,
  );
  lines.push(...report.problems.slice(0, 50));
  return lines.join('\n');
}
