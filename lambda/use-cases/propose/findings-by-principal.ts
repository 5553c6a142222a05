import type { Finding, FindingReference, FindingSource } from '../../ports/findings.ts';
import type { UnusedFindings } from '../../ports/findings.ts';

/** The ACTIVE findings of a source by principal. Each is read again whenever it is needed. */
export function findingsByPrincipal(
  references: readonly FindingReference[],
  source: FindingSource,
): UnusedFindings {
  const byPrincipal = new Map<string, FindingReference[]>();
  for (const reference of references) {
    const known = byPrincipal.get(reference.resource);
    if (known) known.push(reference);
    else byPrincipal.set(reference.resource, [reference]);
  }
  return {
    about: async (principalArn) => {
      const found: Finding[] = [];
      for (const reference of byPrincipal.get(principalArn) ?? []) {
        const answer = await source.getFinding(reference);
        if (answer.kind === 'unreadable') return undefined;
        if (answer.kind === 'found' && answer.finding.status === 'ACTIVE') found.push(answer.finding);
      }
      return found;
    },
  };
}
