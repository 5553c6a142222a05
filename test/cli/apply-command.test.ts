import { readFileSync, writeFileSync, cpSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  allow,
  attached,
  filesBelow,
  finding,
  inline,
  managed,
  policyArn,
  role,
  roleArn,
} from './accounts.ts';
import { type Ended, useCommandLine } from './command.ts';

const cli = useCommandLine();

let refined: string;
let shared: string;
/** No credentials and no network: what is refused here is refused before IAM is asked anything. */
const UNREACHABLE = {
  AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  AWS_ACCESS_KEY_ID: 'none',
  AWS_SECRET_ACCESS_KEY: 'none',
  AWS_MAX_ATTEMPTS: '1',
  NODE_NO_WARNINGS: '1',
};
const apply = (...args: readonly string[]): Promise<Ended> =>
  cli.run(['apply', ...args, '--yes'], { env: UNREACHABLE });

function proposalIn(below: string): string {
  const found = [...filesBelow(path.join(cli.folder, 'out', below)).keys()].filter((name) =>
    name.endsWith('proposal.json'),
  );
  return path.join(cli.folder, 'out', below, path.dirname(found[0] ?? ''));
}

beforeAll(async () => {
  const app = policyArn('AppShared');
  cli.write('details.json', {
    RoleDetailList: [
      role('app', { RolePolicyList: [inline('Own', allow('s3:GetObject', 'sqs:SendMessage'))] }),
      role('one', { AttachedManagedPolicies: [attached(app)] }),
      role('two', { AttachedManagedPolicies: [attached(app)] }),
    ],
    Policies: [managed(app, allow('s3:GetObject', 'sqs:SendMessage'), { AttachmentCount: 2 })],
  });
  cli.write(
    'findings.json',
    ['app', 'one', 'two'].map((name) => finding(roleArn(name), { sqs: [] })),
  );
  const { status, stderr } = await cli.run(['account', '--account-details', 'details.json', '--findings', 'findings.json', '--out', 'out', '--no-reports']); // prettier-ignore
  expect({ status, stderr }).toMatchObject({ status: 0 });
  refined = proposalIn('proposals/123456789012/role/app');
  shared = proposalIn('shared');
});

interface Editable {
  proposalId: string;
  warnings?: string[];
  finding: { updatedAt: string };
}

function edit(folder: string, change: (proposal: Editable) => void): void {
  const file = path.join(folder, 'proposal.json');
  const proposal = JSON.parse(readFileSync(file, 'utf8')) as Editable;
  change(proposal);
  writeFileSync(file, JSON.stringify(proposal));
}

/** A copy of the proposal in a folder of its own, beside which nothing else lies. */
function copy(name: string): string {
  const folder = path.join(cli.folder, name, path.basename(refined));
  cpSync(refined, folder, { recursive: true });
  return folder;
}

describe('apply refuses a proposal before any call to IAM because of', () => {
  test('state.json', async () => {
    const folder = copy('superseded');
    const state = { schemaVersion: 1, proposalId: path.basename(folder), state: 'superseded', reason: 's3:GetObject is in use again' }; // prettier-ignore
    writeFileSync(path.join(folder, 'state.json'), JSON.stringify(state));
    const { status, stderr } = await apply(folder);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^refused: state\.json says that the proposal is superseded: s3:GetObject is in use again; make the proposal again .* --despite-state\nnothing was changed\n$/,
    );
    // Overridden, it gets as far as the network.
    expect((await apply(folder, '--despite-state')).stderr).toMatch(/^refused: cannot read the role app/);
  });

  test('its own warning', async () => {
    const folder = copy('warning');
    edit(folder, (proposal) => void (proposal.warnings = ['sqs was used on 2026-11-22']));
    expect((await apply(folder)).stderr).toMatch(
      /^refused: the proposal warns: sqs was used on 2026-11-22; .* --despite-warning\n/,
    );
    expect((await apply(folder, '--despite-warning')).stderr).toMatch(/^refused: cannot read the role app/);
  });

  test('a newer proposal about the same subject, unless that was superseded itself', async () => {
    const folder = copy('rival');
    const rival = path.join(path.dirname(folder), 'f'.repeat(32));
    cpSync(folder, rival, { recursive: true });
    edit(rival, (proposal) => {
      proposal.proposalId = 'f'.repeat(32);
      proposal.finding.updatedAt = '2027-01-01T00:00:00Z';
    });
    expect((await apply(folder)).stderr).toMatch(
      /^refused: proposal f{32} about the same rests on a newer finding \(2027-01-01T00:00:00Z\): apply that one instead; .* --despite-state\n/,
    );
    const state = { schemaVersion: 1, proposalId: 'f'.repeat(32), state: 'resolved', reason: 'gone' };
    writeFileSync(path.join(rival, 'state.json'), JSON.stringify(state));
    expect((await apply(folder)).stderr).toMatch(/^refused: cannot read the role app/);
  });
});

