import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { useCommandLine } from './command.ts';

const { folder, write, run: runIn, start } = useCommandLine();
const EXAMPLE = fileURLToPath(new URL('../../examples/account/', import.meta.url));
const ROLE = 'arn:aws:iam::123456789012:role/';

/** Where one test runs: `decisions.json` is that of the current folder. */
function workplace(name: string) {
  const cwd = path.join(folder, name);
  mkdirSync(cwd);
  const surroundings = { cwd, env: { AWS_REGION: 'eu-central-1' } };
  const run = (...args: readonly string[]) => runIn(args, surroundings);
  return {
    cwd,
    run,
    start: (...args: readonly string[]) => start(args, surroundings),
    refine: (...more: readonly string[]) =>
      run(
        ...['account', '--account-details', path.join(EXAMPLE, 'account-details.json')],
        ...['--findings', path.join(EXAMPLE, 'findings'), '--config', path.join(EXAMPLE, 'settings.json')],
        ...(more.includes('--out') ? [] : ['--out', 'refined']),
        ...['--jobs', '1', ...more],
      ),
    /** The folders of a role's proposals. */
    proposals: (role: string): readonly string[] => {
      const place = path.join('refined', 'proposals', '123456789012', 'role', role);
      return existsSync(path.join(cwd, place))
        ? readdirSync(path.join(cwd, place)).map((id) => path.join(place, id))
        : [];
    },
    read: (file: string): string => readFileSync(path.join(cwd, file), 'utf8'),
  };
}

const rowOf = (csv: string, role: string): readonly string[] =>
  csv.split('\r\n').filter((line) => line.includes(`,${ROLE}${role},`));

