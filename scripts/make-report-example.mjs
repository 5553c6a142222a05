// Makes examples/report anew: the article's role as report.html, message.txt, message.json, chat.json and report.md.
// A test compares them byte for byte with what the code makes. With --picture it also takes the README's picture of the
// report, for which CHROMIUM (default /usr/bin/chromium) must be there: node scripts/make-report-example.mjs [--picture]
import { build } from 'esbuild';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'examples', 'report');
const work = mkdtempSync(join(tmpdir(), 'report-example-'));
try {
  const outfile = join(work, 'example.mjs');
  const from = join(root, 'test', 'report', 'example.ts');
  await build({
    entryPoints: [from],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'error',
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(from).href) },
  });
  const { exampleFiles } = await import(pathToFileURL(outfile).href);
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of exampleFiles()) writeFileSync(join(folder, name), text);
  if (process.argv.includes('--picture')) await takePicture();
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** From the verdict down to the end of the drawn trie. */
async function takePicture() {
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1080, height: 900 }, colorScheme: 'light' });
    await page.goto(pathToFileURL(join(folder, 'report.html')).href);
    const trie = await page.locator('.draw').first().boundingBox();
    const height = Math.ceil((trie?.y ?? 0) + (trie?.height ?? 900) + 24);
    await page.screenshot({
      path: join(folder, 'report.png'),
      clip: { x: 0, y: 0, width: 1080, height },
      fullPage: true,
    });
  } finally {
    await browser.close();
  }
}
