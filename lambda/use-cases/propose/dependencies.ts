import type { Catalogue } from '../../core/catalogue/catalogue.ts';
import type { PrincipalProposal } from '../../core/proposal/schema.ts';
import type { AccountUnits } from '../../ports/account.ts';
import type { DecisionSource } from '../../ports/decisions.ts';
import type { FindingSource } from '../../ports/findings.ts';
import type { LastAccessSource, PolicySource, PolicyTags } from '../../ports/policies.ts';
import type { ProposalStore, ReportWriter, StoredProposal, Withheld } from '../../ports/proposals.ts';
import type { RefinementSettings } from '../../ports/settings.ts';
import type { Clock, Digest } from '../../ports/system.ts';
import type { OpinionDependencies } from '../opinions/ask-opinions.ts';

/** What every proposal needs, about principals and shared subjects alike. */
export interface CommonDependencies {
  readonly reports: ReportWriter;
  /** Needed only if the policy source does not return the tags of managed policies. */
  readonly tags?: PolicyTags | undefined;
  /** Undefined if dates of last use are not read. */
  readonly lastAccess?: LastAccessSource | undefined;
  readonly catalogue: Catalogue;
  /** The organisational units of accounts; needed only if organisational units are excluded. */
  readonly units?: AccountUnits | undefined;
  readonly settings: RefinementSettings;
  /** What people decided; no decisions unless given. */
  readonly decisions?: DecisionSource | undefined;
  readonly digest: Digest;
  readonly clock: Clock;
  /** Identifies the run in object metadata. */
  readonly runId: string;
  readonly engineVersion: string;
}

/** What a proposal about a principal needs, from the finding to the stored proposal. */
export interface ProposeDependencies extends CommonDependencies {
  readonly findings: FindingSource;
  readonly policies: PolicySource;
  readonly store: ProposalStore<PrincipalProposal, StoredProposal | Withheld>;
  /** The second opinions to request; none unless given. */
  readonly opinions?: OpinionDependencies;
}