describe("a reviewer's decisions", () => {
  test('are shown exactly by the next run: one role accepted, an action of another kept, a third rejected', async () => {
    const { run, start, refine, proposals, read } = workplace('minute');
    expect((await refine()).status).toBe(0);
    const [accepted = ''] = proposals('payments-api');
    const [partly = ''] = proposals('MyRole');
    const [rejected = ''] = proposals('search-api');
    const yes = await start('decide', accepted, '--accept', '--reason', 'agreed', '--by', 'ana');
    const part = await run(
      'decide',
      partly,
      '--keep',
      'lambda:GetFunction',
      '--reason',
      'for rollbacks',
      '--by',
      'ana',
    );
    const no = await run(
      'decide',
      rejected,
      '--reject',
      '--reason',
      'being replaced',
      '--by',
      'ben',
      '--until',
      '2999-12-31',
    );
    expect([yes.status, part.status, no.status]).toEqual([0, 0, 0]);
    expect(no.stdout).toBe(
      'aws accessanalyzer update-findings --region eu-central-1 --analyzer-arn arn:aws:access-analyzer:eu-central-1:123456789012:analyzer/unused-access --ids 5d0c2b6e-5a0f-5c38-9a4b-7f0e2c91d3a6 --status ARCHIVED\n',
    );
    const before = read('refined/summary.csv');

    expect((await refine()).status).toBe(0);
    const after = read('refined/summary.csv');
    // The accepted one is as it was, and its report, its row and the overview say who accepted it.
    const [row = ''] = rowOf(before, 'payments-api');
    const now = rowOf(after, 'payments-api');
    expect(now).toEqual([expect.stringMatching(/,accepted by ana on \d{4}-\d\d-\d\d: agreed$/)]);
    expect(now[0]?.slice(0, row.length)).toBe(row);
    expect(read(`${accepted}/report.html`)).toMatch(
      /<b>Decided:<\/b> accepted by ana on \d{4}-\d\d-\d\d: agreed/,
    );
    expect(read('refined/index.html')).toMatch(/payments-api.{0,400}accepted by ana on/s);
    // The other keeps that action, with the reason, in a proposal of its own; the earlier one is not to be applied.
    const [made = ''] = proposals('MyRole').filter((one) => one !== partly);
    const proposal = JSON.parse(read(`${made}/proposal.json`)) as {
      retained: readonly { action: string; reason: string }[];
      policies: readonly { removed: readonly string[] }[];
    };
    expect(proposal.retained).toContainEqual({
      action: 'lambda:GetFunction',
      reason: expect.stringMatching(/^kept by ana on \d{4}-\d\d-\d\d: for rollbacks$/) as string,
    });
    expect(proposal.policies.flatMap(({ removed }) => removed)).not.toContain('lambda:GetFunction');
    expect(proposal.policies.flatMap(({ removed }) => removed)).toContain('lambda:UpdateFunctionCode');
    // The third is left alone, with the reason; what it shares stays whole.
    expect(
      rowOf(after, 'search-api')
        .map((line) => line.split(',')[4])
        .at(-1),
    ).toBe('skipped');
    expect(after).toMatch(
      /its proposal was rejected by ben on \d{4}-\d\d-\d\d until 2999-12-31: being replaced/,
    );
    expect(after).toMatch(/policy,SharedObservability,[^\n]*role search-api counts as using all of it/);
    // Nobody else loses or keeps anything else than before.
    for (const role of ['checkout-api', 'inventory-api', 'ci-deployer', 'orders-pipeline', 'legacy-batch']) {
      expect(rowOf(after, role), role).toEqual(rowOf(before, role).map((line) => `${line},,,`));
    }
    // What is not to be applied any more says so in its row, and the folder of the role stands for the other.
    expect(rowOf(after, 'MyRole').find((line) => line.includes(path.basename(partly)))).toMatch(
      /,superseded,"it removes lambda:GetFunction, kept by ana on .*: for rollbacks",/,
    );
    expect(rowOf(after, 'search-api').find((line) => line.includes(path.basename(rejected)))).toMatch(
      /,rejected,it was rejected by ben on .*: being replaced,/,
    );
    const folder = path.dirname(partly);
    const shown = await run('show', folder);
    expect(shown.stdout).toMatch(/^decided: kept by ana on .*: for rollbacks$/m);
    expect(shown.stdout).toContain(`apply ${made}\n`);
    // And so do the table and the JSON of the run.
    const table = await refine();
    expect(table.stdout).toMatch(
      /^role payments-api +refine +25 → 13 +accepted by ana on [^;]*: agreed; 4 high-impact/m,
    );
    interface Told {
      readonly principal: string;
      readonly decisions?: readonly string[];
    }
    const { proposals: told } = JSON.parse((await refine('--json')).stdout) as { proposals: readonly Told[] };
    expect(told.flatMap(({ principal, decisions }) => (decisions ? [principal] : []))).toEqual([
      `${ROLE}MyRole`,
      `${ROLE}payments-api`,
    ]);
  });

  test('to keep an action of one holder count for the shared policy; other holders are unaffected', async () => {
    const { run, refine, proposals, read, cwd } = workplace('shared');
    await refine();
    const at = path.join('refined', 'shared', '123456789012', 'policy', 'SharedObservability');
    const [before = ''] = readdirSync(path.join(cwd, at));
    interface Made {
      readonly policies: readonly { readonly removed: readonly string[] }[];
      readonly retained: readonly { readonly action: string; readonly reason: string }[];
    }
    const shared = JSON.parse(read(path.join(at, before, 'proposal.json'))) as Made;
    const [action = ''] = shared.policies.flatMap(({ removed }) => removed);
    const [one = ''] = proposals('checkout-api');
    const others = proposals('inventory-api');
    await run('decide', one, '--keep', action, '--reason', 'for dashboards', '--by', 'ana');
    await refine();
    const [after = ''] = readdirSync(path.join(cwd, at)).filter((id) => id !== before);
    const made = JSON.parse(read(path.join(at, after, 'proposal.json'))) as Made;
    expect(made.policies.flatMap(({ removed }) => removed)).not.toContain(action);
    expect(
      made.retained.map((kept) => [kept.action, /^kept by ana on .*: for dashboards$/.test(kept.reason)]),
    ).toContainEqual([action, true]);
    expect(proposals('inventory-api')).toEqual(others);
    // The earlier shared proposal contradicts the decision by now, and apply says so.
    const refused = await run('apply', path.join(at, before), '--yes');
    expect([refused.status, refused.stderr]).toEqual([
      1,
      expect.stringContaining(`refused: it removes ${action}, kept by ana`) as string,
    ]);
  });

  test('make apply refuse rejected proposals and those that contradict a decision, before any call to AWS', async () => {
    const { run, refine, proposals } = workplace('apply');
    await refine();
    const [partly = ''] = proposals('MyRole');
    const [rejected = ''] = proposals('search-api');
    await run('decide', partly, '--keep', 'lambda:Get*', '--reason', 'for rollbacks', '--by', 'ana');
    await run('decide', rejected, '--reject', '--reason', 'being replaced', '--by', 'ben');
    const keeps = await run('apply', partly, '--yes');
    expect([keeps.status, keeps.stderr]).toEqual([
      1,
      expect.stringMatching(
        /^refused: it removes lambda:GetFunction[^\n]*, kept by ana on [^\n]*; to apply it, change the decision\nnothing was changed\n$/m,
      ) as string,
    ]);
    const rejects = await run('apply', rejected, '--yes');
    expect([rejects.status, rejects.stderr]).toEqual([
      1,
      expect.stringMatching(
        /^refused: it was rejected by ben on [^\n]*: being replaced; to apply it/m,
      ) as string,
    ]);
  });
});

