import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderReport } from '../../lambda/report/proposal/report-html.ts';
import {
  administratorProposal,
  articleProposal,
  HOSTILE,
  hostileProposal,
  type MadeProposal,
} from '../report/proposals.ts';
import { brokenWords, openAllDetails, seriousFindings, sidewaysScroll, TestBrowser } from './browser.ts';

const browser = new TestBrowser();
beforeAll(() => browser.start());
afterAll(() => browser.stop());

const render = ({ proposal, universe }: MadeProposal): string =>
  renderReport(proposal, universe, { engineVersion: '0.1.0' });
/** What holds short words only, which no width of a screen has a reason to break. */
const SHORT = '.facts dt, .kinds th, .kinds td, .decide h3';
const REPORTS = [
  ["the article's role", render(articleProposal(['s3:GetBucketPolicy']))],
  ['AdministratorAccess', render(administratorProposal())],
  ['a hostile policy', render(hostileProposal())],
] as const;

describe.each(REPORTS)('the report of %s', (_, html) => {
  it('opens without browser errors and loads nothing else', async () => {
    const { page, complaints, requests } = await browser.open(html);
    expect(complaints).toEqual([]);
    expect(requests).toEqual([]);
    expect(await page.locator('h1').count()).toBe(1);
    await page.close();
  });

  it('runs no injected code', async () => {
    const attack = `<script>document.title='owned'</script><img src="https://example.com/x" onerror="document.title='owned'"><style>body{display:none}</style><p style="color:red">styled</p></main>`;
    const { page, complaints, requests } = await browser.open(html.replace('</main>', attack));
    expect(await page.title()).not.toContain('owned');
    expect(await page.locator('body').isVisible()).toBe(true);
    expect(await page.getByText('styled').evaluate((element) => getComputedStyle(element).color)).not.toBe(
      'rgb(255, 0, 0)',
    );
    expect(
      complaints.filter((text) => text.includes('Content Security Policy')).length,
    ).toBeGreaterThanOrEqual(3);
    expect(requests).toEqual([]);
    await page.close();
  });

  it('draws the trie visibly', async () => {
    const { page } = await browser.open(html);
    await openAllDetails(page);
    const trie = page.locator('svg.trie').first();
    await trie.scrollIntoViewIfNeeded();
    const box = await trie.boundingBox();
    expect(box?.width).toBeGreaterThan(150);
    expect(box?.height).toBeGreaterThan(150);
    expect(await trie.locator('.chosen').count()).toBeGreaterThan(1);
    expect(await trie.locator('.unsafe').first().isVisible()).toBe(true);
    const fill = (selector: string): Promise<string> =>
      trie
        .locator(selector)
        .first()
        .evaluate((element) => getComputedStyle(element).fill);
    expect(await fill('.unsafe rect')).toBe('rgb(253, 238, 223)');
    expect(await fill('.chosen rect')).toBe('rgb(228, 243, 234)');
    await page.close();
  });

  it('can be navigated by keyboard in reading order, with visible focus', async () => {
    const { page } = await browser.open(html);
    const seen: { readonly place: number; readonly name: string; readonly outline: string }[] = [];
    for (let i = 0; i < 12; i += 1) {
      await page.keyboard.press('Tab');
      seen.push(
        await page.evaluate(() => {
          const element = document.activeElement;
          return {
            place: element ? [...document.querySelectorAll('*')].indexOf(element) : -1,
            name: element?.textContent.trim().slice(0, 30) ?? '',
            outline: element ? getComputedStyle(element).outlineStyle : 'none',
          };
        }),
      );
    }
    expect(seen[0]?.name).toBe('Skip to the content');
    expect(seen.map(({ place }) => place)).toEqual(seen.map(({ place }) => place).sort((a, b) => a - b));
    expect(new Set(seen.map(({ place }) => place)).size).toBe(12);
    expect(seen.filter(({ outline }) => outline === 'none')).toEqual([]);
    await page.close();
  });

  it('unfolds parts by keyboard', async () => {
    const { page } = await browser.open(html);
    const summary = page.locator('#services summary').first();
    await summary.focus();
    await page.keyboard.press('Enter');
    expect(
      await page
        .locator('#services details')
        .first()
        .evaluate((element) => element.hasAttribute('open')),
    ).toBe(true);
    await page.close();
  });

  it.each(['light', 'dark'] as const)('has no serious axe-core violations, %s', async (scheme) => {
    const { page } = await browser.open(html, { scheme });
    // Thousands of equal list items unfolded tell axe-core nothing new and take it half a minute.
    if (html.length < 200_000) await openAllDetails(page);
    expect(await seriousFindings(page)).toEqual([]);
    await page.close();
  });

  it('does not scroll sideways on a phone, folded or unfolded', async () => {
    const { page } = await browser.open(html, { width: 390 });
    expect(await sidewaysScroll(page)).toBe(0);
    await openAllDetails(page);
    expect(await sidewaysScroll(page)).toBe(0);
    await page.close();
  });

  it('supports dark mode', async () => {
    const { page } = await browser.open(html, { scheme: 'dark' });
    const colour = (property: 'color' | 'backgroundColor'): Promise<string> =>
      page.locator('body').evaluate((body, name) => getComputedStyle(body)[name], property);
    expect(await colour('backgroundColor')).toBe('rgb(18, 21, 25)');
    expect(await colour('color')).toBe('rgb(231, 233, 236)');
    await page.close();
  });

  it('prints everything that is folded on the screen, on a white background', async () => {
    const { page } = await browser.open(html, { scheme: 'dark' });
    const inside = page.locator('details .names, details .chips').first();
    expect(await inside.isVisible()).toBe(false);
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await inside.isVisible()).toBe(true);
    expect(await page.locator('nav').isVisible()).toBe(false);
    // The whole trie says again what the list of actions says, and is taller than a page.
    expect(await page.getByText('Draw the trie down to every action').first().isVisible()).toBe(false);
    expect(await page.locator('body').evaluate((body) => getComputedStyle(body).backgroundColor)).toBe(
      'rgb(255, 255, 255)',
    );
    expect((await page.pdf()).subarray(0, 5).toString()).toBe('%PDF-');
    await page.close();
  });
});

