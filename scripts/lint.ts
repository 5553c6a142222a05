// `npm run lint`, after the format check: type errors, then what ESLint finds. Most of ESLint's time goes into types, so
// it gets the program whose types are checked anyway.
import { ESLint } from 'eslint';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** All code, and the core once more: it has no types of Node.js. */
const PROJECTS = ['tsconfig.json', join('lambda', 'core', 'tsconfig.json')];

const messages: ts.FormatDiagnosticsHost = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => root,
  getNewLine: () => '\n',
};
/** Files by name: the projects differ in nothing that a file is read with. */
const files = new Map<string, ts.SourceFile | undefined>();

const [program] = PROJECTS.map(checked);
const eslint = new ESLint({
  cwd: root,
  overrideConfig: { files: ['**/*.ts'], languageOptions: { parserOptions: { programs: [program] } } },
});
const results = await eslint.lintFiles(['.']);
const formatter = await eslint.loadFormatter('stylish');
process.stdout.write(await formatter.format(results, {}));
if (results.some(({ errorCount, warningCount }) => errorCount + warningCount > 0)) process.exitCode = 1;

/** The program of a project, whose errors are printed. */
function checked(project: string): ts.Program {
  const { config, error } = ts.readConfigFile(join(root, project), ts.sys.readFile);
  const { fileNames, options, errors } = ts.parseJsonConfigFileContent(
    config,
    ts.sys,
    dirname(join(root, project)),
  );
  // ESLint goes from a node to its parent.
  const host = ts.createCompilerHost(options, true);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (name, ...how) => {
    if (!files.has(name)) files.set(name, read(name, ...how));
    return files.get(name);
  };
  const made = ts.createProgram(fileNames, options, host);
  const found = [...(error ? [error] : []), ...errors, ...ts.getPreEmitDiagnostics(made)];
  process.stdout.write(ts.formatDiagnostics(found, messages));
  if (found.length > 0) process.exitCode = 1;
  return made;
}