describe('the output for programs', () => {
  test('is one JSON document on standard output, for each decision and for a refusal', async () => {
    const { run, refine, proposals } = workplace('json');
    await refine();
    const [rejected = ''] = proposals('search-api');
    const [partly = ''] = proposals('MyRole');
    const no = await run('decide', rejected, '--reject', '--reason', 'replaced', '--by', 'ben', '--json');
    expect(no.status).toBe(0);
    expect(JSON.parse(no.stdout)).toMatchObject({
      schemaVersion: 1,
      command: 'decide',
      place: 'decisions.json',
      decision: {
        about: `${ROLE}search-api`,
        decision: 'reject',
        reason: 'replaced',
        by: 'ben',
        unless: 'riskier',
        proposal: { kind: 'refine-permissions' },
      },
      archive: [expect.stringMatching(/^aws accessanalyzer update-findings .* --status ARCHIVED$/) as string],
    });
    const part = await run('decide', partly, '--keep', 'lambda:Get*', '--reason', 'for rollbacks', '--json');
    expect(JSON.parse(part.stdout)).toMatchObject({ decision: { keep: ['lambda:Get*'] }, archive: [] });
    const refused = await run('apply', rejected, '--yes', '--json');
    expect(refused.status).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      command: 'apply',
      outcome: 'refused',
      subject: `${ROLE}search-api`,
      problems: [expect.stringMatching(/^it was rejected by ben on .*: replaced; to apply it/) as string],
      receipt: null,
    });
  });
});

test("a proposal is found by the path in its report, from beside the run's folder and from within it", async () => {
  const { run, refine, proposals, cwd, read } = workplace('beside');
  await refine();
  const [whole = ''] = proposals('MyRole');
  const named = path.relative('refined', whole);
  const decided = await run('decide', named, '--accept', '--reason', 'agreed', '--by', 'ana');
  expect([decided.status, decided.stderr]).toEqual([
    0,
    expect.stringMatching(
      /^role MyRole, account 123456789012: accepted by ana on .*: agreed\nrecorded in decisions\.json\nNothing has been changed in IAM\. To apply it: npx /,
    ) as string,
  ]);
  expect(read(`${whole}/report.html`)).toContain('accepted by ana');
  cpSync(path.join(cwd, 'refined'), path.join(cwd, 'second'), { recursive: true });
  const unclear = await run('decide', named, '--accept', '--reason', 'agreed');
  expect([unclear.status, unclear.stderr]).toEqual([
    2,
    expect.stringContaining('is in several folders here: ') as string,
  ]);
  const nowhere = await run('show', 'proposals/nowhere');
  expect([nowhere.status, nowhere.stderr]).toEqual([
    2,
    'unused-access-refiner: proposals/nowhere: no such folder\n',
  ]);
});

test('--min-effect skips and counts proposals that remove nothing of that level or above', async () => {
  const { refine, read, proposals } = workplace('effect');
  const all = await refine('--min-effect', 'list', '--json');
  const severe = await refine('--min-effect', 'permissions', '--out', 'severe', '--json');
  // Trust boundary: the command's own output.
  const of = (text: string) =>
    JSON.parse(text) as {
      proposals: readonly { principal: string }[];
      others: readonly { resource: string; reason: string }[];
    };
  const left = of(severe.stdout).others.filter(({ reason }) => reason.includes('of the level permissions'));
  // Of the example only its role compliance-auditor loses nothing that changes permissions.
  expect(left.map(({ resource }) => resource)).toEqual([`${ROLE}audit/compliance-auditor`]);
  expect(of(severe.stdout).proposals).toHaveLength(of(all.stdout).proposals.length - 1);
  expect(proposals('compliance-auditor')).toHaveLength(1);
  expect(read('severe/summary.csv')).toMatch(/compliance-auditor,[^\n]*removes nothing/);
});

