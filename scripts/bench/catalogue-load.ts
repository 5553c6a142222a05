import { performance } from 'node:perf_hooks';

// Runs in a separate process: measures the time from nothing to a usable catalogue, including parsing its data.
const began = performance.now();
const { embeddedCatalogue } = await import('../../lambda/adapters/catalogue/embedded.ts');
const catalogue = embeddedCatalogue();
process.stdout.write(`${String(performance.now() - began)} ${String(catalogue.actionCount)}`);
