import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderIndex } from '../../lambda/report/run/index-page.ts';
import type { RunOverview } from '../../lambda/report/run/run-overview.ts';
import { HOSTILE } from '../report/proposals.ts';
import { syntheticRun } from '../report/runs.ts';
import { openAllDetails, seriousFindings, sidewaysScroll, TestBrowser } from './browser.ts';

const browser = new TestBrowser();
beforeAll(() => browser.start());
afterAll(() => browser.stop());

/** Some of it is applied, resolved and superseded by now, once with a reason that tries to break out. */
function laterRun(): RunOverview {
  const run = syntheticRun(120, 30);
  const states = [
    { name: 'applied', reason: 'inline policy Read is as it proposes' },
    { name: 'resolved', reason: 'the finding is RESOLVED' },
    { name: 'superseded', reason: HOSTILE },
  ] as const;
  return {
    ...run,
    entries: run.entries.map((entry, i) => {
      const state = i % 5 === 0 ? states[i % 3] : undefined;
      return state ? { ...entry, state } : entry;
    }),
  };
}

/** A few hundred principals, among them one whose name, account and reasons try to break out. */
function hostileRun(): RunOverview {
  const run = syntheticRun(300, 250);
  const first = run.entries[0]!;
  const name = `+=,.@-_${HOSTILE}`;
  return {
    ...run,
    entries: [
      ...run.entries,
      {
        ...first,
        principal: { ...first.principal, name },
        path: `proposals/${name}/report.html`,
        refused: [{ policy: HOSTILE, reason: HOSTILE }],
        signature: 'hostile',
      },
    ],
    others: [...run.others, { outcome: 'failed', resource: HOSTILE, reason: HOSTILE }],
  };
}

const status = '#permissions [role=status]';

describe('the overview of a run', () => {
  it('opens without errors, whatever names contain, and runs only its own script', async () => {
    const html = renderIndex(hostileRun()).replace(
      '</main>',
      `<script>document.title='owned'</script></main>`,
    );
    const { page, complaints, requests } = await browser.open(html);
    expect(await page.title()).toBe('Unused access: proposals of a run');
    expect(complaints.every((text) => text.includes('Content Security Policy'))).toBe(true);
    expect(complaints).toHaveLength(1);
    expect(requests).toEqual([]);
    await page.close();
  });

  it('shows the first hundred rows and has pages', async () => {
    const { page, complaints } = await browser.open(renderIndex(hostileRun()));
    expect(await page.locator(status).textContent()).toBe('Rows 1 to 100 of 246');
    await page.locator('#permissions').getByText('Next').click();
    expect(await page.locator(status).textContent()).toBe('Rows 101 to 200 of 246');
    expect(await page.locator('#permissions tbody tr').count()).toBe(100);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('can be searched by name, account and remark, and sorted by share', async () => {
    const { page } = await browser.open(renderIndex(hostileRun()));
    await page.getByLabel('Name, account or ARN contains').fill('ROLE-00042');
    expect(await page.locator(status).textContent()).toBe('Rows 1 to 1 of 1');
    await page.getByLabel('Name, account or ARN contains').fill('no such name');
    expect(await page.locator(status).textContent()).toBe('No row matches.');
    await page.getByLabel('Name, account or ARN contains').fill('');
    await page.getByLabel('With', { exact: true }).selectOption('policies not refined');
    expect(await page.locator(status).textContent()).toBe('Rows 1 to 2 of 2');
    await page.getByLabel('With', { exact: true }).selectOption('anything');
    await page.getByLabel('Order').selectOption('largest share first');
    const shares = await page.locator('#permissions tbody td:nth-child(4)').allTextContents();
    const numbers = shares.map((text) => Number(/\(>?(\d+)%\)/.exec(text)?.[1]));
    // The page orders by tenths of a per cent, which may round either way.
    expect(numbers.every((number, i) => number <= (numbers[i - 1] ?? 100) + 1)).toBe(true);
    expect([numbers[0], numbers.length]).toEqual([99, 100]);
    expect(numbers.at(-1)).toBeLessThan(90);
    await page.close();
  });

  it('finds proposals that are no longer current, which come last and are labelled', async () => {
    const { page, complaints } = await browser.open(renderIndex(laterRun()));
    const rows = page.locator('#permissions tbody tr');
    expect(await rows.first().locator('.tag').count()).toBe(0);
    expect(await rows.last().locator('.tag').count()).toBe(1);
    await page.getByLabel('With', { exact: true }).selectOption('proposals no longer current');
    const marks = await rows.locator('.tag').allTextContents();
    expect(new Set(marks)).toEqual(new Set(['applied', 'resolved', 'superseded']));
    expect(marks).toHaveLength(await rows.count());
    expect(complaints).toEqual([]);
    await page.close();
  });

  it.each(['light', 'dark'] as const)(
    'has no serious axe-core violations with past proposals, %s',
    async (scheme) => {
      const { page } = await browser.open(renderIndex(laterRun()), { scheme });
      await openAllDetails(page);
      expect(await seriousFindings(page)).toEqual([]);
      await page.close();
    },
  );

  it('links each report by a path that the file system understands', async () => {
    const { page } = await browser.open(renderIndex(hostileRun()));
    await page.getByLabel('Name, account or ARN contains').fill('+=,.@-_');
    const href = await page
      .locator('#permissions tbody a')
      .first()
      .evaluate((link: HTMLAnchorElement) => link.href);
    expect(decodeURIComponent(href)).toContain(`/proposals/+=,.@-_${HOSTILE}/report.html`);
    await page.close();
  });

  it('can show and filter 10,000 principals', async () => {
    const { page, complaints } = await browser.open(renderIndex(syntheticRun(10_000, 10_000)));
    expect(await page.locator(status).textContent()).toBe('Rows 1 to 100 of 9,800');
    await page.getByLabel('Name, account or ARN contains').fill('team-42-');
    expect(await page.locator(status).textContent()).toBe('Rows 1 to 100 of 101');
    expect(complaints).toEqual([]);
    await page.close();
  });

  it.each(['light', 'dark'] as const)('has no serious axe-core violations, %s', async (scheme) => {
    const { page } = await browser.open(renderIndex(syntheticRun(120, 30)), { scheme });
    await openAllDetails(page);
    expect(await seriousFindings(page)).toEqual([]);
    await page.close();
  });

  it('does not scroll sideways on a phone', async () => {
    const { page } = await browser.open(renderIndex(hostileRun()), { width: 390 });
    await openAllDetails(page);
    expect(await sidewaysScroll(page)).toBe(0);
    await page.close();
  });

  it('can be read without scripts: every principal is there, folded after the first rows', async () => {
    const plain = new TestBrowser();
    await plain.start();
    try {
      const { page } = await plain.open(renderIndex(syntheticRun(300, 250)), { javaScript: false });
      expect(await page.locator('#filters').isVisible()).toBe(false);
      expect(await page.locator('#permissions a').count()).toBe(294);
      expect(await page.locator('#permissions td > a').first().isVisible()).toBe(true);
      await page.getByText('Rows 201 to 245').click();
      expect(await page.locator('#permissions .rest td > a').first().isVisible()).toBe(true);
    } finally {
      await plain.stop();
    }
  });
});
