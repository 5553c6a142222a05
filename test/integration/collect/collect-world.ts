import { CreateAccessKeyCommand, CreateLoginProfileCommand, IAMClient } from '@aws-sdk/client-iam';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildCommandLine } from '../../../scripts/build.ts';
import { seededRandom } from '../../random.ts';
import { startAccessAnalyzer, type AccessAnalyzerServer } from '../harness/access-analyzer.ts';
import { HOME_ACCOUNT, HOME_CREDENTIALS, homeSettings, REGION } from '../harness/accounts.ts';
import { serviceUnavailable, throttling } from '../harness/faults.ts';
import { finding, unusedActions, unusedService } from '../harness/findings.ts';
import { allow, createRole, createUser } from '../harness/iam-fixtures.ts';
import { startMoto, type Moto } from '../harness/moto.ts';
import { startProxy, type Proxy } from '../harness/proxy.ts';
import { lastAccessedJobs, type ReportedUse } from './last-accessed-jobs.ts';

export const ANALYZER = `arn:aws:access-analyzer:${REGION}:${HOME_ACCOUNT}:analyzer/unused`;

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Megabytes that the process held at most; only where `/proc` says it. */
  readonly peak: number;
}

/** An account in the emulator, with an analyzer and reports of last use; and the command line as users have it. */
export class CollectWorld {
  private constructor(
    readonly moto: Moto,
    readonly proxy: Proxy,
    readonly analyzer: AccessAnalyzerServer,
    readonly folder: string,
  ) {}

  static async open(): Promise<CollectWorld> {
    const [moto, analyzer] = await Promise.all([startMoto(), startAccessAnalyzer()]);
    const proxy = await startProxy(moto.port);
    const folder = mkdtempSync(path.join(tmpdir(), 'collect-'));
    // The SDK's clients stay beside the bundle, where Node.js finds them.
    await buildCommandLine('build/integration/collect');
    return new CollectWorld(moto, proxy, analyzer, folder);
  }

