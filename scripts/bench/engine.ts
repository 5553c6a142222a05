import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { gunzipSync } from 'node:zlib';
import { embeddedCatalogue } from '../../lambda/adapters/catalogue/embedded.ts';
import { readJson } from '../../lambda/json/read-json.ts';
import { type Catalogue, makeCatalogue } from '../../lambda/core/catalogue/catalogue.ts';
import type { JsonValue } from '../../lambda/core/model/json.ts';
import {
  readUnusedAccess,
  type UnusedAccess,
  type UnusedEntry,
} from '../../lambda/core/model/unused-access.ts';
import { refineDocument } from '../../lambda/core/proposal/refine-document.ts';
import { figure, percentile, pick, seeded } from './random.ts';

export interface BenchResult {
  readonly name: string;
  readonly figures: Readonly<Record<string, string>>;
}

/** The benchmarks that need no account: single roles, AWS's managed policies, growth, the catalogue. */
export function* run(): Generator<BenchResult> {
  yield catalogueLoad();
  const catalogue = embeddedCatalogue();
  yield* dozenServices(catalogue);
  yield administrator('AdministratorAccess, 300 services and 2,000 actions unused', catalogue, 300, 2000);
  yield managedPolicies(catalogue);
  for (const factor of [1, 2, 4, 8]) yield growth(catalogue, factor);
}

function unusedOf(entries: readonly UnusedEntry[]): UnusedAccess {
  const unused = readUnusedAccess(entries);
  if (!unused.ok) throw new Error(unused.problem);
  return unused.value;
}

function refine(document: JsonValue, unused: UnusedAccess, catalogue: Catalogue): void {
  const result = refineDocument({ document, unused, catalogue, generalize: 'shortest', keep: [] });
  if (result.kind === 'refused') throw new Error(result.reason);
}

function sample(times: number, work: (index: number) => void): number[] {
  const samples: number[] = [];
  for (let i = 0; i < times; i += 1) {
    const began = performance.now();
    work(i);
    samples.push(performance.now() - began);
  }
  return samples;
}

function catalogueLoad(): BenchResult {
  const samples = Array.from({ length: 15 }, () =>
    Number(
      execFileSync(process.execPath, ['--import', 'tsx', 'scripts/bench/catalogue-load.ts'])
        .toString()
        .split(' ')[0],
    ),
  );
  return {
    name: 'catalogue loaded in a new process',
    figures: { p50: figure(percentile(samples, 0.5)), worst: figure(Math.max(...samples)) },
  };
}

interface RoleCase {
  readonly document: JsonValue;
  readonly unused: UnusedAccess;
}

/** Realistic roles: twelve services, some as `svc:*`, some by prefix, some literal; a third of it unused. */
function rolesOfADozenServices(catalogue: Catalogue, count: number): readonly RoleCase[] {
  return Array.from({ length: count }, (_, seed) => {
    const random = seeded(seed + 1);
    const services = pick([...catalogue.services.values()], 12, random);
    const actions = services.flatMap((service) => {
      const form = random();
      if (form < 0.25) return [`${service.name}:*`];
      if (form < 0.75)
        return ['Get*', 'List*', 'Describe*', 'Create*'].map((prefix) => `${service.name}:${prefix}`);
      return pick(service.actions, 12, random).map((action) => `${service.name}:${action}`);
    });
    const entries = services.flatMap((service, index): UnusedEntry[] => {
      if (index < 3) return [{ serviceNamespace: service.name }];
      const names = service.actions.filter(() => random() < 0.3);
      return names.length === 0
        ? []
        : [{ serviceNamespace: service.name, actions: names.map((action) => ({ action })) }];
    });
    const half = Math.ceil(actions.length / 2);
    const statement = (list: string[]): JsonValue => ({ Effect: 'Allow', Action: list, Resource: '*' });
    const document: JsonValue = {
      Version: '2012-10-17',
      Statement: [statement(actions.slice(0, half)), statement(actions.slice(half))],
    };
    return { document, unused: unusedOf(entries) };
  });
}

/**
 * Two meanings of "warm": 2,000 roles in turn, whose services evict each other from the caches, and one role
 * repeatedly.
 */
