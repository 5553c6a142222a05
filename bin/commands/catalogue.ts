import type { Command } from 'commander';
import { catalogueOption, loadCatalogue } from './shared.ts';

/** `catalogue`: says which action catalogue is in use. */
export function registerCatalogue(program: Command): void {
  program
    .command('catalogue')
    .description('say which action catalogue is in use: source, date, number of services and actions')
    .option('--json', 'as JSON')
    .addOption(catalogueOption())
    .action((options: { readonly json?: boolean; readonly catalogue?: string }) => {
      const { origin, serviceCount, actionCount } = loadCatalogue(options.catalogue);
      const facts = { ...origin, services: serviceCount, actions: actionCount };
      const date = origin.date === '' ? '' : ` of ${origin.date}`;
      process.stdout.write(
        options.json === true
          ? `${JSON.stringify(facts, null, 2)}\n`
          : `${origin.source} ${origin.version}${date}: ${serviceCount.toLocaleString('en-US')} services, ${actionCount.toLocaleString('en-US')} actions\n`,
      );
    });
}
