import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { renderIndex } from '../../../lambda/report/run/index-page.ts';
import { INDEX_SCRIPT, INDEX_SCRIPT_HASH } from '../../../lambda/report/run/index-script.ts';
import { runEntry, type RunEntry, type SharedEntry } from '../../../lambda/report/run/run-overview.ts';
import { STYLE, STYLE_HASH } from '../../../lambda/report/html/style.ts';
import { articleProposal, sha256 } from '../proposals.ts';
import { syntheticRun } from '../runs.ts';

function entryAt(path: string): RunEntry {
  return { ...syntheticRun(1, 1).entries[0]!, path };
}

const hash = (text: string): string => `sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}`;

describe('the content security policy', () => {
  it('has the hashes of the style sheet and the script', () => {
    expect(STYLE_HASH).toBe(hash(STYLE));
    expect(INDEX_SCRIPT_HASH).toBe(hash(INDEX_SCRIPT));
    expect(renderIndex(syntheticRun(1, 1))).toContain(
      `content="default-src &#39;none&#39;; style-src &#39;${STYLE_HASH}&#39;; script-src &#39;${INDEX_SCRIPT_HASH}&#39;; img-src data:; base-uri &#39;none&#39;; form-action &#39;none&#39;"`,
    );
  });
});

describe('the overview of a run', () => {
  it('links every proposal, whatever its name contains', () => {
    const path = 'proposals/123456789012/role/+=,.@-_/0123456789abcdef0123456789abcdef/report.html';
    const page = renderIndex({ ...syntheticRun(0, 1), entries: [entryAt(path)] });
    expect(page).toContain(
      'href="proposals/123456789012/role/%2B%3D%2C.%40-_/0123456789abcdef0123456789abcdef/report.html"',
    );
    const links = renderIndex(syntheticRun(500, 20)).match(/<a href="proposals/g);
    expect(links).toHaveLength(500);
  });

  it('does not change the address of a console page', () => {
    const path = 'https://eu-central-1.console.aws.amazon.com/s3/object/b?region=eu-central-1&prefix=p%2B';
    const page = renderIndex({ ...syntheticRun(0, 1), entries: [entryAt(path)] });
    expect(page).toContain(`href="${path.replace('&', '&amp;')}"`);
  });

  it('shows owners beside accounts, and no column for them if none is known', () => {
    const run = syntheticRun(2, 1);
    expect(renderIndex(run)).not.toContain('owner');
    const [first, second] = run.entries;
    const both = renderIndex({ ...run, entries: [{ ...first!, owner: 'a<b' }, second!] });
    expect(both).toContain(`<span>${first!.principal.accountId} · owner a&lt;b</span>`);
    expect(both).toContain('Name, account, ARN or owner contains');
    const one = renderIndex({ ...run, entries: [{ ...first!, owner: 'payments' }] });
    expect(one).toContain(`role · ${first!.principal.accountId} · owner payments`);
  });

  it('links as many proposals as allowed, largest effect first, and counts the rest by account', () => {
    const run = syntheticRun(400, 100);
    const folderOf = (account: string) => `https://console.example/${account}/`;
    const linked = (page: string) => page.match(/<a href="proposals/g)?.length;
    const page = renderIndex({ ...run, limit: { proposals: 50, folderOf } });
    expect(linked(page)).toBe(50);
    // 8 of the 400 are unused altogether.
    expect(page).toContain('350 more proposals with the smallest effect are not listed here');
    const accounts = [
      ...page.matchAll(/<li><a href="https:\/\/console\.example\/(\d+)\/">\1<\/a> (\d+)<\/li>/g),
    ];
    expect(accounts.length).toBe(40);
    expect(accounts.reduce((sum, [, , some]) => sum + Number(some), 0)).toBe(350);
    const first = renderIndex(run).match(/identical outcome[^]*?<td>−([\d,]+)/)?.[1];
    expect(page.match(/identical outcome[^]*?<td>−([\d,]+)/)?.[1]).toBe(first);
    expect(renderIndex({ ...run, limit: { proposals: 400, folderOf } })).not.toContain('Not on this page');
  });

  it('says how many of a group are listed if not all of them fit', () => {
    const page = renderIndex({ ...syntheticRun(49, 1), limit: { proposals: 10, folderOf: (id) => id } });
    expect(page).toContain('<b>49 roles</b>, identical outcome, 10 of them listed');
    expect(page).toContain('39 more proposals');
  });

  it('folds principals with the same outcome into one row, largest effect first', () => {
    const run = syntheticRun(40, 4);
    const page = renderIndex(run);
    expect(page.match(/<b>10 roles<\/b>, identical outcome/g)).toHaveLength(4);
    const effects = [...page.matchAll(/<td data-head="Removed">−([\d,]+) \(/g)].map(([, text]) =>
      Number(text?.replaceAll(',', '')),
    );
    expect(effects).toHaveLength(4);
    expect(effects).toEqual([...effects].sort((a, b) => b - a));
  });

  it('names the first principals of a row', () => {
    const page = renderIndex(syntheticRun(3, 1));
    expect(page).toContain(
      'service-0-team-0-execution-role-00000, service-1-team-1-execution-role-00001, service-2-team-2-execution-role-00002',
    );
  });

  it('lists shared policies without a proposal by their reason', () => {
    const shared = (name: string, outcome: 'proposed' | 'blocked', reason: string): SharedEntry => ({
      subject: {
        type: 'policy',
        arn: `arn:aws:iam::123456789012:policy/${name}`,
        name,
        path: '/',
        accountId: '123456789012',
      },
      outcome,
      reason,
    });
    const page = renderIndex({
      ...syntheticRun(1, 1),
      shared: [
        shared('Wide', 'proposed', 'The shared change is better.'),
        shared('B', 'blocked', 'it is a boundary'),
        shared('A', 'blocked', 'it is a boundary'),
      ],
    });
    expect(page).toContain('1 proposal; 2 without one.');
    expect(page).toContain('Without a proposal <span class="soft">(2)</span>');
    expect(page).toContain('<summary>2: It is a boundary</summary>');
  });

  it('counts current proposals, and lists the others in separate rows at the end', () => {
    const run = syntheticRun(40, 4);
    const state = { name: 'resolved', reason: 'the finding is RESOLVED' } as const;
    const later = {
      ...run,
      entries: run.entries.map((entry, i) => (i < 10 ? { ...entry, state } : entry)),
    };
    const page = renderIndex(later);
    expect(page).toContain('30 principals would lose');
    expect(page).toContain('<dd>10 <small>proposals, not counted above, each with its reason</small></dd>');
    const rows = [...page.matchAll(/<tr(?: class="(\w+)")? data-s/g)].map(([, name]) => name);
    expect(rows).toEqual([undefined, undefined, undefined, undefined, 'soft', 'soft', 'soft', 'soft']);
    expect(
      page.match(/<b>[23] roles<\/b>, identical outcome <span class="tag">resolved<\/span>/g),
    ).toHaveLength(4);
    expect(page).toContain('no longer current: the finding is RESOLVED');
    expect(page).toContain('nothing has been changed');
    expect(renderIndex(run)).not.toContain('no longer current');
  });

  it('does not claim that nothing was changed if a proposal was applied', () => {
    const entry = { ...entryAt('p'), state: { name: 'applied', reason: 'the role is gone' } as const };
    expect(renderIndex({ ...syntheticRun(0, 1), entries: [entry] })).not.toContain(
      'nothing has been changed',
    );
  });

  it('says why something has no proposal', () => {
    const page = renderIndex(syntheticRun(120, 5));
    expect(page).toContain('2: A service-linked role: only its service can change it');
    expect(page).toContain('4: None of its own policies grants what the finding reports unused');
    expect(page).toContain('arn:aws:iam::100000000000:role/aws-service-role/other-3');
  });

  it('contains no time unless given, and does not depend on the order of entries', () => {
    const run = syntheticRun(60, 60);
    const page = renderIndex(run);
    expect(
      renderIndex({ ...run, entries: [...run.entries].reverse(), others: [...run.others].reverse() }),
    ).toBe(page);
    expect(renderIndex({ ...run, madeAt: '2026-11-23T10:00:00Z' })).toContain(' · 2026-11-23T10:00:00Z');
    expect(page).not.toContain('2026-11-23');
  });

  it('stays below 5 MB for 10,000 different principals', () => {
    expect(Buffer.byteLength(renderIndex(syntheticRun(10_000, 10_000)))).toBeLessThan(5_000_000);
  });

  it('is readable for a run without findings', () => {
    expect(renderIndex(syntheticRun(0, 1))).toContain('The run saw no finding.');
  });
});

describe('signatures of outcomes', () => {
  const at = { folder: 'proposals/x/', hasReport: true };

  it('are the same for the same change in another account, and differ for another change', () => {
    const { proposal } = articleProposal();
    const moved = JSON.parse(
      JSON.stringify(proposal).replaceAll('123456789012', '210987654321'),
    ) as typeof proposal;
    const signature = runEntry(proposal, at, sha256).signature;
    expect(runEntry(moved, at, sha256).signature).toBe(signature);
    const other = articleProposal(['s3:GetBucketPolicy']).proposal;
    expect(runEntry(other, at, sha256).signature).not.toBe(signature);
  });

  it('lead to the report, or to the proposal if there is no report', () => {
    const { proposal } = articleProposal();
    expect(runEntry(proposal, at, sha256).path).toBe('proposals/x/report.html');
    expect(runEntry(proposal, { ...at, hasReport: false }, sha256).path).toBe('proposals/x/proposal.json');
  });
});

describe('a proposal with a warning', () => {
  it('shows the warning first, and can be found by it', () => {
    const run = syntheticRun(2, 1);
    const [first, second] = run.entries;
    const warned = { ...first!, warnings: ['s3:GetObject was used after the finding.'] };
    const page = renderIndex({ ...run, entries: [warned, second!] });
    expect(page).toContain(' · ⚠ Stop: s3:GetObject was used after the finding.');
    expect(page).toContain('<option value="⚠ stop">a warning that stops</option>');
    expect(renderIndex(run)).not.toContain('⚠');
  });
});
