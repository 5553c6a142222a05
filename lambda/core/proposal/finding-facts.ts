import type { Universe } from '../catalogue/universe.ts';
import { byCodeUnit } from '../model/order.ts';
import type { EvidenceSource, UnusedAccess } from '../model/unused-access.ts';
import type { FindingType, ProposalFinding, RefineProposal } from './schema.ts';

/** What `proposal.json` says about the finding, sorted and in the catalogue's spelling where it is known. */
export function findingFacts(
  finding: {
    readonly id: string;
    readonly analyzerArn: string | null;
    readonly source?: EvidenceSource;
    readonly findingType: FindingType;
    readonly updatedAt: string | null;
  },
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
  const actions = [...unused.actions].flatMap(([key, names]) => {
    const service = universe.services.get(key);
    return [...names].map(([action, { name, lastAccessed }]) => {
      const position = service?.position.get(action);
      const spelled = position === undefined ? name : (service?.actions[position] ?? name);
      return note(`${service?.name ?? key}:${spelled}`, lastAccessed);
    });
  });
  return {
    id: finding.id,
    analyzerArn: finding.analyzerArn,
    ...(finding.source === 'last-accessed' ? { source: finding.source } : {}),
    findingType: finding.findingType,
    updatedAt: finding.updatedAt,
    unusedServices: services.sort(byCodeUnit),
    unusedActions: actions.sort(byCodeUnit),
    lastAccessed: Object.fromEntries([...dates].sort(([a], [b]) => byCodeUnit(a, b))),
  };
}

/** What a reviewer wants to know of a role besides its permissions. */
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
