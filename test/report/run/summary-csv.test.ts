import { describe, expect, it } from 'vitest';
import type { RunOverview } from '../../../lambda/report/run/run-overview.ts';
import { renderSummaryCsv } from '../../../lambda/report/run/summary-csv.ts';
import { syntheticRun } from '../runs.ts';

function runOf(name: string, reason: string): RunOverview {
  const run = syntheticRun(1, 1);
  const entry = run.entries[0]!;
  return {
    ...run,
    entries: [
      {
        ...entry,
        principal: { ...entry.principal, name },
        path: 'proposals/x/report.html',
        refused: [{ policy: 'p', reason }],
      },
    ],
    others: [
      { outcome: 'skipped', resource: 'arn:aws:iam::123456789012:role/a/b/SLR', reason: 'service-linked' },
    ],
  };
}

describe('summary.csv', () => {
  it('has a header, a row for each proposal and a row for each principal without one', () => {
    const lines = renderSummaryCsv(runOf('plain', 'why')).split('\r\n');
    expect(lines[0]).toBe(
      'accountId,principalType,principalName,principalArn,outcome,actionsGrantedBefore,actionsGrantedAfter,actionsRemoved,servicesGrantedBefore,servicesGrantedAfter,charactersBefore,charactersAfter,retained,residue,policiesNotRefined,sameOutcomeAs,path,reason,warnings',
    );
    expect(lines[1]).toMatch(
      /^100000000000,role,plain,arn:aws:iam::100000000000:role\/[^,]*,refine-permissions,\d+,\d+,\d+,5,3,2000,1500,\d,0,1,outcome 0,proposals\/x\/report\.html,p: why,$/,
    );
    expect(lines[2]).toBe(
      '123456789012,role,SLR,arn:aws:iam::123456789012:role/a/b/SLR,skipped,,,,,,,,,,,,,service-linked,',
    );
    expect(lines[3]).toBe('');
    expect(lines.slice(0, 3).map((line) => line.split(',').length)).toEqual([19, 19, 19]);
  });

  it('contains warnings of a proposal', () => {
    const run = runOf('plain', 'why');
    const stopped = { ...run.entries[0]!, warnings: ['s3:GetObject was used.', 'Ask again.'] };
    const lines = renderSummaryCsv({ ...run, entries: [stopped] }).split('\r\n');
    expect(lines[1]).toMatch(/,p: why,s3:GetObject was used\. Ask again\.$/);
  });

  it('is ordered by risk if known, with what is removed by kind and the high-impact actions that stay', () => {
    const run = runOf('plain', 'why');
    const levels = { list: 3, read: 2, tagging: 0, write: 1, permissions: 0, unknown: 0 };
    const mild = { removed: { weight: 0, highImpact: 0, levels }, riskiest: [] };
    const severe = {
      removed: { weight: 3, highImpact: 1, levels: { ...levels, permissions: 1 } },
      remaining: { weight: 5, highImpact: 2, levels },
      riskiest: ['iam:PassRole'],
    };
    const [entry] = run.entries;
    const named = (name: string) => ({ ...entry!, principal: { ...entry!.principal, name } });
    const entries = [named('a'), { ...named('b'), risk: mild }, { ...named('c'), risk: severe }];
    const lines = renderSummaryCsv({ ...run, entries }).split('\r\n');
    expect(lines[0]?.split(',').slice(18)).toEqual([
      'warnings',
      'highImpactRemoved',
      'permissionsRemoved',
      'writeRemoved',
      'taggingRemoved',
      'readRemoved',
      'listRemoved',
      'unknownRemoved',
      'highImpactRemaining',
    ]);
    expect(
      lines.slice(1, 4).map((line) => [line.split(',')[2], line.split(',').slice(19).join(',')]),
    ).toEqual([
      ['c', '1,1,1,0,2,3,0,2'],
      ['b', '0,0,1,0,2,3,0,'],
      ['a', ',,,,,,,'],
    ]);
  });

  it('has the owner in a last column, if any is known', () => {
    const run = runOf('plain', 'why');
    const owned = { ...run, entries: [{ ...run.entries[0]!, owner: '+payments' }, ...run.entries] };
    const lines = renderSummaryCsv(owned).split('\r\n');
    expect(lines.map((line) => line.split(',').slice(17))).toEqual([
      ['reason', 'warnings', 'owner'],
      ['p: why', '', "'+payments"],
      ['p: why', '', ''],
      ['service-linked', '', ''],
      [],
    ]);
  });

  it.each([
    ['=cmd()', "'=cmd()"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM', "'@SUM"],
    ['a,b', '"a,b"'],
    ['say "x"', '"say ""x"""'],
    ['two\nlines', '"two\nlines"'],
  ])('writes the name %j so that no spreadsheet misreads it', (name, cell) => {
    expect(renderSummaryCsv(runOf(name, 'why'))).toContain(`100000000000,role,${cell},arn:`);
  });
});
