import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FUNCTION } from '../../lambda/contract/functions.ts';
import { buildFunctions } from '../build.ts';
import type { BenchResult } from './engine.ts';

/*
 * Bundles the functions as the stack does and measures them in fresh processes: size without source map, time from
 * starting to import to a ready handler (wall clock and processor), and peak memory. BENCH_NODE names another Node.js
 * binary for the measured processes (Lambda runs Node.js 24), BENCH_RUNS the number of fresh processes (11).
 * `refine-finding` also works on one finding, against answers from memory on loopback.
 */
const node = process.env['BENCH_NODE'] ?? process.execPath;
const runs = Number(process.env['BENCH_RUNS'] ?? 11);
const FUNCTIONS = [FUNCTION.refine, FUNCTION.sweep, FUNCTION.notify];
const ANALYZER = 'arn:aws:access-analyzer:eu-west-1:123456789012:analyzer/unused';
const ROLE = 'arn:aws:iam::123456789012:role/Orders';
const LIMITS = { bytes: 1_500_000, initMillis: 250, peakMiB: 160 };

interface Sample {
  readonly initMillis: number;
  readonly initCpuMillis: number;
  readonly workMillis: number;
  readonly peakMiB: number;
}

/** Sets exit status 1 if a limit is exceeded. */
export async function* run(): AsyncGenerator<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-bundle-'));
  const { server, endpoint } = await startServer();
  try {
    writeFileSync(join(folder, 'measure.mjs'), measuredProgram());
    for (const name of FUNCTIONS) {
      await buildFunctions(folder, [name]);
      const file = join(folder, name, 'index.mjs');
      const samples: Sample[] = [];
      for (let i = 0; i < runs; i += 1) samples.push(await measure(name, file, endpoint, folder));
      const bytes = statSync(file).size;
      const init = summary(samples.map(({ initMillis }) => initMillis));
      const initCpu = summary(samples.map(({ initCpuMillis }) => initCpuMillis));
      const peak = summary(samples.map(({ peakMiB }) => peakMiB));
      // Importing waits for nothing, so on an idle machine both times are the same; on a busy one the CPU time is the
      // function's cost.
      const isWithin =
        bytes <= LIMITS.bytes &&
        Math.min(init.median, initCpu.median) <= LIMITS.initMillis &&
        peak.max <= LIMITS.peakMiB;
      if (!isWithin) process.exitCode = 1;
      yield {
        name: `${name}: a new process`,
        figures: {
          bytes: String(bytes),
          init: `${String(init.median)} ms`,
          'init CPU': `${String(initCpu.median)} ms`,
          peak: `${String(peak.max)} MiB`,
          ...(name === 'refine-finding'
            ? { 'first finding': `${String(summary(samples.map(({ workMillis }) => workMillis)).median)} ms` }
            : {}),
          'within limits': String(isWithin),
        },
      };
    }
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function measuredProgram(): string {
  return `const [file, event] = process.argv.slice(2);
const before = process.cpuUsage();
const begin = performance.now();
const { handler } = await import(file);
const initMillis = performance.now() - begin;
const { user, system } = process.cpuUsage(before);
const initCpuMillis = (user + system) / 1000;
let outcome;
const context = { awsRequestId: 'bench', getRemainingTimeInMillis: () => 300000 };
const work = performance.now();
if (event !== '') outcome = await handler(JSON.parse(event), context);
const workMillis = performance.now() - work;
const peakMiB = process.resourceUsage().maxRSS / 1024;
process.stderr.write(JSON.stringify({ initMillis, initCpuMillis, workMillis, peakMiB, outcome }));
process.exit(0);
`;
}

async function measure(name: string, file: string, endpoint: string, folder: string): Promise<Sample> {
  const finding = { analyzerArn: ANALYZER, findingId: 'f-1', accountId: '123456789012', resource: ROLE };
  const event =
    name === 'refine-finding' ? { Records: [{ messageId: 'm', body: JSON.stringify(finding) }] } : undefined;
  const text = await output(
    [join(folder, 'measure.mjs'), file, event === undefined ? '' : JSON.stringify(event)],
    {
      AWS_LAMBDA_FUNCTION_NAME: name,
      ANALYZER_ARN: ANALYZER,
      HOME_ACCOUNT_ID: '123456789012',
      PARTITION: 'aws',
      PROPOSALS_BUCKET: 'bench',
      GENERALIZE: 'shortest',
      KEEP_PATTERNS: '[]',
      EXCLUDE_PRINCIPALS: '{"names":[],"paths":[],"tags":[]}',
      FINDINGS_QUEUE_URL: `${endpoint}/findings`,
      SWEEP_QUEUE_URL: `${endpoint}/sweep`,
      ACCOUNT_JOBS_QUEUE_URL: `${endpoint}/accounts`,
      BULK_THRESHOLD: '20',
      NOTIFICATIONS_TOPIC_ARN: 'arn:aws:sns:eu-west-1:123456789012:proposals',
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'bench',
      AWS_SECRET_ACCESS_KEY: 'bench',
      AWS_ENDPOINT_URL: endpoint,
    },
  );
  return JSON.parse(text) as Sample;
}

/** The output of a process of the measured Node.js: standard error if there is any, otherwise standard output. */
function output(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.on('data', (data: Buffer) => (out += data.toString()));
    child.stderr.on('data', (data: Buffer) => (err += data.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      const last = err.slice(err.lastIndexOf('{"initMillis"'));
      if (code !== 0) reject(new Error(`${node} ${args.join(' ')} ended with ${String(code)}: ${err}`));
      else if (err !== '' && !last.startsWith('{')) reject(new Error(err));
      else resolve(err === '' ? out : last);
    });
  });
}

