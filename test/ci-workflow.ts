import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { parse } from 'yaml';
import { type Ended, execute } from './cli/command.ts';

const WORKFLOW = path.resolve(import.meta.dirname, '..', 'examples', 'ci', 'unused-access.yml');

interface Step {
  readonly name?: string;
  readonly run?: string;
}
interface Workflow {
  readonly jobs: {
    readonly propose: { readonly env: Readonly<Record<string, string>>; readonly steps: readonly Step[] };
  };
}
const { env, steps } = (parse(readFileSync(WORKFLOW, 'utf8')) as Workflow).jobs.propose;

/** The tests' own settings of git are not those of a runner. */
const NO_SETTINGS = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };

/**
 * The workflow of `examples/ci`, step by step, in a repository whose origin is a folder. There is no GitHub: what would be
 * asked of it is noted.
 */
export class CiWorkflow {
  readonly #folder: string;
  readonly #program: string;
  readonly #environment: NodeJS.ProcessEnv;
  private constructor(folder: string, program: string, environment: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.#program = program;
    this.#environment = { ...environment, ...NO_SETTINGS };
  }

  /**
   * @param folder where the repository, its origin, the input and the runner's temporary files go
   * @param program the built command
   * @param collectOptions what `collect` gets besides the options of the workflow
   */
  static async begin(
    folder: string,
    program: string,
    environment: NodeJS.ProcessEnv = process.env,
    collectOptions = '',
  ): Promise<CiWorkflow> {
    const workflow = new CiWorkflow(folder, program, environment);
    for (const name of [workflow.#repository, workflow.temp, workflow.input, workflow.#bin]) {
      mkdirSync(name, { recursive: true });
    }
    workflow.#script(
      'gh',
      'echo "$3 $4 $5 $6" >> "$RUNNER_TEMP/gh.log"\ncp "$8" "$RUNNER_TEMP/last-body.md"',
    );
    workflow.#script(
      'refiner',
      `if [ "$1" = collect ]; then set -- "$@" ${collectOptions}; fi\nexec "${process.execPath}" "${program}" "$@"`,
    );
    writeFileSync(path.join(workflow.#repository, 'main.tf'), 'resource "aws_iam_role" "app" {}\n');
    const origin = path.join(folder, 'origin');
    await execute('git', ['init', '--quiet', '--bare', origin], { cwd: folder });
    await workflow.git('init', '--quiet');
    await workflow.git('remote', 'add', 'origin', origin);
    await workflow.git('add', '.');
    const author = ['-c', 'user.name=a', '-c', 'user.email=a@example.org'];
    await workflow.git(...author, 'commit', '--quiet', '--message', 'Begin');
    return workflow;
  }

  /** Where what was collected lies. */
  get input(): string {
    return path.join(this.#folder, 'input');
  }

  /** The runner's folder for temporary files. */
  get temp(): string {
    return path.join(this.#folder, 'temp');
  }

  /** Runs steps by their names; each must succeed. */
  async run(...names: readonly string[]): Promise<void> {
    for (const name of names) {
      const script = steps.find((one) => one.name === name)?.run;
      if (script === undefined) throw new Error(`the workflow has no step ${name}`);
      const ended = await this.#shell(script);
      expect({ name, ...ended }).toMatchObject({ status: 0 });
    }
  }

  /** What was asked of `gh`, one call a line. */
  calls(): readonly string[] {
    const log = path.join(this.temp, 'gh.log');
    return existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
  }

  /** The subjects of the pull requests that were opened. */
  opened(): readonly string[] {
    return this.calls().map((line) => line.replace(/^--head refine\/(\S+) --title .*/, '$1'));
  }

  async git(...args: readonly string[]): Promise<string> {
    const options = { cwd: this.#repository, env: this.#environment };
    const { status, stdout, stderr } = await execute('git', args, options);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    return stdout;
  }

  get #repository(): string {
    return path.join(this.#folder, 'repository');
  }

  /** Beside the built command: not every folder for temporary files lets its files be executed. */
  get #bin(): string {
    return path.join(path.dirname(this.#program), 'ci-example');
  }

  #script(name: string, text: string): void {
    writeFileSync(path.join(this.#bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }

  #shell(script: string): Promise<Ended> {
    const { OUT = '', FORMAT = '' } = env;
    return execute('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
      cwd: this.#repository,
      env: {
        ...this.#environment,
        PATH: `${this.#bin}:${this.#environment['PATH'] ?? ''}`,
        REFINER: path.join(this.#bin, 'refiner'),
        INPUT: this.input,
        RUNNER_TEMP: this.temp,
        OUT,
        FORMAT,
      },
    });
  }
}
