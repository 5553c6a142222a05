import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { exampleFiles } from './example.ts';

const FOLDER = new URL('../../examples/report/', import.meta.url);

it.each(exampleFiles())(
  'examples/report/%s is what the code makes (npm run generate -- example makes it again)',
  (name, text) => {
    expect(readFileSync(new URL(name, FOLDER), 'utf8')).toBe(text);
  },
);
