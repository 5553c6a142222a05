import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { BulkPolicies } from '../../lambda/adapters/account/bulk-policies.ts';
import { embeddedCatalogue } from '../../lambda/adapters/catalogue/embedded.ts';
import { sha256 } from '../../lambda/adapters/node.ts';
import type { AccountJob } from '../../lambda/ports/account.ts';
import type { AccountPage, AttachedPolicy } from '../../lambda/ports/account.ts';
import type { UnusedPart } from '../../lambda/ports/account.ts';
import type { Clock } from '../../lambda/ports/system.ts';
import type { Finding, FindingReference } from '../../lambda/ports/findings.ts';
import { makeReportWriter } from '../../lambda/report/proposal/report-html.ts';
import { proposeSharedSlice } from '../../lambda/use-cases/account/shared-slice.ts';
import { proposeRefinement } from '../../lambda/use-cases/propose/propose-refinement.ts';
import { refineAccountJob } from '../../lambda/use-cases/account/refine-account-job.ts';
import type { BenchResult } from './engine.ts';

/**
 * An account of the largest size that IAM allows: the highest quotas of principals and policies that can be requested,
 * and each document at its maximum length.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const ROLES = 10_000;
const USERS = 5_000;
const GROUPS = 500;
const POLICIES = 5_000;
const PAGE = 1_000;
const ATTACHED = 10;
const HOME = 'arn:aws:iam::123456789012';

/** One in this many findings is refined, and the others are only read: this measures memory, not time. */
const REFINED = 100;
/**
 * How many services a finding reports as wholly unused, how many in part, and how many actions of each of the latter.
 */
const WHOLE = 150;
const PARTIAL = 40;
const ACTIONS = 50;
/** Milliseconds of the slice for shared policies and groups; the last minute is reserved. */
const SHARED_MILLIS = 180_000;
/** MiB of V8's heap, as much as the runtime gives a function of 1,769 MiB: nine tenths. */
const HEAP = 1_592;

const catalogue = embeddedCatalogue();
const services = [...catalogue.services.values()].filter(({ actions }) => actions.length >= 10);

