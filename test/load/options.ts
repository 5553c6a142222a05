import { parseArgs } from 'node:util';

/** What a run of the load model is like. Shares are of 1. */
export interface LoadOptions {
  readonly findings: number;
  readonly accounts: number;
  readonly seed: number;
  /** Copies of the worker at once; the stack's own number unless given. */
  readonly concurrency: number | undefined;
  /** Calls of IAM that one account takes a second, and at once after a rest. */
  readonly accountRate: number;
  readonly accountBurst: number;
  /** Milliseconds before each answer of a service. */
  readonly latency: number;
  readonly throttled: number;
  readonly failed: number;
  /** Events that never arrive, and that arrive twice. */
  readonly lost: number;
  readonly duplicated: number;
  /** Findings that end before the sweeps, half of them without an event. */
  readonly ended: number;
  /** Invocations in the middle of which the process is killed. */
  readonly killed: number;
  /** Minutes by which the services' clock steps forth and back now and then; 0 for a clock that does not. */
  readonly clockStep: number;
  readonly sweeps: number;
  /** A cloud assembly that is there already; one is made unless given. */
  readonly assembly: string | undefined;
  /** Further options of the app, as CDK context. */
  readonly context: Readonly<Record<string, string>>;
  readonly out: string;
}

export const USAGE = `npm run load -- [--findings 1000] [--accounts 10] [--seed 1] [--concurrency N] [--account-rate 50]
  [--account-burst 100] [--latency MS] [--throttled 0.05] [--failed 0.01] [--lost 0.01] [--duplicated 0.01]
  [--ended 0.01] [--killed 0.02] [--clock-step MINUTES] [--sweeps 1] [--assembly DIR] [--context NAME=VALUE]... [--out build/load.json]`;

/** @throws Error that says which argument is wrong */
export function readOptions(args: readonly string[]): LoadOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      findings: { type: 'string', default: '1000' },
      accounts: { type: 'string', default: '10' },
      seed: { type: 'string', default: '1' },
      concurrency: { type: 'string' },
      'account-rate': { type: 'string', default: '50' },
      'account-burst': { type: 'string', default: '100' },
      latency: { type: 'string', default: '0' },
      throttled: { type: 'string', default: '0.05' },
      failed: { type: 'string', default: '0.01' },
      lost: { type: 'string', default: '0.01' },
      duplicated: { type: 'string', default: '0.01' },
      ended: { type: 'string', default: '0.01' },
      killed: { type: 'string', default: '0.02' },
      'clock-step': { type: 'string', default: '20' },
      sweeps: { type: 'string', default: '1' },
      assembly: { type: 'string' },
      context: { type: 'string', multiple: true, default: [] },
      out: { type: 'string', default: 'build/load.json' },
    },
  });
  return {
    findings: whole('findings', values.findings, 1),
    accounts: whole('accounts', values.accounts, 1),
    seed: whole('seed', values.seed, 0),
    concurrency: values.concurrency === undefined ? undefined : whole('concurrency', values.concurrency, 2),
    accountRate: whole('account-rate', values['account-rate'], 1),
    accountBurst: whole('account-burst', values['account-burst'], 1),
    latency: whole('latency', values.latency, 0),
    throttled: share('throttled', values.throttled),
    failed: share('failed', values.failed),
    lost: share('lost', values.lost),
    duplicated: share('duplicated', values.duplicated),
    ended: share('ended', values.ended),
    killed: share('killed', values.killed),
    clockStep: whole('clock-step', values['clock-step'], 0),
    sweeps: whole('sweeps', values.sweeps, 0),
    assembly: values.assembly,
    context: Object.fromEntries(values.context.map((text) => contextEntry(text))),
    out: values.out,
  };
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text !== '' && Number.isInteger(value) && value >= least) return value;
  throw new Error(`--${name} is ${JSON.stringify(text)}; give a whole number of at least ${String(least)}`);
}

function share(name: string, text: string): number {
  const value = Number(text);
  if (text !== '' && value >= 0 && value < 1) return value;
  throw new Error(`--${name} is ${JSON.stringify(text)}; give a share from 0 up to 1, such as 0.05`);
}

function contextEntry(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new Error(`--context is ${JSON.stringify(text)}; give NAME=VALUE with an option of the app`);
}
