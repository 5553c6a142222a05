// `npm run lint:templates`: cfn-lint with all its rules in all Regions of the partition aws, and checkov, on every
// configuration of the tests and on the release. Accepted findings are in test/infra/accepted-findings.json.
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { addStacks } from '../lib/build-app.ts';
import { plainSynth } from './plain-synth.ts';
import { CONFIGURATIONS } from '../test/infra/configurations.ts';
import { pythonWith } from './python-venv.ts';
import { RELEASE, writeRelease } from './release.ts';

const ACCEPTED = join('test', 'infra', 'accepted-findings.json');
const folder = join('build', 'templates');

const Accepted = z.array(
  z.strictObject({
    tool: z.enum(['cfn-lint', 'checkov']),
    rule: z.string(),
    /** Part of the resource's logical id; absent for any resource. */
    resource: z.string().optional(),
    reason: z.string().min(30),
  }),
);
const CfnLint = z.array(
  z.object({
    Filename: z.string(),
    Message: z.string(),
    Rule: z.object({ Id: z.string() }),
    Location: z.object({ Path: z.array(z.union([z.string(), z.number()])).nullable() }),
  }),
);
const Report = z.object({
  results: z.object({
    failed_checks: z.array(
      z.object({ check_id: z.string(), check_name: z.string(), file_path: z.string(), resource: z.string() }),
    ),
  }),
  summary: z.object({ passed: z.number(), parsing_errors: z.number() }),
});
const Checkov = z.union([Report, z.array(Report)]);

interface Finding {
  readonly tool: 'cfn-lint' | 'checkov';
  readonly rule: string;
  readonly resource: string;
  readonly text: string;
}

const accepted = Accepted.parse(JSON.parse(readFileSync(ACCEPTED, 'utf8')));
const python = pythonWith('lint:templates', join('build', 'lint-venv'), {
  requirements: join('test', 'infra', 'requirements.txt'),
  what: 'cfn-lint and checkov',
});
const files = await writeTemplates();
const findings = (await Promise.all([cfnLint(files), checkov()])).flat();
const isOf = (one: (typeof accepted)[number], { tool, rule, resource }: Finding): boolean =>
  one.tool === tool && one.rule === rule && resource.includes(one.resource ?? '');
const problems = [
  ...findings
    .filter((finding) => !accepted.some((one) => isOf(one, finding)))
    .map(({ tool, rule, resource, text }) => `${tool} ${rule} ${resource}: ${text}`),
  ...accepted
    .filter((one) => !findings.some((finding) => isOf(one, finding)))
    .map(
      ({ tool, rule, resource = 'any' }) =>
        `${ACCEPTED}: ${tool} does not find ${rule} (${resource}); remove the entry`,
    ),
];
for (const problem of problems) console.error(problem);
console.log(
  `${files.length} templates, ${findings.length} findings accepted by ${accepted.length} reasons, ${problems.length} problems`,
);
if (problems.length > 0) process.exitCode = 1;

async function writeTemplates(): Promise<readonly string[]> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const written: string[] = [];
  for (const [place, [, options]] of CONFIGURATIONS.entries()) {
    for (const [stack, template] of plainSynth(options, addStacks)) {
      const file = join(folder, `${place}-${stack}.template.json`);
      writeFileSync(file, JSON.stringify(template, null, 1));
      written.push(file);
    }
  }
  const release = join('build', 'release');
  await writeRelease(release);
  for (const name of Object.values(RELEASE)) {
    const file = join(folder, `release-${name}`);
    writeFileSync(file, readFileSync(join(release, name)));
    written.push(file);
  }
  return written;
}

async function cfnLint(templates: readonly string[]): Promise<readonly Finding[]> {
  const others = ['cn-', 'us-gov-', 'us-iso', 'eu-iso', 'eusc-'];
  const asked = await output(python, [
    '-c',
    `from cfnlint.helpers import REGIONS; print(*(r for r in REGIONS if not r.startswith(${JSON.stringify(others).replace('[', '(').replace(']', ')')})))`,
  ]);
  const regions = asked.trim().split(' ');
  const args = ['--regions', ...regions, '--include-checks', 'I', '--format', 'json', '--', ...templates];
  return CfnLint.parse(JSON.parse(await output(tool('cfn-lint'), args))).map(
    ({ Filename, Message, Rule, Location }) => ({
      tool: 'cfn-lint',
      rule: Rule.Id,
      resource: Location.Path?.join('/') ?? '',
      text: `${Message} (${Filename})`,
    }),
  );
}

async function checkov(): Promise<readonly Finding[]> {
  const args = [
    '-d',
    folder,
    '--framework',
    'cloudformation',
    '--quiet',
    '--compact',
    '--skip-download',
    '-o',
    'json',
  ];
  const reports = [Checkov.parse(JSON.parse(await output(tool('checkov'), args)))].flat();
  if (
    reports.some(({ summary }) => summary.parsing_errors > 0) ||
    !reports.some(({ summary }) => summary.passed > 500)
  ) {
    throw new Error('checkov did not read the templates');
  }
  return reports.flatMap(({ results }) =>
    results.failed_checks.map(({ check_id, check_name, file_path, resource }) => ({
      tool: 'checkov',
      rule: check_id,
      resource,
      text: `${check_name} (${file_path})`,
    })),
  );
}

/** The path of a command in the virtual environment. */
function tool(name: string): string {
  return join(dirname(python), name);
}

/** The output of a command; both linters exit with a status other than 0 if they find something. */
function output(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, [...args], { maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      if (stdout.trim() !== '') resolve(stdout);
      else reject(new Error(`${program} printed nothing: ${error?.message ?? ''}\n${stderr}`));
    });
  });
}
