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

/** What any proposal needs, whatever it is about. */
export interface CommonDependencies {
  readonly reports: ReportWriter;
  /** Needed only if the tags of managed policies do not come with what is granted. */
  readonly tags?: PolicyTags | undefined;
  /** Undefined if dates of last use are not read. */
  readonly lastAccess?: LastAccessSource | undefined;
  readonly catalogue: Catalogue;
  /** The organisational units of accounts; needed only if organisational units are excluded. */
  readonly units?: AccountUnits | undefined;
  readonly settings: RefinementSettings;
  /** What people decided; nothing unless given. */
  readonly decisions?: DecisionSource | undefined;
  readonly digest: Digest;
  readonly clock: Clock;
  /** Identifies the run in object metadata. */
  readonly runId: string;
  readonly engineVersion: string;
}

/** What proposing needs for a principal, from the finding to the stored proposal. */
export interface ProposeDependencies extends CommonDependencies {
  readonly findings: FindingSource;
  readonly policies: PolicySource;
  readonly store: ProposalStore<PrincipalProposal, StoredProposal | Withheld>;
  /** The second opinions to request; none unless given. */
  readonly opinions?: OpinionDependencies;
}
