import { expect, test } from 'vitest';
import { Complaints } from './complaints.ts';

test('warnings and errors are counted by function, message and code, but not partial or other lines', () => {
  const complaints = new Complaints();
  const line = (level: string, message: string, code?: string) =>
    JSON.stringify({ level, message, ...(code === undefined ? {} : { code }) });
  complaints.logLine('notify', line('WARN', 'late'));
  for (let n = 0; n < 2; n += 1) complaints.logLine('refine', line('ERROR', 'finding failed', 'throttled'));
  complaints.logLine('refine', line('ERROR', 'finding failed', 'access-denied'));
  complaints.logLine('refine', line('INFO', 'proposal is stored'));
  complaints.logLine('refine', '{"level":"ERROR","mess');
  expect(Object.entries(complaints.counts)).toEqual([
    ['refine: finding failed (throttled)', 2],
    ['notify: late', 1],
    ['refine: finding failed (access-denied)', 1],
  ]);
});
