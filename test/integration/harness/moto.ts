import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A running emulator of AWS. */
export interface Moto {
  readonly port: number;
  /** By name: `cdk deploy` fails on the address 127.0.0.1. */
  readonly endpoint: string;
  /** What the server complained about: where it fails, its client only sees that it tried again. */
  complaints(): string;
  stop(): Promise<void>;
}

const SERVER = fileURLToPath(new URL('moto_server.py', import.meta.url));

/**
 * Starts moto on a free loopback port with the AWS managed policies loaded. It ends with `stop`, and by itself when this
 * process dies in whatever way.
 * @throws Error when the virtual environment of `scripts/test-integration.ts` is missing, or the server does not start
 */
export async function startMoto(): Promise<Moto> {
  const python = process.env['INTEGRATION_PYTHON'];
  if (python === undefined) {
    throw new Error(
      'INTEGRATION_PYTHON is not set; start the integration tests with npm run test:integration',
    );
  }
  const child = spawn(python, [SERVER], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      ...process.env,
      MOTO_IAM_LOAD_MANAGED_POLICIES: 'true',
      // A queue may be purged more than once a minute: each test starts with empty ones.
      MOTO_SQS_ENFORCE_STRICT_QUEUE_PURGE_BEHAVIOUR: 'false',
      PYTHONUNBUFFERED: '1',
    },
  });
  const errors: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text));
  const port = await firstLine(child, errors);
  return {
    port,
    endpoint: `http://localhost:${String(port)}`,
    complaints: () => errors.join(''),
    stop: async () => {
      if (child.exitCode !== null) return;
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}

async function firstLine(child: ChildProcess, errors: readonly string[]): Promise<number> {
  if (!child.stdout) throw new Error('moto has no standard output to read its port from');
  const lines = createInterface({ input: child.stdout });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`moto did not start: ${errors.join('').trim().split('\n').at(-1) ?? 'no message'}`);
  });
  const [line] = await Promise.race([once(lines, 'line'), ended]);
  ended.catch(() => undefined);
  return Number(line);
}
