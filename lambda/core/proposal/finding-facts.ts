import type { Universe } from '../catalogue/universe.ts';
import { byCodeUnit } from '../model/order.ts';
import type { EvidenceSource, UnusedAccess } from '../model/unused-access.ts';
import type { FindingType, ProposalFinding, RefineProposal } from './schema.ts';

/** The finding that a proposal is made from, without what it reports. */
export interface FindingIdentity {
  readonly id: string;
  readonly analyzerArn: string | null;
  readonly source?: EvidenceSource;
  readonly findingType: FindingType;
  /** ISO 8601. */
  readonly updatedAt: string | null;
}

/** The finding in `proposal.json`, sorted and in the catalogue's spelling if known. */
export function findingFacts(
  finding: FindingIdentity,
  unused: UnusedAccess,
  universe: Universe,
): ProposalFinding {
  const dates = new Map<string, string>();
  const note = (name: string, date: string | undefined): string => {
    if (date !== undefined) dates.set(name, date);
    return name;
  };
  const services = [...unused.services].map(([key, { name, lastAccessed }]) =>
    note(universe.services.get(key)?.name ?? name, lastAccessed),
  );
  const actions: string[] = [];
  for (const [key, names] of unused.actions) {
    const service = universe.services.get(key);
    names.forEach(({ name, lastAccessed }, action) => {
      const position = service?.position.get(action);
      const spelled = position === undefined ? name : (service?.actions[position] ?? name);
      actions.push(note(`${service?.name ?? key}:${spelled}`, lastAccessed));
    });
  }
  return {
    ...originOf(finding),
    unusedServices: services.sort(),
    unusedActions: actions.sort(),
    lastAccessed: Object.fromEntries([...dates].sort(([a], [b]) => byCodeUnit(a, b))),
  };
}

/** Its source in `proposal.json`; absent for the usual one, an analyzer. */
export function originOf({
  id,
  analyzerArn,
  source,
  findingType,
  updatedAt,
}: FindingIdentity): FindingIdentity {
  return {
    id,
    analyzerArn,
    ...(source === 'last-accessed' ? { source } : {}),
    findingType,
    updatedAt,
  };
}

/** What a reviewer wants to know about a role besides its permissions. */
export function trustOf({
  assumedBy,
  lastUsedAt,
}: {
  readonly assumedBy?: readonly string[] | undefined;
  readonly lastUsedAt?: string | null | undefined;
}): Pick<RefineProposal, 'assumedBy' | 'lastUsedAt'> {
  return {
    ...(assumedBy === undefined ? {} : { assumedBy }),
    ...(lastUsedAt === undefined ? {} : { lastUsedAt }),
  };
}
