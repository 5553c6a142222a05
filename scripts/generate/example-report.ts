import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exampleFiles } from '../../test/report/example.ts';

/**
 * Writes the report and the messages about the article's role. A test compares them byte for byte with the code's
 * output.
 */
export function run(): void {
  const folder = join('examples', 'report');
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of exampleFiles()) writeFileSync(join(folder, name), text);
}
