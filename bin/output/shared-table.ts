import type { SharedEntry } from '../../lambda/report/run/run-overview.ts';
import { printable } from './terminal.ts';
import { renderTextTable } from './text-table.ts';

/** What the table of a run says about shared policies and groups; undefined where there are none. */
export function renderShared(
  entries: readonly SharedEntry[],
  columns: number | undefined,
): string | undefined {
  if (entries.length === 0) return undefined;
  const proposed = entries.filter(({ outcome }) => outcome === 'proposed');
  const total = `shared policies and groups: ${counted(proposed.length, 'proposal')}, ${String(entries.length - proposed.length)} without one`;
  if (proposed.length === 0) return total;
  const rows = proposed.map(({ subject, principals = 0, numbers, reason, warnings = [] }) => [
    printable(`${subject.type} ${subject.name}`),
    number(principals),
    `${number(numbers?.actionsGrantedBefore ?? 0)} → ${number(numbers?.actionsGrantedAfter ?? 0)}`,
    printable([...warnings.map((warning) => `STOP: ${warning}`), reason].join(' ')),
  ]);
  const table = renderTextTable({
    head: ['Shared', 'Principals', 'Actions granted', 'Together or separately'],
    rows,
    right: new Set([1, 2]),
    columns,
    squeeze: [
      { column: 3, least: 24 },
      { column: 0, least: 20 },
      { column: 3, least: 18 },
    ],
  });
  return `${total}\n\n${table}`;
}

/** What failed, one line each. */
export function sharedComplaints(entries: readonly SharedEntry[], accountDetails: string): readonly string[] {
  return entries
    .filter(({ outcome }) => outcome === 'failed')
    .map(({ subject, reason }) => `${accountDetails}: ${subject.arn}: ${reason}`);
}

function counted(count: number, one: string): string {
  return `${number(count)} ${one}${count === 1 ? '' : 's'}`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
