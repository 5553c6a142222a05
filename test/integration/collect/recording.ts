import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { CollectWorld } from './collect-world.ts';

/** Columns of the terminal: what a page of text holds. */
const COLUMNS = 100;
/** Lines of progress, and rows of a table, that are left. */
const STEPS = 7;
const ROWS = 4;

/** What a terminal shows of a command, with one line below the other: `shown` is typed, and `args` are what runs. */
export async function recorded(
  world: CollectWorld,
  shown: readonly string[],
  args: readonly string[],
): Promise<string> {
  const cli = path.resolve('build/integration/collect/cli.mjs');
  const command = `stty cols ${String(COLUMNS)}; exec ${[process.execPath, cli, ...args].join(' ')}`;
  const terminal = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    cwd: world.folder,
    env: { ...world.environment(), TERM: 'xterm', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  terminal.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await once(terminal, 'close');
  if (terminal.exitCode !== 0)
    throw new Error(`${shown.join(' ')} ended with ${String(terminal.exitCode)}: ${text}`);
  const lines = text
    // What goes back to the beginning of a line, and what else moves the cursor or clears.
    .replace(/\u001b\[[0-9]*G/g, '\n')
    .replace(/\u001b(?:\[[0-9;?]*[A-Za-z]|[78])/g, '')
    .split(/[\r\n]+/)
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && !/^[█░=-]+ \d+\/\d+ /.test(line));
  const kept = thin(lines, (line) => /^account \d{12}: /.test(line), STEPS, STEPS);
  const rows = thin(kept, (line) => /^(?:role|user) |^ /.test(line), ROWS, 2, '...');
  return `$ npx --no-install unused-access-refiner ${shown.join(' ')}\n${rows.join('\n')}\n`;
}

/** Of the lines that match, `first` from the beginning or evenly over all of them where no mark stands for the rest. */
function thin(
  lines: readonly string[],
  matches: (line: string) => boolean,
  first: number,
  last: number,
  mark?: string,
): readonly string[] {
  const places = lines.flatMap((line, place) => (matches(line) ? [place] : []));
  if (places.length <= first + (mark === undefined ? 0 : last)) return lines;
  const step = (places.length - 1) / (first - 1);
  const kept = new Set(
    mark === undefined
      ? Array.from({ length: first }, (_, index) => places[Math.round(index * step)])
      : [...places.slice(0, first), ...places.slice(-last)],
  );
  const gap = places[first];
  return lines.flatMap((line, place) => {
    if (!matches(line) || kept.has(place)) return [line];
    return mark !== undefined && place === gap ? [mark] : [];
  });
}
