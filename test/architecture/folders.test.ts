import { describe, expect, test } from 'vitest';
import { allImports, sourcesUnder } from './modules.ts';

/*
 * Folders inside a layer have an order too, and nothing imports in a circle, types included: a reader can begin
 * anywhere and never comes back to where he was.
 */

/** The core front to back: each folder imports only itself and those before it, types included. */
const CORE = [
  'pattern',
  'model',
  'catalogue',
  'usage',
  'refine',
  'fit',
  'verify',
  'plan',
  'risk',
  'decision',
  'proposal',
  'opinion',
  'lifecycle',
];

/** Folders whose own folders must not import each other in a circle; loose files count as one folder. */
const LAYERS = [
  'lambda',
  'lambda/core',
  'lambda/report',
  'lambda/use-cases',
  'lambda/adapters',
  'lambda/adapters/aws',
  'lambda/runtime',
  'lib',
  'bin',
];

const imports = allImports('lambda', 'lib', 'bin').filter(({ to }) => to.endsWith('.ts'));

/** Nodes that reach themselves, each circle as one sorted line. */
function circlesOf(edges: readonly (readonly [from: string, to: string])[]): readonly string[] {
  const next = new Map<string, Set<string>>();
  for (const [from, to] of edges) next.set(from, (next.get(from) ?? new Set()).add(to));
  const reachedFrom = (start: string): ReadonlySet<string> => {
    const reached = new Set(next.get(start));
    for (const node of reached) for (const further of next.get(node) ?? []) reached.add(further);
    return reached;
  };
  const reaches = new Map([...next.keys()].map((node) => [node, reachedFrom(node)]));
  const lines = [...reaches].flatMap(([node, reached]) =>
    reached.has(node)
      ? [
          [...reached]
            .filter((other) => reaches.get(other)?.has(node))
            .sort()
            .join(' ↔ '),
        ]
      : [],
  );
  return [...new Set(lines)].sort();
}

function folderIn(layer: string, path: string): string | undefined {
  if (!path.startsWith(`${layer}/`)) return undefined;
  const [first = '', ...rest] = path.slice(layer.length + 1).split('/');
  return rest.length === 0 ? '.' : first;
}

describe('inside the layers', () => {
  test('a circle would be detected', () => {
    expect(
      circlesOf([
        ['a', 'b'],
        ['b', 'c'],
        ['c', 'a'],
        ['c', 'd'],
        ['e', 'e'],
      ]),
    ).toEqual(['a ↔ b ↔ c', 'e']);
  });

  test('no files import each other in a circle, types included', () => {
    expect(circlesOf(imports.map(({ from, to }) => [from, to] as const))).toEqual([]);
  });

  test.each(LAYERS)('no folders of %s import each other in a circle', (layer) => {
    const edges = imports.flatMap(({ from, to }) => {
      const [a, b] = [folderIn(layer, from), folderIn(layer, to)];
      return a === undefined || b === undefined || a === b ? [] : [[a, b] as const];
    });
    expect(circlesOf(edges)).toEqual([]);
  });

  test('the core imports front to back', () => {
    const folders = new Set(sourcesUnder('lambda/core').map((path) => folderIn('lambda/core', path)));
    expect([...folders].sort()).toEqual([...CORE].sort());
    const backwards = imports.filter(({ from, to }) => {
      const [a, b] = [folderIn('lambda/core', from), folderIn('lambda/core', to)];
      return a !== undefined && b !== undefined && CORE.indexOf(a) < CORE.indexOf(b);
    });
    expect(backwards.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });
});
