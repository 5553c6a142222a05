import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type BuildOptions } from 'esbuild';
import { FUNCTION, type FunctionName } from '../lambda/contract/functions.ts';

/** Defines `require` for CommonJS dependencies, which load Node.js modules with it; ES modules do not have it. */
const REQUIRE = "import{createRequire as ___r}from'node:module';const require=___r(import.meta.url);";

/** Prefers a package's ES modules, because its CommonJS modules may load files that a bundle does not have. */
export const BUNDLED: BuildOptions = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  mainFields: ['module', 'main'],
  banner: { js: REQUIRE },
  logLevel: 'warning',
};

/**
 * Bundles the command line and its worker thread into a folder. All packages are part of the bundle, so an
 * installation needs no others. Code that only some commands load, such as the SDK's clients, is in separate files.
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
 * Bundles the deployed functions, one folder each, which the stack uses as their code. An existing bundle with the
 * same content is not rewritten, so that concurrent readers never see half of it.
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
    // A separate file beside the bundle, which Node.js reads only with `--enable-source-maps` in NODE_OPTIONS.
    sourcemap: true,
    sourcesContent: false,
    // The X-Ray SDK's own context tracking takes a tenth of the CPU time.
    alias: { 'cls-hooked/context': path.resolve('lambda/runtime/one-trace-context.ts') },
    // The SDK is bundled too, because the runtime's own is older and changes without notice.
    external: [],
    write: false,
  });
  await Promise.all(outputFiles.map(({ path: file, contents }) => writeIfNew(file, contents)));
}

/** The published files, types and constructs; each has its own type declarations. */
const PUBLISHED = ['refiner-props', 'unused-access-refiner', 'member-role'];

/**
 * Builds the constructs for other apps: CommonJS, like the CDK library, so that apps of either module system can
 * import it. The library itself is external, because two copies of it would not recognise each other's constructs.
 */
export async function buildConstruct(outdir: string): Promise<void> {
  const folder = path.join('lib', 'constructs');
  const exported = (extension: string): string =>
    PUBLISHED.map((name) => `export * from './${name}${extension}';\n`).join('');
  await build({
    stdin: { contents: exported('.ts'), resolveDir: folder, sourcefile: 'index.ts', loader: 'ts' },
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
  for (const name of PUBLISHED) {
    const types = await typesOf(path.join(folder, `${name}.ts`));
    await writeFile(path.join(outdir, `${name}.d.cts`), types);
  }
  await writeFile(path.join(outdir, 'index.d.cts'), exported('.cjs'));
}

/** The type declarations of a published file, which may refer to those of other published files. */
async function typesOf(file: string): Promise<string> {
  // The compiler takes longer to load than a bundle takes to build, and only the package needs it.
  const { default: ts } = await import('typescript');
  const { outputText, diagnostics = [] } = ts.transpileDeclaration(await readFile(file, 'utf8'), {
    fileName: file,
    reportDiagnostics: true,
    compilerOptions: { isolatedDeclarations: true, declaration: true, strict: true },
  });
  const problem = diagnostics[0] && ts.flattenDiagnosticMessageText(diagnostics[0].messageText, ' ');
  if (problem !== undefined) throw new Error(`${file} cannot be declared by itself: ${problem}`);
  return outputText.replace(/(?<=from ')(\.[^']*)(?=')/g, (named) => {
    const name = PUBLISHED.find((one) => named === `./${one}.ts`);
    if (name === undefined) throw new Error(`the types of ${file} name ${named}, which is not published`);
    return `./${name}.cjs`;
  });
}

async function writeIfNew(file: string, contents: Uint8Array): Promise<void> {
  const known = await readFile(file).catch(() => undefined);
  if (known?.equals(contents) === true) return;
  await mkdir(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, contents);
  await rename(draft, file);
}

// `npm run prepare` builds command and functions into dist/, and deletes the split files of an earlier build. With
// `functions`, only the functions are built: before each synthesis, so that the checkout's code is deployed. With
// `construct`, only what the package needs in addition.
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [, , part = 'all'] = process.argv;
  if (part === 'all') {
    await rm('dist', { recursive: true, force: true });
    await buildCommandLine('dist', { sourcemap: true });
  }
  if (part === 'construct') await buildConstruct(path.join('dist', 'construct'));
  else await buildFunctions(path.join('dist', 'functions'));
}