/** Runs the work in a separate process, and reports its peak memory. */
export async function* run(): AsyncGenerator<BenchResult> {
  const child = spawn(
    process.execPath,
    [`--max-old-space-size=${String(HEAP)}`, '--expose-gc', fileURLToPath(import.meta.url), 'work'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (status !== 0)
    throw new Error(`the account is too large: its process ended with ${String(status)}\n${text}`);
  for (const line of text.trim().split('\n')) yield JSON.parse(line) as BenchResult;
}

/**
 * A document of the given number of characters without white space, percent-encoded as IAM returns it. All are
 * different.
 */
function documentOf(seed: number, characters: number): string {
  const resources: string[] = [];
  const service = services[seed % services.length];
  const action = `${service?.name ?? 's3'}:${service?.actions[seed % 10] ?? 'Get*'}`;
  const text = (): string =>
    `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["${action}","s3:*","ec2:*"],"Resource":[${resources.join(',')}]}]}`;
  let length = text().length;
  for (let n = 0; length < characters - 50; n += 1) {
    const resource = `"arn:aws:s3:::bucket-${String(seed)}-${String(n)}/*"`;
    resources.push(resource);
    length += resource.length + 1;
  }
  return encodeURIComponent(text());
}

function policyAt(n: number): AttachedPolicy {
  const name = `Policy${String(n % POLICIES)}`;
  return { name, arn: `${HOME}:policy/${name}` };
}

function attachedTo(n: number): readonly AttachedPolicy[] {
  return Array.from({ length: ATTACHED }, (_, place) => policyAt(n * 7 + place * 131));
}

function slice<T>(first: number, count: number, all: number, make: (n: number) => T): readonly T[] {
  return Array.from({ length: Math.max(0, Math.min(count, all - first)) }, (_, n) => make(first + n));
}

/** Pages in IAM's order: groups, policies, roles, users. */
function pageAt(number: number): AccountPage {
  const starts = { groups: 0, policies: 1, roles: 1 + POLICIES / PAGE, users: 1 + (POLICIES + ROLES) / PAGE };
  const last = starts.users + USERS / PAGE - 1;
  const at = (start: number): number => (number - start) * PAGE;
  const principal = { tags: [{ key: 'Owner', value: 'payments' }], boundaryArn: null };
  return {
    groups:
      number > 0
        ? []
        : slice(0, PAGE, GROUPS, (n) => ({
            name: `Group${String(n)}`,
            inline: [{ name: 'Own', document: documentOf(n, 5_120) }],
            attached: attachedTo(n),
          })),
    policies:
      number < starts.policies || number >= starts.roles
        ? []
        : slice(at(starts.policies), PAGE, POLICIES, (n) => ({
            arn: policyAt(n).arn,
            path: '/',
            versionId: 'v1',
            attachments: 1,
            boundaryUses: 0,
            document: documentOf(n, 6_144),
          })),
    roles:
      number < starts.roles || number >= starts.users
        ? []
        : slice(at(starts.roles), PAGE, ROLES, (n) => ({
            ...principal,
            arn: `${HOME}:role/Role${String(n)}`,
            inline: [{ name: 'Own', document: documentOf(n, 10_240) }],
            attached: attachedTo(n),
          })),
    users:
      number < starts.users
        ? []
        : slice(at(starts.users), PAGE, USERS, (n) => ({
            ...principal,
            arn: `${HOME}:user/User${String(n)}`,
            inline: [{ name: 'Own', document: documentOf(n, 2_048) }],
            attached: attachedTo(n),
            groups: Array.from({ length: 10 }, (_, place) => `Group${String((n + place * 7) % GROUPS)}`),
          })),
    nextMarker: number === last ? null : String(number + 1),
  };
}

function findingAbout({ findingId, resource, analyzerArn }: FindingReference, n: number): Finding {
  const entries = Array.from({ length: WHOLE + PARTIAL }, (_, place) => {
    const service = services[((n % 7) + place) % services.length];
    return {
      serviceNamespace: service?.name ?? 's3',
      ...(place < WHOLE
        ? {}
        : { actions: (service?.actions ?? []).slice(0, ACTIONS).map((action) => ({ action })) }),
    };
  });
  return {
    id: findingId,
    analyzerArn,
    findingType: 'UnusedPermission',
    status: 'ACTIVE',
    resource,
    accountId: '123456789012',
    updatedAt: null,
    details: { type: 'UnusedPermission', entries },
  };
}

async function work(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'unused-access-refiner-'));
  const job: AccountJob = {
    analyzerArn: 'arn:aws:access-analyzer:eu-central-1:123456789012:analyzer/unused',
    sweepId: 's',
    accountId: '123456789012',
    next: 0,
    parts: 0,
    shared: null,
    deferrals: 0,
  };
  const references = [
    ...slice(0, ROLES, ROLES, (n) => `${HOME}:role/Role${String(n)}`),
    ...slice(0, USERS, USERS, (n) => `${HOME}:user/User${String(n)}`),
  ].map((resource, n) => ({
    analyzerArn: job.analyzerArn,
    accountId: job.accountId,
    findingId: String(n),
    resource,
  }));
  const clock: Clock = { now: () => new Date().toISOString(), remainingMillis: () => 900_000 };
  const settings = {
    keep: [],
    generalize: 'shortest' as const,
    exclude: { names: [], paths: [], tags: [] },
  };
  const common = {
    catalogue,
    settings,
    digest: sha256,
    clock,
    runId: 'r',
    engineVersion: '0',
  };
  let stored = 0;
  let sharedStored = 0;
  let sharedSeen = 0;
  let characters = 0;
  let number = 0;
  const partFile = (part: number): string => path.join(folder, `${String(part)}.json`);
  const figures = (name: string): void => {
    const rss = process.resourceUsage().maxRSS / 1024;
    gc?.();
    const { heapUsed } = process.memoryUsage();
    const held = `${(heapUsed / 1048576).toFixed(0)} MiB`;
    console.log(
      JSON.stringify({ name, figures: { 'largest so far': `${rss.toFixed(0)} MiB`, 'held now': held } }),
    );
  };
  try {
    const outcome = await refineAccountJob<BulkPolicies>(job, {
      makeMemory: () =>
        new BulkPolicies(
          { getPrincipal: () => Promise.resolve({ kind: 'gone' }) },
          { tagsOf: () => Promise.resolve([]) },
        ),
      pages: {
        read: () => {
          // Like the adapter, which copies every string out of the answer.
          const page = JSON.parse(JSON.stringify(pageAt(number))) as AccountPage;
          number += 1;
          return Promise.resolve(page);
        },
      },
      records: {
        swept: () => Promise.resolve({ references, since: 0 }),
        page: () => Promise.resolve(undefined),
        keepPage: (_, __, page) => {
          characters += JSON.stringify(page).length;
          return Promise.resolve(page);
        },
        unused: (_, part) => {
          try {
            return Promise.resolve(JSON.parse(readFileSync(partFile(part), 'utf8')) as UnusedPart);
          } catch {
            return Promise.resolve(undefined);
          }
        },
        keepUnused: (_, part, kept) => {
          writeFileSync(partFile(part), JSON.stringify(kept));
          return Promise.resolve(kept);
        },
      },
      refine: async (reference, memory, _, found) => {
        const n = Number(reference.findingId);
        if (n === 0) figures(`the largest account is read: ${(characters / 1048576).toFixed(0)} MiB of text`);
        const finding = findingAbout(reference, n);
        found(finding);
        if (n % REFINED !== 0) return;
        await proposeRefinement(reference, {
          ...common,
          findings: { getFinding: () => Promise.resolve({ kind: 'found', finding }) },
          policies: memory,
          tags: memory,
          reports: makeReportWriter({ engineVersion: '0' }),
          store: {
            put: async (_, finish) => {
              await finish();
              stored += 1;
              return { outcome: 'stored', prefix: 'p/' };
            },
          },
        });
      },
      isLeftAlone: () => Promise.resolve(false),
      queue: { send: () => Promise.reject(new Error('nothing may fail')) },
      jobs: { send: () => Promise.resolve() },
      clock,
      proposeShared: async ({ memory, since, unused }) => {
        const begun = performance.now();
        figures(`${String(references.length)} findings, ${String(stored)} proposals made`);
        return proposeSharedSlice(
          { inventory: memory.index.inventory(job.accountId), unused, since, shown: undefined, after: null },
          {
            ...common,
            // All of them take many slices, but the memory that they need shows after a few.
            clock: { ...clock, remainingMillis: () => SHARED_MILLIS - (performance.now() - begun) },
            reports: makeReportWriter({ engineVersion: '0' }),
            lifecycle: {
              store: {
                put: async (_, makeFiles) => {
                  await makeFiles();
                  sharedStored += 1;
                  return { outcome: 'stored', prefix: 'p/' };
                },
              },
              repository: {
                list: () => Promise.resolve({ proposals: [], leftOver: [], withheld: [] }),
                read: () => Promise.resolve(undefined),
                noteReopened: () => Promise.resolve(),
                readState: () => Promise.resolve(undefined),
                mark: () => Promise.resolve('version'),
              },
              noted: () => undefined,
              failed: () => undefined,
            },
            onOutcome: () => {
              sharedSeen += 1;
              return Promise.resolve();
            },
          },
        );
      },
    });
    figures(
      `${String(sharedSeen)} shared policies and groups, ${String(sharedStored)} proposals (${outcome.kind})`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[2] === 'work') await work();
