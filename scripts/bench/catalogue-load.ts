import { performance } from 'node:perf_hooks';

// Run in a process of its own: the time from nothing to a usable catalogue, the parsing of its data included.
const began = performance.now();
const { embeddedCatalogue } = await import('../../lambda/adapters/catalogue/embedded.ts');
const catalogue = embeddedCatalogue();
process.stdout.write(`${String(performance.now() - began)} ${String(catalogue.actionCount)}`);
