import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const BUNDLE = fileURLToPath(new URL('../../../build/integration/apply-command.mjs', import.meta.url));

export interface CommandResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Bundles a program that has only the two commands, as the package's own is bundled. */
export async function buildCommand(): Promise<void> {
  await build({
    stdin: {
      contents: `
        import { Command } from 'commander';
        import { registerApply } from './bin/commands/apply.ts';
        const program = new Command();
        registerApply(program);
        await program.parseAsync();`,
      resolveDir: ROOT,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    mainFields: ['module', 'main'],
    outfile: BUNDLE,
    logLevel: 'error',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
}

/** Runs the command as a process of its own, with no terminal. `started` gets the process. */
export async function runCommand(
  args: readonly string[],
  endpoint: string,
  started: (child: ChildProcess) => void = () => undefined,
): Promise<CommandResult> {
  const child = spawn(process.execPath, [BUNDLE, ...args], {
    // The SDK warns on standard error of Node.js releases that it is about to leave.
    env: { PATH: process.env['PATH'], NODE_NO_WARNINGS: '1', ...awsEnvironment(endpoint) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started(child);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  await once(child, 'close');
  return { status: child.exitCode, stdout, stderr };
}

export function awsEnvironment(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  };
}
