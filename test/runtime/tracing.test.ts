import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectRoot } from '../../lib/config/project-root.ts';

/** Two invocations in one process, as Lambda gives them: the first makes two calls at once, the second one. */
const PROGRAM = `
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { makeTracing } from './lambda/runtime/tracing.ts';
const tracing = makeTracing();
const client = tracing.client(new S3Client({ region: 'eu-west-1', forcePathStyle: true }));
const call = (bucket) => client.send(new HeadBucketCommand({ Bucket: bucket }));
process.env._X_AMZN_TRACE_ID = 'Root=1-5e1b4151-aaaaaaaaaaaaaaaaaaaaaaaa;Parent=1111111111111111;Sampled=1';
await tracing.invocation('first', () => Promise.all([call('one'), call('two')]));
process.env._X_AMZN_TRACE_ID = 'Root=1-5e1b4151-bbbbbbbbbbbbbbbbbbbbbbbb;Parent=2222222222222222;Sampled=1';
await tracing.invocation('second', () => call('three'));
`;

interface Segment {
  readonly id: string;
  readonly name: string;
  readonly trace_id: string;
  readonly parent_id: string;
  readonly namespace?: string;
}

describe('the trace of a function that is bundled as it is deployed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tracing-'));
  let metafile: Metafile;
  let segments: readonly Segment[] = [];

  beforeAll(async () => {
    const root = projectRoot();
    const outfile = join(folder, 'program.mjs');
    const result = await build({
      stdin: { contents: PROGRAM, resolveDir: root },
      outfile,
      bundle: true,
      metafile: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      mainFields: ['module', 'main'],
      alias: { 'cls-hooked/context': join(root, 'lambda', 'runtime', 'one-trace-context.ts') },
      banner: { js: "import{createRequire as ___r}from'node:module';const require=___r(import.meta.url);" },
      logLevel: 'error',
    });
    metafile = result.metafile;
    segments = await segmentsOf(outfile);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('has each call in the invocation that made it, and each invocation in its own trace', () => {
    const of = (name: string): Segment[] => segments.filter((segment) => segment.name === name);
    const [first] = of('## first');
    const [second] = of('## second');
    expect(first).toMatchObject({
      trace_id: '1-5e1b4151-aaaaaaaaaaaaaaaaaaaaaaaa',
      parent_id: '1111111111111111',
    });
    expect(second).toMatchObject({
      trace_id: '1-5e1b4151-bbbbbbbbbbbbbbbbbbbbbbbb',
      parent_id: '2222222222222222',
    });
    expect(of('S3').map(({ parent_id, namespace }) => [parent_id, namespace])).toEqual([
      [first?.id, 'aws'],
      [first?.id, 'aws'],
      [second?.id, 'aws'],
    ]);
    expect(segments).toHaveLength(5);
  });

  test('uses no hooks that follow every promise', () => {
    const hooked = Object.keys(metafile.inputs).filter((name) => /cls-hooked|async-hook-jl/.test(name));
    expect(hooked).toEqual([]);
  });
});

/** What the program sends to the X-Ray daemon, in the order of arrival. */
async function segmentsOf(program: string): Promise<readonly Segment[]> {
  const found: Segment[] = [];
  const daemon = createSocket('udp4');
  daemon.on('message', (message) => {
    found.push(JSON.parse(message.toString('utf8').split('\n')[1] ?? '') as Segment);
  });
  daemon.bind(0, '127.0.0.1');
  await once(daemon, 'listening');
  const s3 = createServer((_, response) => response.end()).listen(0, '127.0.0.1');
  await once(s3, 'listening');
  const port = (address: AddressInfo | string | null): string =>
    typeof address === 'object' && address ? String(address.port) : '';
  const child = spawn(process.execPath, [program], {
    env: {
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port(s3.address())}`,
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_FUNCTION_NAME: 'refine-finding',
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${port(daemon.address())}`,
      LAMBDA_TASK_ROOT: folderOf(program),
    },
    stdio: 'inherit',
  });
  const [status] = (await once(child, 'exit')) as [number | null];
  // What lies in the socket's buffer has arrived, but not been told of yet.
  await new Promise((resolve) => setTimeout(resolve, 200));
  daemon.close();
  s3.closeAllConnections();
  s3.close();
  expect(status).toBe(0);
  return found;
}

function folderOf(file: string): string {
  return join(file, '..');
}
