// Bundles the functions as the stack does and measures them in fresh processes: size without source map, time from
// starting to import to a ready handler (wall clock and processor), and peak memory. Prints JSON; status 1 when a limit
// is exceeded.
//
//   node scripts/bench-bundle.mjs
//
// BENCH_NODE names another Node.js binary for the measured processes (Lambda runs Node.js 24), BENCH_RUNS the number of
// fresh processes (11). `refine-finding` also works on one finding, against answers from memory on loopback.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(fileURLToPath(import.meta.url), '..', '..');
const node = process.env.BENCH_NODE ?? process.execPath;
const runs = Number(process.env.BENCH_RUNS ?? 11);
const FUNCTIONS = ['refine-finding', 'sweep-findings', 'notify-proposals'];
const ANALYZER = 'arn:aws:access-analyzer:eu-west-1:123456789012:analyzer/unused';
const ROLE = 'arn:aws:iam::123456789012:role/Orders';
const LIMITS = { bytes: 1_500_000, initMillis: 250, peakMiB: 160 };

const folder = mkdtempSync(join(tmpdir(), 'bench-bundle-'));
let server;
try {
  const report = { node: '', runs, limits: LIMITS, functions: {} };
  const endpoint = await startServer();
  writeFileSync(join(folder, 'measure.mjs'), measuredProgram());
  report.node = (await output(['--version'], {})).trim();
  for (const name of FUNCTIONS) {
    const file = await bundle(name);
    const samples = [];
    for (let run = 0; run < runs; run += 1) samples.push(await measure(name, file, endpoint));
    report.functions[name] = {
      bytes: statSync(file).size,
      initMillis: summary(samples.map(({ initMillis }) => initMillis)),
      initCpuMillis: summary(samples.map(({ initCpuMillis }) => initCpuMillis)),
      ...(name === 'refine-finding'
        ? {
            firstFindingMillis: summary(samples.map(({ workMillis }) => workMillis)),
            outcome: samples[0].outcome,
          }
        : {}),
      peakMiB: summary(samples.map(({ peakMiB }) => peakMiB)),
    };
  }
  report.withinLimits = Object.values(report.functions).every(
    ({ bytes, initMillis, initCpuMillis, peakMiB }) =>
      bytes <= LIMITS.bytes &&
      // Importing waits for nothing, so on an idle processor both times are the same; on a busy one the processor's
      // own time is what the function costs.
      Math.min(initMillis.median, initCpuMillis.median) <= LIMITS.initMillis &&
      peakMiB.max <= LIMITS.peakMiB,
  );
  console.log(JSON.stringify(report, undefined, 2));
  process.exitCode = report.withinLimits ? 0 : 1;
} finally {
  server?.closeAllConnections();
  server?.close();
  rmSync(folder, { recursive: true, force: true });
}

/** The same options as in lib/constructs/handler-function.ts. */
async function bundle(name) {
  const outfile = join(folder, `${name}.mjs`);
  await build({
    entryPoints: [join(root, 'lambda', 'functions', `${name}.ts`)],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    sourcemap: 'external',
    sourcesContent: false,
    banner: { js: "import{createRequire as ___r}from'node:module';const require=___r(import.meta.url);" },
    alias: { 'cls-hooked/context': join(root, 'lambda', 'runtime', 'one-trace-context.ts') },
    logLevel: 'error',
    absWorkingDir: root,
  });
  return outfile;
}

function measuredProgram() {
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

async function measure(name, file, endpoint) {
  const finding = { analyzerArn: ANALYZER, findingId: 'f-1', accountId: '123456789012', resource: ROLE };
  const event =
    name === 'refine-finding' ? { Records: [{ messageId: 'm', body: JSON.stringify(finding) }] } : undefined;
  const text = await output(
    [join(folder, 'measure.mjs'), file, event === undefined ? '' : JSON.stringify(event)],
    {
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
  return JSON.parse(text);
}

/** What a process of the measured Node.js says: standard error if there is any, else standard output. */
function output(args, environment) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (err += data));
    child.on('error', reject);
    child.on('close', (code) => {
      const last = err.slice(err.lastIndexOf('{"initMillis"'));
      if (code !== 0) reject(new Error(`${node} ${args.join(' ')} ended with ${code}: ${err}`));
      else if (err !== '' && !last.startsWith('{')) reject(new Error(err));
      else resolve(err === '' ? out : last);
    });
  });
}

function summary(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const round = (value) => Math.round(value * 10) / 10;
  return { min: round(sorted[0]), median: round(sorted[sorted.length >> 1]), max: round(sorted.at(-1)) };
}

/** Answers every call of one finding: a role with two inline and three managed policies, one of them AdministratorAccess. */
async function startServer() {
  const policy = (...actions) => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
  });
  const documents = {
    'arn:aws:iam::aws:policy/AdministratorAccess': policy('*'),
    'arn:aws:iam::123456789012:policy/Data': policy('s3:*', 'dynamodb:*', 'sqs:*'),
    'arn:aws:iam::123456789012:policy/Compute': policy('ec2:Describe*', 'lambda:*'),
  };
  const arns = Object.keys(documents);
  const xml = (action, result) =>
    `<${action}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><${action}Result>${result}</${action}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></${action}Response>`;
  const encoded = (document) => encodeURIComponent(JSON.stringify(document));
  const iam = {
    GetRole: () =>
      `<Role><Path>/</Path><RoleName>Orders</RoleName><RoleId>AROA</RoleId><Arn>${ROLE}</Arn><CreateDate>2020-01-01T00:00:00Z</CreateDate></Role>`,
    ListAttachedRolePolicies: () =>
      `<IsTruncated>false</IsTruncated><AttachedPolicies>${arns
        .map(
          (arn) =>
            `<member><PolicyName>${arn.split('/').pop()}</PolicyName><PolicyArn>${arn}</PolicyArn></member>`,
        )
        .join('')}</AttachedPolicies>`,
    ListRolePolicies: () =>
      '<IsTruncated>false</IsTruncated><PolicyNames><member>Read</member><member>Write</member></PolicyNames>',
    GetRolePolicy: (query) =>
      `<RoleName>Orders</RoleName><PolicyName>${query.get('PolicyName')}</PolicyName><PolicyDocument>${encoded(policy('s3:Get*', 's3:List*', 'kms:*'))}</PolicyDocument>`,
    GetPolicy: (query) =>
      `<Policy><Arn>${query.get('PolicyArn')}</Arn><Path>/</Path><DefaultVersionId>v1</DefaultVersionId><AttachmentCount>1</AttachmentCount><PermissionsBoundaryUsageCount>0</PermissionsBoundaryUsageCount></Policy>`,
    GetPolicyVersion: (query) =>
      `<PolicyVersion><VersionId>v1</VersionId><IsDefaultVersion>true</IsDefaultVersion><Document>${encoded(documents[query.get('PolicyArn')])}</Document></PolicyVersion>`,
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
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (data) => (body += data));
    request.on('end', () => {
      if (request.url.startsWith('/findingv2/')) {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(finding));
      } else if (request.method === 'POST') {
        const query = new URLSearchParams(body);
        const action = query.get('Action');
        response.setHeader('content-type', 'text/xml');
        response.end(xml(action, iam[action](query)));
      } else {
        response.writeHead(request.method === 'HEAD' ? 404 : 200, { etag: '"e"' });
        response.end();
      }
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${server.address().port}`;
}
