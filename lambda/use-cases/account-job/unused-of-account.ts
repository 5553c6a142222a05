import type { UnusedFinding } from '../../ports/account-records.ts';
import type { Finding, FindingDetails } from '../../ports/finding-source.ts';
import type { UnusedFindings } from '../../ports/unused-findings.ts';

/**
 * What the work on an account found unused, by principal. Administrators leave the same thousands of actions unused, so
 * each name is held once.
 * @param parts as they were kept
 * @throws AdapterError when they cannot be read
 */
export async function unusedOfAccount(
  parts: AsyncIterable<readonly UnusedFinding[]>,
): Promise<UnusedFindings> {
  const names = new Map<string, string>();
  const once = (name: string): string => {
    const known = names.get(name);
    if (known === undefined) names.set(name, name);
    return known ?? name;
  };
  const byPrincipal = new Map<string, UnusedFinding[]>();
  for await (const findings of parts) {
    for (const finding of findings) {
      const unused = finding.unused?.map(([service, actions]) => [once(service), actions.map(once)] as const);
      const held = { ...finding, unused: unused ?? null };
      const others = byPrincipal.get(finding.resource);
      if (others) others.push(held);
      else byPrincipal.set(finding.resource, [held]);
    }
  }
  return { about: (principalArn) => Promise.resolve((byPrincipal.get(principalArn) ?? []).map(asFinding)) };
}

function asFinding({ unused, ...facts }: UnusedFinding): Finding {
  const details: FindingDetails =
    unused === null
      ? { type: 'UnusedIAMRole', lastAccessed: undefined }
      : {
          type: 'UnusedPermission',
          entries: unused.map(([serviceNamespace, actions]) => ({
            serviceNamespace,
            ...(actions.length === 0 ? {} : { actions: actions.map((action) => ({ action })) }),
          })),
        };
  return { ...facts, findingType: details.type, status: 'ACTIVE', details };
}
