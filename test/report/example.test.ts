import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { exampleFiles } from './example.ts';

const FOLDER = new URL('../../examples/report/', import.meta.url);

it.each(exampleFiles())(
  "examples/report/%s equals the code's output (npm run generate -- example renews it)",
  (name, text) => {
    expect(readFileSync(new URL(name, FOLDER), 'utf8')).toBe(text);
  },
);
