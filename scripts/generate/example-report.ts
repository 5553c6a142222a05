import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exampleFiles } from '../../test/report/example.ts';

/** The article's role as a report and as messages. A test compares them byte for byte with what the code makes. */
export function run(): void {
  const folder = join('examples', 'report');
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of exampleFiles()) writeFileSync(join(folder, name), text);
}