const linked = ({ proposal, universe }: MadeProposal, more: Partial<MadeProposal['proposal']> = {}): string =>
  renderReport({ ...proposal, ...more }, universe, {
    engineVersion: '0.1.0',
    links: { index: '../../../../../index.html' },
  });
const CARDS = [
  [
    "the article's role",
    linked(articleProposal(['s3:GetBucketPolicy']), {
      warnings: ['s3:GetObject was used on 2026-11-24, after the finding was made.'],
      assumedBy: ['the service ec2.amazonaws.com'],
      lastUsedAt: '2026-11-24T00:00:00.000Z',
      owner: 'payments',
    }),
  ],
  [
    'AdministratorAccess',
    linked(administratorProposal(), { warnings: ['Wait for the end of the quarter.'] }),
  ],
  [
    'a hostile policy',
    linked(hostileProposal(), { warnings: [HOSTILE], assumedBy: [HOSTILE], owner: HOSTILE }),
  ],
] as const;

describe.each(CARDS)('the decision card of %s', (_, html) => {
  it('shows warnings first, then the principal, what is removed and what stays, how to decide, the proof and links', async () => {
    const { page } = await browser.open(html, { width: 1400 });
    const parts = [
      'h1',
      '.warned',
      '.verdict',
      '.facts',
      '.kinds',
      '.pair h3',
      '.decide',
      '.proof',
      '.links',
      'nav',
    ];
    const tops = await Promise.all(
      parts.map((part) =>
        page
          .locator(`header.top ${part}`)
          .first()
          .evaluate((element) => element.getBoundingClientRect().top),
      ),
    );
    // What is known and the kinds stand side by side.
    const inOrder = tops.filter((_top, i) => i !== 4);
    expect(inOrder).toEqual([...inOrder].sort((a, b) => a - b));
    expect(await page.locator('.decide h3').allTextContents()).toEqual(['Yes', 'Partly', 'No']);
    expect(await page.locator('.proof').textContent()).toContain('Proven is not safe');
    await page.close();
  });

  it('shows "Decide" on the first screen, and how to apply at most two screens down', async () => {
    const { page } = await browser.open(html, { width: 1400 });
    const top = (selector: string): Promise<number> =>
      page.locator(selector).evaluate((element) => element.getBoundingClientRect().top);
    expect(await top('.decide')).toBeLessThan(900);
    expect(await top('#apply')).toBeLessThan(1800);
    await page.close();
  });

  it('folds tries and lists of patterns', async () => {
    const { page } = await browser.open(html, { width: 1400 });
    expect(await page.locator('svg.trie').first().isVisible()).toBe(false);
    expect(await page.locator('dl.rules').first().isVisible()).toBe(false);
    await page.close();
  });

  it('links the overview, the finding and IAM, and every internal link has a target', async () => {
    const { page } = await browser.open(html, { width: 1400 });
    const hrefs = await page
      .locator('a')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
    expect(hrefs).toContain('../../../../../index.html');
    expect(hrefs.filter((href) => href.startsWith('https://')).length).toBe(2);
    for (const href of hrefs.filter((one) => one.startsWith('#'))) {
      expect(await page.locator(`[id="${href.slice(1)}"]`).count(), href).toBe(1);
    }
    await page.close();
  });

  it('has no serious axe-core violations, and on a phone neither scrolls sideways nor breaks short words', async () => {
    const { page } = await browser.open(html, { width: 390 });
    expect(await seriousFindings(page)).toEqual([]);
    expect(await sidewaysScroll(page)).toBe(0);
    expect(await brokenWords(page, SHORT)).toEqual([]);
    await page.close();
  });
});

describe('a report without scripts', () => {
  const plain = new TestBrowser();
  beforeAll(() => plain.start());
  afterAll(() => plain.stop());

  it('lets the reader choose between side by side and unified', async () => {
    const { page } = await plain.open(REPORTS[0][1], { javaScript: false });
    await page.getByText('Unified', { exact: true }).click();
    expect(await page.locator('.uni').first().isVisible()).toBe(true);
    expect(await page.locator('.two').first().isVisible()).toBe(false);
    await page.getByText('Side by side', { exact: true }).click();
    expect(await page.locator('.two').first().isVisible()).toBe(true);
    expect(await page.locator('.uni').first().isVisible()).toBe(false);
    await page.close();
  });
});
