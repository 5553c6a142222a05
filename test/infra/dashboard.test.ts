import { beforeAll, describe, expect, test } from 'vitest';
import { FUNCTION_METRICS } from '../../lambda/runtime/telemetry.ts';
import { mainTemplate, ORGANISATION, ofType } from './synth.ts';

type MetricRow = readonly (string | Readonly<Record<string, unknown>>)[];

interface Widget {
  readonly properties: { readonly title?: string; readonly metrics?: readonly MetricRow[] };
}

/** The text of an intrinsic function, with a word in the place of what only the deployment knows. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const join = (value as { readonly 'Fn::Join'?: readonly [string, readonly unknown[]] })['Fn::Join'];
  return join ? join[1].map(textOf).join(join[0]) : JSON.stringify(value).replace(/[^\w]/g, '');
}

describe('the dashboard', () => {
  let widgets: readonly Widget[];

  beforeAll(() => {
    const [dashboard] = ofType(mainTemplate(ORGANISATION), 'AWS::CloudWatch::Dashboard');
    const body = textOf(dashboard?.Properties?.['DashboardBody']);
    widgets = (JSON.parse(body) as { readonly widgets: readonly Widget[] }).widgets;
  });

  const rowsOf = (title: string): readonly MetricRow[] =>
    widgets.find(({ properties }) => properties.title === title)?.properties.metrics ?? [];
  const optionsOf = (row: MetricRow): Readonly<Record<string, unknown>> => {
    const last = row.at(-1);
    return typeof last === 'object' ? last : {};
  };

  test('shows what a sweep listed, stored, skipped and failed, and what is still queued', () => {
    const rows = rowsOf('Progress of a sweep').map(optionsOf);
    const shown = rows
      .filter(({ expression }) => expression !== undefined)
      .map(({ label, expression, yAxis }) => [label, expression, yAxis ?? 'left']);
    expect(shown).toEqual([
      ['listed', 'FILL(findingsListed, 0)', 'left'],
      ['stored, now or before', 'FILL(proposalsStored, 0) + FILL(proposalsExisting, 0)', 'left'],
      [
        'skipped, or nothing to do',
        'FILL(principalsUnchanged, 0) + FILL(findingsSkipped, 0) + FILL(findingsGone, 0)',
        'left',
      ],
      ['failed, to be tried again', 'FILL(findingsFailed, 0)', 'left'],
      ['left to the next sweep: account unreachable', 'FILL(findingsUnreachable, 0)', 'left'],
      [
        'findings waiting, deferred or under way',
        'findingsVisible + findingsDelayed + findingsTaken',
        'right',
      ],
      [
        'accounts waiting, deferred or under way',
        'accountsVisible + accountsDelayed + accountsTaken',
        'right',
      ],
    ]);
  });

  test('computes only with metrics that it has, each id once', () => {
    const rows = rowsOf('Progress of a sweep').map(optionsOf);
    const ids = rows.flatMap(({ id }) => (typeof id === 'string' ? [id] : []));
    expect(ids).toEqual([...new Set(ids)]);
    const used = rows
      .flatMap(({ expression }) => (typeof expression === 'string' ? [expression] : []))
      .flatMap((expression) => expression.match(/\b[a-z]\w+/g) ?? []);
    expect(used.filter((id) => !ids.includes(id))).toEqual([]);
  });

  test('shows only custom metrics that a function emits, with the same dimension', () => {
    const emitted = new Set<string>(Object.values(FUNCTION_METRICS).flat());
    const ours = widgets
      .flatMap(({ properties }) => properties.metrics ?? [])
      .filter(([namespace]) => namespace === 'UnusedAccessRefiner');
    expect(ours.length).toBeGreaterThan(20);
    for (const [, name, dimension, value] of ours) {
      expect([emitted.has(String(name)), dimension, value]).toEqual([
        true,
        'service',
        'unused-access-refiner',
      ]);
    }
  });
});
