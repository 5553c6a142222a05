import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Renders the README's picture: examples/report/report.html from the top to the end of the trie drawing. */
export async function run(): Promise<void> {
  const { chromium } = await import('playwright-core');
  const folder = resolve('examples', 'report');
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1080, height: 900 }, colorScheme: 'light' });
    await page.goto(pathToFileURL(resolve(folder, 'report.html')).href);
    const trie = await page.locator('.draw').first().boundingBox();
    const height = Math.ceil((trie?.y ?? 0) + (trie?.height ?? 900) + 24);
    await page.screenshot({
      path: resolve(folder, 'report.png'),
      clip: { x: 0, y: 0, width: 1080, height },
      fullPage: true,
    });
  } finally {
    await browser.close();
  }
}
