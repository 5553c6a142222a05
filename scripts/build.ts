import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type BuildOptions } from 'esbuild';
import ts from 'typescript';
import { FUNCTION, type FunctionName } from '../lambda/contract/functions.ts';

/** CommonJS packages among the dependencies load Node.js' modules with `require`, which ES modules do not have. */
const REQUIRE = "import{createRequire as ___r}from'node:module';const require=___r(import.meta.url);";

/** A package's ES modules: those for CommonJS may load files that a bundle does not have. */
const BUNDLED: BuildOptions = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  mainFields: ['module', 'main'],
  banner: { js: REQUIRE },
  logLevel: 'warning',
};

/**
 * Bundles the command line and the thread that it starts into a folder. All packages are part of the bundle, so an
 * installation needs no other. What only some commands load, such as the SDK's clients, lies in files of its own.
 */
export async function buildCommandLine(
  outdir: string,
  options: { readonly sourcemap?: boolean } = {},
): Promise<void> {
  await build({
    ...BUNDLED,
    entryPoints: { cli: 'bin/cli.ts', 'account-worker': 'bin/account-worker.ts' },
    outdir,
    outExtension: { '.js': '.mjs' },
    splitting: true,
    target: 'node20',
    legalComments: 'linked',
    sourcemap: options.sourcemap ?? false,
  });
  await chmod(path.join(outdir, 'cli.mjs'), 0o755);
}

/**
 * Bundles deployed functions, one folder each: what the stack takes as their code. A bundle that is there already and the
 * same stays untouched, so that nobody who reads it finds half of it.
 */
export async function buildFunctions(
  outdir: string,
  names: readonly FunctionName[] = Object.values(FUNCTION),
): Promise<void> {
  const { outputFiles = [] } = await build({
    ...BUNDLED,
    entryPoints: Object.fromEntries(names.map((name) => [`${name}/index`, `lambda/functions/${name}.ts`])),
    outdir,
    outExtension: { '.js': '.mjs' },
    target: 'node24',
    minify: true,
    // A separate file beside the bundle. Node.js reads it only if NODE_OPTIONS says so.
    sourcemap: true,
    sourcesContent: false,
    // The X-Ray SDK's own way to keep a trace's context takes a tenth of the processor time.
    alias: { 'cls-hooked/context': path.resolve('lambda/runtime/one-trace-context.ts') },
    // The SDK too: the runtime's own is older and changes without notice.
    external: [],
    write: false,
  });
  await Promise.all(outputFiles.map(({ path: file, contents }) => writeIfNew(file, contents)));
}

/** The module of the construct, and the file that says all about its types. */
const CONSTRUCT = 'lib/constructs/unused-access-refiner.ts';

/**
 * Makes of the construct what others import: CommonJS, like the library that it extends, so that apps of either kind can.
 * The library itself stays theirs: two copies of it would not know each other's constructs.
 */
export async function buildConstruct(outdir: string): Promise<void> {
  await build({
    entryPoints: [CONSTRUCT],
    outfile: path.join(outdir, 'index.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['aws-cdk-lib', 'aws-cdk-lib/*', 'constructs'],
    define: { 'import.meta.url': '___url' },
    banner: { js: "const ___url=require('node:url').pathToFileURL(__filename).href;" },
    legalComments: 'linked',
    logLevel: 'warning',
  });
  const { outputText, diagnostics = [] } = ts.transpileDeclaration(await readFile(CONSTRUCT, 'utf8'), {
    fileName: CONSTRUCT,
    reportDiagnostics: true,
    compilerOptions: { isolatedDeclarations: true, declaration: true, strict: true },
  });
  const problem = diagnostics[0] && ts.flattenDiagnosticMessageText(diagnostics[0].messageText, ' ');
  if (problem !== undefined) throw new Error(`${CONSTRUCT} cannot be declared by itself: ${problem}`);
  if (/from '\./.test(outputText))
    throw new Error(`the types of ${CONSTRUCT} name files that are not published`);
  await writeFile(path.join(outdir, 'index.d.cts'), outputText);
}

async function writeIfNew(file: string, contents: Uint8Array): Promise<void> {
  const known = await readFile(file).catch(() => undefined);
  if (known?.equals(contents) === true) return;
  await mkdir(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, contents);
  await rename(draft, file);
}

// `npm run prepare`: command and functions into dist/, without the parts that an earlier build split off. `… functions`:
// these alone, before each synthesis, so that what is deployed is what stands in the checkout. `… construct`: what only
// the package needs.
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [, , part = 'all'] = process.argv;
  if (part === 'all') {
    await rm('dist', { recursive: true, force: true });
    await buildCommandLine('dist', { sourcemap: true });
  }
  if (part === 'construct') await buildConstruct(path.join('dist', 'construct'));
  else await buildFunctions(path.join('dist', 'functions'));
}
