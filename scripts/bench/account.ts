import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { embeddedCatalogue } from '../../lambda/adapters/catalogue/embedded.ts';
import type { BenchResult } from './engine.ts';
import { runMetered } from './metered.ts';
import { pick, seeded } from './random.ts';

const ROLES = 10_000;

/** The whole offline job on a synthetic account, the command in a process of its own. */
export async function* run(): AsyncGenerator<BenchResult> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'unused-access-refiner-'));
  try {
    const bytes = writeAccount(folder);
    const input = ['account.json', 'findings.jsonl'].map((name) => path.join(folder, name));
    for (const flags of [['--no-reports'], []]) {
      const out = path.join(folder, `out${flags.join('')}`);
      const { seconds, mebibytes } = await runMetered([
        'account',
        '--account-details',
        input[0] ?? '',
        '--findings',
        input[1] ?? '',
        '--out',
        out,
        ...flags,
      ]);
      yield {
        name: `account of ${String(ROLES)} roles offline ${flags.join(' ') || 'with reports and index'}`,
        figures: {
          time: `${seconds.toFixed(1)} s`,
          memory: `${mebibytes.toFixed(0)} MiB`,
          input: `${(bytes / 1048576).toFixed(0)} MiB`,
        },
      };
      rmSync(out, { recursive: true });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeAccount(folder: string): number {
  mkdirSync(folder, { recursive: true });
  const services = [...embeddedCatalogue().services.values()];
  const roles: unknown[] = [];
  const findings: string[] = [];
  for (let index = 0; index < ROLES; index += 1) {
    const random = seeded(index + 1);
    const chosen = pick(services, 6, random);
    const actions = chosen.flatMap((service) =>
      random() < 0.3
        ? [`${service.name}:*`]
        : ['Get*', 'List*', 'Describe*', 'Update*'].map((prefix) => `${service.name}:${prefix}`),
    );
    const name = `service-${String(index).padStart(5, '0')}`;
    const arn = `arn:aws:iam::123456789012:role/${name}`;
    const statement = (list: string[]): unknown => ({ Effect: 'Allow', Action: list, Resource: '*' });
    const half = Math.ceil(actions.length / 2);
    roles.push({
      Path: '/',
      RoleName: name,
      RoleId: `AROA${name}`,
      Arn: arn,
      CreateDate: '2024-03-11T10:20:30+00:00',
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
        ],
      },
      RolePolicyList: [
        {
          PolicyName: 'Work',
          PolicyDocument: { Version: '2012-10-17', Statement: [statement(actions.slice(0, half))] },
        },
        {
          PolicyName: 'Read',
          PolicyDocument: { Version: '2012-10-17', Statement: [statement(actions.slice(half))] },
        },
      ],
      AttachedManagedPolicies: [],
      Tags: [],
    });
    const details = chosen.map((service, place) =>
      place < 2
        ? { unusedPermissionDetails: { serviceNamespace: service.name } }
        : {
            unusedPermissionDetails: {
              serviceNamespace: service.name,
              actions: service.actions.filter(() => random() < 0.3).map((action) => ({ action })),
            },
          },
    );
    findings.push(
      JSON.stringify({
        id: `finding-${String(index)}`,
        resource: arn,
        resourceOwnerAccount: '123456789012',
        status: 'ACTIVE',
        findingType: 'UnusedPermission',
        updatedAt: '2026-11-20T03:15:20.000Z',
        findingDetails: details,
      }),
    );
  }
  const account = JSON.stringify({
    RoleDetailList: roles,
    UserDetailList: [],
    GroupDetailList: [],
    Policies: [],
  });
  writeFileSync(path.join(folder, 'account.json'), account);
  const jsonLines = findings.join('\n');
  writeFileSync(path.join(folder, 'findings.jsonl'), jsonLines);
  return account.length + jsonLines.length;
}