function* dozenServices(catalogue: Catalogue): Generator<BenchResult> {
  const cases = rolesOfADozenServices(catalogue, 2000);
  const work = (index: number): void => {
    const item = cases[index % cases.length];
    if (item) refine(item.document, item.unused, catalogue);
  };
  sample(cases.length, work);
  yield percentiles('roles of a dozen services in turn, warm', sample(cases.length * 2, work));
  const repeated = cases.slice(0, 200).flatMap((_, role) =>
    sample(30, () => {
      work(role);
    }),
  );
  yield percentiles('one role of a dozen services again and again, for each of 200', repeated);
}

function percentiles(name: string, samples: readonly number[]): BenchResult {
  return { name, figures: { p50: figure(percentile(samples, 0.5)), p99: figure(percentile(samples, 0.99)) } };
}

const EVERYTHING: JsonValue = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
};

function administrator(name: string, catalogue: Catalogue, services: number, actions: number): BenchResult {
  const random = seeded(7);
  const all = [...catalogue.services.values()];
  const gone = new Set(pick(all, services, random));
  const left = all.filter((service) => !gone.has(service));
  const names = left.flatMap((service) => service.actions.map((action) => `${service.name}:${action}`));
  const entries = [
    ...[...gone].map(({ name: serviceNamespace }) => ({ serviceNamespace })),
    ...pick(names, actions, random).map((text) => {
      const [serviceNamespace = '', action = ''] = text.split(':');
      return { serviceNamespace, actions: [{ action }] };
    }),
  ];
  const unused = unusedOf(entries);
  const work = (): void => {
    refine(EVERYTHING, unused, catalogue);
  };
  sample(10, work);
  return percentiles(name, sample(40, work));
}

function managedPolicies(catalogue: Catalogue): BenchResult {
  const lines = gunzipSync(
    readFileSync('test/laws/fixtures/aws-managed-policies/aws-managed-policies.jsonl.gz'),
  )
    .toString()
    .trim()
    .split('\n');
  const cases = lines.map((line, index) => {
    const json = readJson(line);
    if (!json.ok) throw new Error(json.problem);
    const { document } = json.value as { document: JsonValue };
    return { document, unused: unusedUnder(document, catalogue, seeded(index + 1)) };
  });
  const began = performance.now();
  for (const { document, unused } of cases) refine(document, unused, catalogue);
  const first = performance.now() - began;
  const samples = sample(5, () => {
    for (const { document, unused } of cases) refine(document, unused, catalogue);
  });
  return {
    name: `${String(cases.length)} AWS managed policies, refined and verified`,
    figures: { first: figure(first), p50: figure(percentile(samples, 0.5)) },
  };
}

/** Marks a third of the document's services as wholly unused, and a third of the actions of the others. */
function unusedUnder(document: JsonValue, catalogue: Catalogue, random: () => number): UnusedAccess {
  const prefixes = new Set(
    [...JSON.stringify(document).matchAll(/"([a-z0-9-]+):[A-Za-z*?]/g)].map(([, s = '']) => s),
  );
  const entries: UnusedEntry[] = [];
  for (const prefix of prefixes) {
    const service = catalogue.services.get(prefix);
    if (!service) continue;
    if (random() < 0.33) entries.push({ serviceNamespace: prefix });
    else {
      const actions = service.actions.filter(() => random() < 0.33).map((action) => ({ action }));
      if (actions.length > 0) entries.push({ serviceNamespace: prefix, actions });
    }
  }
  return unusedOf(entries);
}

/** Multiplies the catalogue, under other service names, with the same unused share. */
function growth(catalogue: Catalogue, factor: number): BenchResult {
  const entries = Array.from({ length: factor }, (_, copy) =>
    [...catalogue.services.values()].map(
      (service) => [copy === 0 ? service.name : `${service.name}-${String(copy)}`, service.actions] as const,
    ),
  ).flat();
  const grown = makeCatalogue({ source: 'benchmark', version: String(factor), date: '' }, entries);
  const name = `AdministratorAccess, catalogue × ${String(factor)} (${String(grown.actionCount)} actions)`;
  return administrator(name, grown, 300 * factor, 2000 * factor);
}
