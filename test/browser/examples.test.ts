import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runHere } from '../cli/in-process.ts';
import { brokenWords, openAllDetails, seriousFindings, sidewaysScroll, TestBrowser } from './browser.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/account/', import.meta.url));
const browser = new TestBrowser();
const out = mkdtempSync(join(tmpdir(), 'example-reports-'));

beforeAll(async () => {
  const inputs = ['--account-details', `${EXAMPLE}account-details.json`, '--findings', `${EXAMPLE}findings`];
  const more = ['--config', `${EXAMPLE}settings.json`, '--last-accessed', `${EXAMPLE}last-accessed`];
  await runHere(['account', ...inputs, ...more, '--out', out, '--jobs', '1']);
  await browser.start();
});
afterAll(async () => {
  await browser.stop();
  rmSync(out, { recursive: true });
});

/** By its subject, as `role/MyRole`: where the report lies below the folder of the run. */
function reports(): ReadonlyMap<string, string> {
  const files = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('report.html'),
  );
  return new Map(files.map((file) => [file.split('/').slice(2, 4).join('/'), file]));
}

function htmlOf(file: string | undefined): string {
  return readFileSync(join(out, file ?? ''), 'utf8');
}

async function topOf(page: Page, selector: string): Promise<number> {
  return page
    .locator(selector)
    .first()
    .evaluate((element) => element.getBoundingClientRect().top);
}

/** A report with a warning: what stops a proposal comes from later runs. */
function warned(html: string): string {
  return html.replace('<p class="verdict"', '<p class="warned" role="note"><b>⚠ Stop.</b> Wait.</p>$&');
}

it('are of every kind', () => {
  expect([...reports().keys()].sort()).toEqual([
    'group/Releasers',
    'policy/SharedObservability',
    'role/MyRole',
    'role/checkout-api',
    'role/ci-deployer',
    'role/compliance-auditor',
    'role/inventory-api',
    'role/legacy-batch',
    'role/orders-pipeline',
    'role/payments-api',
    'role/platform-engineer',
    'role/search-api',
    'user/backup-agent',
    'user/build-bot',
    'user/console-operator',
  ]);
});

it('all reach "Decide" on the first screen and "Apply" within two, at 1400 by 900', async () => {
  const far: string[] = [];
  for (const [subject, file] of reports()) {
    const { page, complaints } = await browser.open(htmlOf(file), { width: 1400 });
    const [decide, apply] = [await topOf(page, '.decide'), await topOf(page, '#apply')];
    if (decide >= 900 || apply >= 1_800 || complaints.length > 0) {
      far.push(`${subject}: ${String(decide)}, ${String(apply)}, ${complaints.join()}`);
    }
    await page.close();
  }
  expect(far).toEqual([]);
});

it('all links lead to existing targets: sections, the overview, and other reports', async () => {
  const dead: string[] = [];
  const overview = htmlOf('index.html');
  for (const [subject, file] of reports()) {
    const html = htmlOf(file);
    const links = [...html.matchAll(/<a href="([^"]*)"/g)].map(([, href = '']) =>
      href.replaceAll('&amp;', '&'),
    );
    for (const href of links) {
      const [, below = '', anchor] = /^(?!https:)([^#]*)(?:#(.*))?$/.exec(href) ?? [];
      if (href.startsWith('https://')) {
        if (!URL.canParse(href)) dead.push(`${subject}: ${href}`);
        continue;
      }
      const isOverview = resolve(dirname(join(out, file)), below) === join(out, 'index.html');
      if (below !== '' && !isOverview) dead.push(`${subject}: ${href}`);
      const target = below === '' ? html : overview;
      if (anchor !== undefined && !target.includes(`id="${anchor}"`)) dead.push(`${subject}: ${href}`);
    }
    expect(links, subject).toContain('../../../../../index.html');
    expect(overview).toContain(`href="${file}"`);
  }
  expect(dead).toEqual([]);
});

describe.each([
  [
    'a role that is not used',
    'role/legacy-batch',
    ['Yes', 'No'],
    ['.facts', '.pair h3', '.decide', '.links'],
  ],
  ['an access key', 'user/backup-agent', ['Yes', 'No'], ['.facts', '.decide', '.links']],
  ['a password', 'user/console-operator', ['Yes', 'No'], ['.facts', '.decide', '.links']],
  [
    "a user's permissions",
    'user/build-bot',
    ['Yes', 'Partly', 'No'],
    ['.facts', '.pair h3', '.decide', '.proof', '.links'],
  ],
  [
    'a shared policy',
    'policy/SharedObservability',
    ['Yes', 'Partly', 'No'],
    ['.facts', '.pair h3', '.decide', '.proof', '.links'],
  ],
  [
    'a group',
    'group/Releasers',
    ['Yes', 'Partly', 'No'],
    ['.facts', '.pair h3', '.decide', '.proof', '.links'],
  ],
])('the decision card of %s', (_, subject, ways, parts) => {
  const html = (): string => htmlOf(reports().get(subject));

  it('shows warnings first, then its parts in order', async () => {
    const { page } = await browser.open(warned(html()), { width: 1400 });
    const tops: number[] = [];
    for (const part of ['h1', '.warned', '.verdict', ...parts, 'nav']) {
      tops.push(await topOf(page, `header.top ${part}`));
    }
    expect(tops).toEqual([...tops].sort((a, b) => a - b));
    expect(new Set(tops).size).toBe(tops.length);
    expect(await page.locator('.decide h3').allTextContents()).toEqual(ways);
    await page.close();
  });

  it.each(['light', 'dark'] as const)('has no serious axe-core violations, %s', async (scheme) => {
    const { page } = await browser.open(html(), { scheme });
    await openAllDetails(page);
    expect(await seriousFindings(page)).toEqual([]);
    await page.close();
  });

  it('neither scrolls sideways nor breaks a word on a phone', async () => {
    const { page } = await browser.open(html(), { width: 390 });
    expect(await sidewaysScroll(page)).toBe(0);
    expect(await brokenWords(page, '.verdict, .facts, .kinds, .pair, .decide, .proof, .links, nav')).toEqual(
      [],
    );
    await page.close();
  });
});

it('the overview neither breaks a word nor scrolls sideways, on a desktop or a phone', async () => {
  for (const width of [390, 1400]) {
    const { page } = await browser.open(htmlOf('index.html'), { width });
    expect(await sidewaysScroll(page)).toBe(0);
    expect(await brokenWords(page, 'h1, .verdict, .facts, .tiles, .run'), String(width)).toEqual([]);
    expect(await seriousFindings(page)).toEqual([]);
    await page.close();
  }
});
