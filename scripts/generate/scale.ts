import { readFileSync, writeFileSync } from 'node:fs';
import { withScaleTables } from '../../test/load/scale-tables.ts';

/** Renews the tables of docs/scale.md from the cost model. */
export function run(): void {
  const file = 'docs/scale.md';
  writeFileSync(file, withScaleTables(readFileSync(file, 'utf8')));
}