function summary(values: readonly number[]): { readonly median: number; readonly max: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const round = (value: number | undefined): number => Math.round((value ?? 0) * 10) / 10;
  return { median: round(sorted[sorted.length >> 1]), max: round(sorted.at(-1)) };
}

/**
 * A server that answers every call for one finding: a role with two inline and three managed policies, one of them
 * AdministratorAccess.
 */
async function startServer(): Promise<{ readonly server: Server; readonly endpoint: string }> {
  const policy = (...actions: readonly string[]) => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
  });
  const documents: Readonly<Record<string, unknown>> = {
    'arn:aws:iam::aws:policy/AdministratorAccess': policy('*'),
    'arn:aws:iam::123456789012:policy/Data': policy('s3:*', 'dynamodb:*', 'sqs:*'),
    'arn:aws:iam::123456789012:policy/Compute': policy('ec2:Describe*', 'lambda:*'),
  };
  const arns = Object.keys(documents);
  const xml = (action: string, result: string): string =>
    `<${action}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><${action}Result>${result}</${action}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></${action}Response>`;
  const encoded = (document: unknown): string => encodeURIComponent(JSON.stringify(document));
  const iam: Readonly<Record<string, (query: URLSearchParams) => string>> = {
    GetRole: () =>
      `<Role><Path>/</Path><RoleName>Orders</RoleName><RoleId>AROA</RoleId><Arn>${ROLE}</Arn><CreateDate>2020-01-01T00:00:00Z</CreateDate></Role>`,
    ListAttachedRolePolicies: () =>
      `<IsTruncated>false</IsTruncated><AttachedPolicies>${arns
        .map(
          (arn) =>
            `<member><PolicyName>${arn.split('/').pop() ?? ''}</PolicyName><PolicyArn>${arn}</PolicyArn></member>`,
        )
        .join('')}</AttachedPolicies>`,
    ListRolePolicies: () =>
      '<IsTruncated>false</IsTruncated><PolicyNames><member>Read</member><member>Write</member></PolicyNames>',
    GetRolePolicy: (query) =>
      `<RoleName>Orders</RoleName><PolicyName>${query.get('PolicyName') ?? ''}</PolicyName><PolicyDocument>${encoded(policy('s3:Get*', 's3:List*', 'kms:*'))}</PolicyDocument>`,
    GetPolicy: (query) =>
      `<Policy><Arn>${query.get('PolicyArn') ?? ''}</Arn><Path>/</Path><DefaultVersionId>v1</DefaultVersionId><AttachmentCount>1</AttachmentCount><PermissionsBoundaryUsageCount>0</PermissionsBoundaryUsageCount></Policy>`,
    GetPolicyVersion: (query) =>
      `<PolicyVersion><VersionId>v1</VersionId><IsDefaultVersion>true</IsDefaultVersion><Document>${encoded(documents[query.get('PolicyArn') ?? ''])}</Document></PolicyVersion>`,
  };
  const finding = {
    id: 'f-1',
    status: 'ACTIVE',
    findingType: 'UnusedPermission',
    resource: ROLE,
    resourceType: 'AWS::IAM::Role',
    resourceOwnerAccount: '123456789012',
    updatedAt: '2026-11-20T00:00:00Z',
    analyzedAt: '2026-11-20T00:00:00Z',
    createdAt: '2026-11-20T00:00:00Z',
    findingDetails: [
      { unusedPermissionDetails: { serviceNamespace: 'kms' } },
      { unusedPermissionDetails: { serviceNamespace: 'dynamodb' } },
      {
        unusedPermissionDetails: {
          serviceNamespace: 's3',
          actions: [{ action: 'GetBucketPolicy' }, { action: 'ListAllMyBuckets' }],
        },
      },
    ],
  };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (data: Buffer) => (body += data.toString()));
    request.on('end', () => {
      if (request.url?.startsWith('/findingv2/')) {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(finding));
      } else if (request.method === 'POST') {
        const query = new URLSearchParams(body);
        const action = query.get('Action') ?? '';
        response.setHeader('content-type', 'text/xml');
        response.end(xml(action, iam[action]?.(query) ?? ''));
      } else {
        response.writeHead(request.method === 'HEAD' ? 404 : 200, { etag: '"e"' });
        response.end();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { server, endpoint: `http://127.0.0.1:${String(port)}` };
}