describe('the file of decisions', () => {
  test('is read as of a day: expired decisions do not count, and the same day gives the same bytes', async () => {
    const { refine, proposals, read, cwd } = workplace('day');
    const decision = {
      about: `${ROLE}MyRole`,
      decision: 'keep',
      keep: ['lambda:GetFunction'],
      reason: 'for rollbacks',
      by: 'ana',
      on: '2026-11-01',
      until: '2026-11-30',
    };
    writeFileSync(
      path.join(cwd, 'decisions.json'),
      JSON.stringify({ schemaVersion: 1, decisions: [decision] }),
    );
    await refine('--as-of', '2026-11-30');
    const [kept = ''] = proposals('MyRole');
    expect(read(`${kept}/proposal.json`)).toContain('for rollbacks');
    const index = read('refined/index.html');
    await refine('--as-of', '2026-11-30');
    expect(read('refined/index.html')).toBe(index);
    await refine('--as-of', '2026-12-01');
    const [expired = ''] = proposals('MyRole').filter((one) => one !== kept);
    expect(read(`${expired}/proposal.json`)).not.toContain('for rollbacks');
  });

  test('is checked before anything is written, and must be outside --out', async () => {
    const { refine, cwd, run, proposals } = workplace('checks');
    writeFileSync(path.join(cwd, 'decisions.json'), '{"schemaVersion":1,"decisions":[{"about":"x"}]}');
    const bad = await refine();
    expect([bad.status, bad.stderr]).toEqual([
      2,
      expect.stringContaining('decisions.json: decisions.0') as string,
    ]);
    expect(existsSync(path.join(cwd, 'refined'))).toBe(false);
    writeFileSync(path.join(cwd, 'decisions.json'), '{"schemaVersion":1,"decisions":[]}');
    await refine();
    const [one = ''] = proposals('MyRole');
    const inside = await run(
      'decide',
      one,
      '--accept',
      '--reason',
      'x',
      '--decisions',
      'refined/decisions.json',
    );
    expect([inside.status, inside.stderr]).toEqual([2, expect.stringContaining('is in refined') as string]);
    const missing = await refine('--decisions', 'nowhere.json');
    expect([missing.status, missing.stderr]).toEqual([
      2,
      expect.stringContaining('nowhere.json: no such file') as string,
    ]);
  });

  test('keeps all decisions of concurrent writers, and a killed one does not leave it locked', async () => {
    const { refine, start, proposals, read, cwd } = workplace('together');
    await refine();
    // A process that was killed while it held the lock; no process has this number.
    writeFileSync(path.join(cwd, 'decisions.json.lock'), '4194305');
    const roles = [
      'MyRole',
      'checkout-api',
      'inventory-api',
      'payments-api',
      'orders-pipeline',
      'search-api',
    ];
    const ended = await Promise.all(
      roles.map((role) =>
        start('decide', proposals(role)[0] ?? '', '--accept', '--reason', 'agreed', '--by', role),
      ),
    );
    expect(ended.map(({ status }) => status)).toEqual([0, 0, 0, 0, 0, 0]);
    const { decisions } = JSON.parse(read('decisions.json')) as { decisions: readonly { by: string }[] };
    expect(decisions.map(({ by }) => by).sort()).toEqual([...roles].sort());
    expect(existsSync(path.join(cwd, 'decisions.json.lock'))).toBe(false);
  });
});

test('decide reports wrong usage in one line', async () => {
  const file = write('nothing.json', '{}');
  const { run } = workplace('usage');
  const none = await run('decide', file, '--reason', 'x');
  expect(none.status).toBe(2);
  const { refine, proposals } = workplace('usage-2');
  await refine();
  const [one = ''] = proposals('MyRole');
  const two = workplaceRun('usage-2');
  expect(await two('decide', one, '--reason', 'x')).toMatchObject({
    status: 2,
    stderr: 'unused-access-refiner: give one of --accept, --reject and --keep <pattern…>\n',
  });
  expect(await two('decide', one, '--keep', 'no pattern', '--reason', 'x')).toMatchObject({ status: 2 });
  const typed = await two('decide', one, '--keep', 'lambda:Gte*', 'lambda:Get*', '--reason', 'x');
  expect([typed.status, typed.stderr.split('\n').filter((line) => line.startsWith('--keep'))]).toEqual([
    0,
    ['--keep lambda:Gte*: matches nothing that this proposal removes; it is recorded all the same'],
  ]);
  expect(await two('decide', one, '--accept', '--reason', 'x', '--until', '2026-02-30')).toMatchObject({
    status: 2,
  });
});

function workplaceRun(name: string) {
  return (...args: readonly string[]) => runIn(args, { cwd: path.join(folder, name) });
}