  async close(): Promise<void> {
    await Promise.all([this.proxy.stop(), this.analyzer.stop()]);
    await this.moto.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get iam(): IAMClient {
    return new IAMClient(homeSettings(this.moto.endpoint));
  }

  /** Roles and users, one in five a user, each with a finding of several pages and a report of several pages. */
  async seed(principals: number): Promise<void> {
    const { iam, analyzer } = this;
    analyzer.addAnalyzer(ANALYZER, 'ACCOUNT_UNUSED_ACCESS');
    analyzer.addAnalyzer(`${ANALYZER}-old`, 'ACCOUNT_UNUSED_ACCESS', 'DISABLED');
    analyzer.addAnalyzer(`${ANALYZER}-external`, 'ACCOUNT');
    analyzer.detailPageSize = 2;
    for (let start = 0; start < principals; start += 20) {
      await Promise.all(
        Array.from({ length: Math.min(20, principals - start) }, async (_, index) => {
          const place = start + index;
          const name = `${place % 5 === 0 ? 'user' : 'role'}-${String(place).padStart(4, '0')}`;
          const inline = { Own: allow('s3:*', 'sqs:*', 'ec2:Describe*') };
          const resource =
            place % 5 === 0
              ? await createUser(iam, { name, inline })
              : await createRole(iam, { name, inline });
          if (place % 5 === 0) {
            await iam.send(new CreateAccessKeyCommand({ UserName: name }));
            if (place % 10 === 0) {
              await iam.send(
                new CreateLoginProfileCommand({ UserName: name, Password: 'Secret-of-the-tests-1' }),
              );
            }
          }
          this.putFinding(place, resource);
        }),
      );
    }
  }

  putFinding(place: number, resource: string, updatedAt = '2026-10-15T08:00:00.000Z'): void {
    const details = [unusedService('sqs'), unusedActions('s3', 'PutBucketPolicy'), unusedService('ec2')];
    this.analyzer.put(ANALYZER, finding({ id: `finding-${String(place)}`, resource, details, updatedAt }));
  }

  /** Answers for IAM's reports, and of all calls so many throttled or failing. */
  calls(faults?: { readonly seed: number; readonly throttled: number; readonly failing: number }): void {
    this.proxy.reset();
    this.analyzer.chance = undefined;
    if (faults) {
      const random = seededRandom(faults.seed);
      const dice = (): 'throttle' | 'unavailable' | undefined => {
        const thrown = random();
        return thrown < faults.throttled
          ? 'throttle'
          : thrown < faults.throttled + faults.failing
            ? 'unavailable'
            : undefined;
      };
      this.analyzer.chance = dice;
      this.proxy.intercept(({ service }) => {
        const fault = service === 'iam' ? dice() : undefined;
        return fault && { answer: fault === 'throttle' ? throttling() : serviceUnavailable() };
      });
    }
    this.proxy.intercept(lastAccessedJobs(useOf));
  }

  environment(): Record<string, string> {
    return {
      PATH: process.env['PATH'] ?? '',
      HOME: this.folder,
      NODE_NO_WARNINGS: '1',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ENDPOINT_URL: this.proxy.endpoint,
      AWS_ENDPOINT_URL_ACCESSANALYZER: this.analyzer.endpoint,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: HOME_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: HOME_CREDENTIALS.secretAccessKey,
    };
  }

  /** Calls that the servers have answered; a call to `calls` forgets those of IAM. */
  get answered(): number {
    return this.analyzer.calls.length + this.proxy.calls.length;
  }

  /** @param end sends the process a signal once it has been answered so many calls, in whatever it does */
  async run(
    args: readonly string[],
    more: Record<string, string | undefined> = {},
    cwd?: string,
    end?: { readonly calls: number; readonly signal: NodeJS.Signals },
  ): Promise<Ended> {
    const before = this.answered;
    const child = spawn(process.execPath, [path.resolve('build/integration/collect/cli.mjs'), ...args], {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...this.environment(), ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    let peak = 0;
    const watch = setInterval(() => {
      if (!end || this.answered - before < end.calls) return;
      clearInterval(watch);
      child.kill(end.signal);
    }, 5);
    const meter = setInterval(() => {
      peak = Math.max(peak, peakOf(child.pid ?? 0));
    }, 100);
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    await once(child, 'close');
    clearInterval(watch);
    clearInterval(meter);
    return { status: child.exitCode, stdout, stderr, peak };
  }

  collect(out: string, ...args: readonly string[]): Promise<Ended> {
    return this.run([
      'collect',
      '--out',
      path.join(this.folder, out),
      '--no-catalogue',
      '--calls-per-second',
      '1000',
      ...args,
    ]);
  }

  at(...parts: readonly string[]): string {
    return path.join(this.folder, ...parts);
  }

  /** Every file of a folder by its path; of manifests without times and caller. */
  tree(folder: string): ReadonlyMap<string, string> {
    const files = new Map<string, string>();
    for (const name of readdirSync(this.at(folder), { recursive: true }) as string[]) {
      const file = this.at(folder, name);
      if (!statSync(file).isFile()) continue;
      const text = readFileSync(file, 'utf8');
      files.set(name, name.endsWith('manifest.json') ? timeless(text) : text);
    }
    return new Map([...files].sort());
  }
}

function timeless(text: string): string {
  return text.replace(/"(startedAt|finishedAt|readAt|caller)": "[^"]*"/g, '"$1": …');
}

function peakOf(pid: number): number {
  try {
    return (
      Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1] ?? 0) / 1024
    );
  } catch {
    return 0;
  }
}

/** What everybody in the account has done, as IAM reports it. */
export function useOf(arn: string): readonly ReportedUse[] {
  const isUser = arn.includes(':user/');
  return [
    { service: 'ec2' },
    {
      service: 's3',
      lastUsed: '2026-11-20T10:00:00Z',
      actions: {
        ListAllMyBuckets: '2026-11-20T10:00:00Z',
        PutBucketPolicy: null,
        GetBucketPolicy: '2026-01-02T10:00:00Z',
      },
    },
    { service: 'sqs', ...(isUser ? { lastUsed: '2026-11-22T10:00:00Z' } : {}) },
  ];
}
