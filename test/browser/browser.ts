import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type axe from 'axe-core';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export interface OpenOptions {
  readonly width?: number;
  readonly scheme?: 'light' | 'dark';
  readonly javaScript?: boolean;
}

/** A page that is open, and everything the browser had to complain about since. */
export interface OpenPage {
  readonly page: Page;
  readonly complaints: readonly string[];
  /** Addresses that the page asked for; its own is left out, and so is what its policy forbade. */
  readonly requests: readonly string[];
}

/** Chromium with a profile of its own, and pages opened from files, as a reader opens them. */
export class TestBrowser {
  readonly #folder = mkdtempSync(join(tmpdir(), 'report-browser-'));
  #context: BrowserContext | undefined;

  /** @throws Error when CHROMIUM does not name a browser; `npm run test:browser` sets it */
  async start(): Promise<void> {
    this.#context = await this.#launch(true);
  }

  async open(html: string, options: OpenOptions = {}): Promise<OpenPage> {
    const { width = 1280, scheme = 'light', javaScript = true } = options;
    if (!javaScript && this.#context) {
      await this.#context.close();
      this.#context = await this.#launch(false);
    }
    const page = await this.#current().newPage();
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme: scheme });
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    const file = join(this.#folder, 'page.html');
    const address = pathToFileURL(file).href;
    page.on('request', (request) => {
      if (request.url() !== address && !request.url().startsWith('data:')) requests.push(request.url());
    });
    page.on('requestfailed', (request) => {
      if (request.failure()?.errorText !== 'csp') return;
      requests.splice(requests.indexOf(request.url()), 1);
    });
    writeFileSync(file, html);
    await page.goto(address, { waitUntil: 'load' });
    return { page, complaints, requests };
  }

  async stop(): Promise<void> {
    await this.#context?.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #current(): BrowserContext {
    if (!this.#context) throw new Error('the browser was not started');
    return this.#context;
  }

  #launch(javaScriptEnabled: boolean): Promise<BrowserContext> {
    const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
    return chromium.launchPersistentContext(mkdtempSync(join(this.#folder, 'profile-')), {
      executablePath,
      headless: true,
      javaScriptEnabled,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
  }
}

export async function openAllDetails(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true;
  });
}

/** Serious and critical findings of axe-core, each with the element it is about. */
export async function seriousFindings(page: Page): Promise<readonly string[]> {
  // Evaluated from outside: the page's own policy would rightly refuse the script.
  await page.evaluate(AXE);
  const results = await page.evaluate(async () => {
    const tester = (globalThis as unknown as { axe: typeof axe }).axe;
    return tester.run(document, { resultTypes: ['violations'] });
  });
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.slice(0, 5).map((node) => `${id}: ${node.html.slice(0, 200)} ${node.failureSummary ?? ''}`),
    );
}

/** How far the page can be scrolled to the side, in CSS pixels. */
export function sidewaysScroll(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** Words, of the text of each such element, that begin in one line and end in another. */
export function brokenWords(page: Page, selector: string): Promise<readonly string[]> {
  return page.evaluate((wanted) => {
    const broken: string[] = [];
    for (const element of document.querySelectorAll(wanted)) {
      const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
      for (let node = texts.nextNode(); node; node = texts.nextNode()) {
        const range = document.createRange();
        for (const { 0: word, index } of (node.textContent ?? '').matchAll(/[^\s\-/:→]+/g)) {
          range.setStart(node, index);
          range.setEnd(node, index + word.length);
          const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
          if (lines.size > 1) broken.push(word);
        }
      }
    }
    return broken;
  }, selector);
}
