import { closeSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { embeddedCatalogue } from '../../lambda/adapters/catalogue/embedded.ts';
import { pick, seeded } from './random.ts';

/**
 * Writes an account of the given number of roles with six services each, and a finding for each role, which reports a
 * third as unused. The folder is in the format of `account --from`.
 */
export function writeSyntheticAccount(
  folder: string,
  roles: number,
  accountId = '123456789012',
): { readonly account: string; readonly findings: string; readonly bytes: number } {
  const account = path.join(folder, 'account-details.json');
  const findings = path.join(folder, 'findings.jsonl');
  const services = [...embeddedCatalogue().services.values()];
  const files = [openSync(account, 'w'), openSync(findings, 'w')] as const;
  let bytes = writeSync(files[0], '{"RoleDetailList":[');
  for (let index = 0; index < roles; index += 1) {
    const random = seeded(index + 1);
    const chosen = pick(services, 6, random);
    const actions = chosen.flatMap((service) =>
      random() < 0.3
        ? [`${service.name}:*`]
        : ['Get*', 'List*', 'Describe*', 'Update*'].map((prefix) => `${service.name}:${prefix}`),
    );
    const name = `service-${String(index).padStart(5, '0')}`;
    const arn = `arn:aws:iam::${accountId}:role/${name}`;
    const statement = (list: string[]): unknown => ({ Effect: 'Allow', Action: list, Resource: '*' });
    const half = Math.ceil(actions.length / 2);
    const role = {
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
    };
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
    const finding = JSON.stringify({
      id: `finding-${accountId}-${String(index)}`,
      resource: arn,
      resourceOwnerAccount: accountId,
      status: 'ACTIVE',
      findingType: 'UnusedPermission',
      updatedAt: '2026-11-20T03:15:20.000Z',
      findingDetails: details,
    });
    bytes += writeSync(files[0], `${index === 0 ? '' : ','}${JSON.stringify(role)}`);
    bytes += writeSync(files[1], `${finding}\n`);
  }
  bytes += writeSync(files[0], '],"UserDetailList":[],"GroupDetailList":[],"Policies":[]}');
  files.forEach(closeSync);
  return { account, findings, bytes };
}