test('--json prints the outcome as JSON, and the plan on standard error', async () => {
  const { status, stdout, stderr } = await cli.start(['apply', refined, '--yes', '--json'], {
    env: UNREACHABLE,
  });
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toEqual({
    schemaVersion: 1,
    command: 'apply',
    proposalId: path.basename(refined),
    subject: 'arn:aws:iam::123456789012:role/app',
    outcome: 'refused',
    problems: [expect.stringMatching(/^cannot read the role app/)],
    receipt: null,
  });
  expect(stderr).toMatch(/^apply proposal [0-9a-f]{32} for /);
});

test('apply accepts a proposal about something shared', async () => {
  const { status, stdout, stderr } = await apply(shared);
  expect(status).toBe(1);
  expect(stdout).toMatch(
    /^apply proposal [0-9a-f]{32} for arn:aws:iam::123456789012:policy\/AppShared: 1 step\n {2}1\. create a new default version of /,
  );
  expect(stderr).toMatch(/^refused: cannot list who has arn:aws:iam::123456789012:policy\/AppShared/);
});

describe('the folder of a principal', () => {
  const OLD = 'a'.repeat(32);
  const OTHER = 'b'.repeat(32);

  /** A folder with three proposals about the role: the newest, an older one, and one that was superseded. */
  function ofPrincipal(name: string): { readonly folder: string; readonly newest: string } {
    const newest = copy(name);
    const folder = path.dirname(newest);
    edit(newest, (proposal) => void (proposal.finding.updatedAt = '2026-11-21T00:00:00Z'));
    const beside = (id: string, updatedAt: string): void => {
      cpSync(newest, path.join(folder, id), { recursive: true });
      edit(path.join(folder, id), (proposal) => {
        proposal.proposalId = id;
        proposal.finding.updatedAt = updatedAt;
      });
    };
    beside(OLD, '2026-11-20T00:00:00Z');
    beside(OTHER, '2026-11-22T00:00:00Z');
    mark(path.join(folder, OTHER), 'superseded');
    return { folder, newest: path.basename(newest) };
  }

  function mark(folder: string, state: string): void {
    const text = { schemaVersion: 1, proposalId: path.basename(folder), state, reason: 'said so' };
    writeFileSync(path.join(folder, 'state.json'), JSON.stringify(text));
  }

  test('stands for the newest current proposal in it, for apply and show', async () => {
    const { folder, newest } = ofPrincipal('principal');
    expect((await apply(folder)).stdout).toContain(`apply proposal ${newest} for `);
    expect((await cli.run(['show', folder])).stdout).toContain(`proposal ${newest}\n`);
  });

  test('is refused if no proposal in it is current, or it is not clear which is the newest', async () => {
    const { folder, newest } = ofPrincipal('unclear');
    edit(path.join(folder, OLD), (proposal) => void (proposal.finding.updatedAt = '2026-11-21T00:00:00Z'));
    expect(await apply(folder)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(
        /^\S+unclear: several of its proposals are current: .*[0-9a-f]{32} \(refine-permissions, current\), .*; give the folder of one\n$/,
      ) as string,
    });
    for (const id of [newest, OLD]) mark(path.join(folder, id), 'resolved');
    expect((await apply(folder)).stderr).toMatch(
      /^\S+unclear: none of its proposals is current: .*a{32} \(refine-permissions, resolved\).*b{32} \(refine-permissions, superseded\)/,
    );
  });

  test('stands for the applied proposal, for rollback', async () => {
    const { folder } = ofPrincipal('applied');
    const rollback = () => cli.run(['rollback', folder, '--print-policy']);
    expect(await rollback()).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('none of its proposals is applied') as string,
    });
    writeFileSync(path.join(folder, OLD, 'apply-receipt.json'), '{}');
    expect((await cli.start(['rollback', folder, '--yes'])).stderr).toContain(`${OLD}/apply-receipt.json`);
    expect(await rollback()).toMatchObject({ status: 0 });
  });
});

test('--print-policy prints the smallest policy with which a proposal can be applied, without any call to IAM', async () => {
  const { status, stdout, stderr } = await cli.run(['apply', refined, '--print-policy']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const role = 'arn:aws:iam::123456789012:role/app';
  expect(JSON.parse(stdout)).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: ['iam:GetRole', 'iam:GetRolePolicy', 'iam:ListAttachedRolePolicies', 'iam:PutRolePolicy'],
        Resource: [role],
      },
    ],
  });
  // The document that comes back is longer, so it is counted whether there is room.
  const back = await cli.run(['rollback', refined, '--print-policy']);
  expect(JSON.parse(back.stdout)).toMatchObject({
    Statement: [
      { Action: ['iam:GetAccountSummary'], Resource: ['*'] },
      {
        Action: expect.arrayContaining(['iam:ListRolePolicies', 'iam:PutRolePolicy']) as string[],
        Resource: [role],
      },
    ],
  });
});

test('a folder without a proposal is named in the error', async () => {
  expect(await apply('nowhere')).toMatchObject({ status: 2, stderr: 'nowhere: no such folder\n' });
  expect((await apply('.')).stderr).toMatch(/^\.: holds no proposal\.json; give the folder of one proposal/);
  expect((await apply('s3://bucket')).stderr).toBe(
    's3://bucket: not the address of a proposal; expected s3://bucket/proposals/…/\n',
  );
});
