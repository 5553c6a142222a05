import type { Command } from 'commander';
import { embeddedCatalogue } from '../../lambda/adapters/catalogue/embedded.ts';
import { previousCatalogue, writeKeptCatalogue } from '../../lambda/adapters/files/catalogue-file.ts';
import { sha256 } from '../../lambda/adapters/node.ts';
import { systemClock } from '../../lambda/adapters/node.ts';
import { REFERENCE_URL, ServiceReference } from '../../lambda/adapters/reference/service-reference.ts';
import type { CatalogueOrigin } from '../../lambda/core/catalogue/catalogue.ts';
import type { KeptCatalogue, Loss } from '../../lambda/core/catalogue/kept-catalogue.ts';
import { AdapterError } from '../../lambda/ports/system.ts';
import { count } from '../../lambda/core/model/wording.ts';
import { counted } from '../../lambda/report/text/format.ts';
import { refreshCatalogue } from '../../lambda/use-cases/catalogue/refresh-catalogue.ts';
import { printJson, print, printStatus } from '../output/terminal.ts';
import { catalogueOption, loadCatalogue } from './common-options.ts';

/**
 * The `catalogue` command prints which action catalogue is in use; `catalogue update` makes one from AWS's published
 * list.
 */
export function registerCatalogue(program: Command): void {
  const command = program
    .command('catalogue')
    // Otherwise an option of `update` that `catalogue` has too would be parsed as the latter's.
    .enablePositionalOptions()
    .description('say which action catalogue is in use: source, date, number of services and actions')
    .option('--json', 'as JSON')
    .addOption(catalogueOption())
    .action((options: { readonly json?: boolean; readonly catalogue?: string }) => {
      const { origin, serviceCount, actionCount } = loadCatalogue(options.catalogue);
      if (options.json === true) {
        printJson('catalogue', { ...origin, services: serviceCount, actions: actionCount });
      } else print(describe(origin, serviceCount, actionCount));
    });
  command
    .command('update <file>')
    .description(
      "write AWS's Service Authorization Reference into a file for --catalogue, or bring it up to date",
    )
    .option('--from <url>', 'where to read it', REFERENCE_URL)
    .option('--json', 'the outcome, as JSON on standard output')
    .option('--accept-losses', 'accept that a service has lost more than half of its actions, or is gone')
    .action(update);
}

/** How many losses are printed one by one. */
const MOST_LOSSES = 20;

async function update(
  file: string,
  options: { readonly from: string; readonly acceptLosses?: boolean; readonly json?: boolean },
): Promise<void> {
  const previous = previousCatalogue(file);
  const outcome = await refreshCatalogue(previous, {
    source: new ServiceReference({ url: options.from }),
    clock: systemClock,
    digest: sha256,
    embedded: embeddedCatalogue,
    acceptLosses: options.acceptLosses === true,
  });
  if (outcome.kind === 'refused') {
    throw new AdapterError(
      `${options.from}: ${outcome.reason}; ${file} is as it was`,
      'permanent',
      'malformed',
    );
  }
  const { catalogue, isChanged, against, read, losses } = outcome;
  writeKeptCatalogue(file, catalogue);
  if (options.json === true) {
    const { origin, services } = catalogue;
    const actions = services.reduce((sum, service) => sum + service.actions.length, 0);
    printJson('catalogue update', {
      file,
      ...origin,
      services: services.length,
      actions,
      isChanged,
      read,
      losses,
    });
  }
  printStatus(
    `${file}: ${summaryOf(catalogue)}; ${isChanged ? 'new' : 'nothing new'}, ${counted(read, 'service')} read`,
  );
  if (against === 'nothing') {
    printStatus(`${file}: not compared with the built-in catalogue, which names most services otherwise`);
  }
  for (const loss of losses.slice(0, MOST_LOSSES)) {
    printStatus(`${file}: ${lossText(loss, options.acceptLosses === true)}`);
  }
  if (losses.length > MOST_LOSSES) {
    printStatus(`${file}: and ${String(losses.length - MOST_LOSSES)} more services likewise`);
  }
  if (losses.length > 0 && options.acceptLosses !== true) process.exitCode = 1;
}

function summaryOf({ origin, services }: KeptCatalogue): string {
  const actions = services.reduce((sum, service) => sum + service.actions.length, 0);
  const untracked = services.reduce((sum, service) => sum + (service.untracked?.length ?? 0), 0);
  return `${describe(origin, services.length, actions)}, ${count(untracked)} of which AWS never reports unused one by one`;
}

function describe({ source, version, date }: CatalogueOrigin, services: number, actions: number): string {
  const when = date === '' ? '' : ` of ${date}`;
  return `${source} ${version}${when}: ${counted(services, 'service')}, ${counted(actions, 'action')}`;
}

function lossText({ service, before, after }: Loss, isAccepted: boolean): string {
  const what =
    after === 0
      ? `${service} with its ${counted(before, 'action')} is gone`
      : `${service} has ${counted(after, 'action')} where it had ${count(before)}`;
  return isAccepted ? what : `${what}; kept as it was, unless you give --accept-losses`;
}
