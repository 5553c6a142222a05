// `npm run generate -- NAME…`: regenerates the generated files of the repository. Tests compare them with the code's
// output.
const MAKERS: Readonly<Record<string, () => Promise<{ readonly run: () => unknown }>>> = {
  /** The tables of options and permissions. */
  tables: () => import('./tables.ts'),
  /** The tables of docs/scale.md. */
  scale: () => import('./scale.ts'),
  /** examples/report: one report and its messages. */
  example: () => import('./example-report.ts'),
  /** The README's picture of that report; needs Chromium. */
  picture: () => import('./picture.ts'),
  /** The embedded catalogue of actions. */
  catalogue: () => import('./catalogue.ts'),
};

const names = process.argv.slice(2);
const unknown = names.find((name) => !(name in MAKERS));
if (names.length === 0 || unknown !== undefined) {
  const problem = unknown === undefined ? 'name what to make' : `there is no ${unknown} to make`;
  console.error(`generate: ${problem}: ${Object.keys(MAKERS).join(', ')}`);
  process.exit(2);
}
for (const name of names) await (await MAKERS[name]?.())?.run();
