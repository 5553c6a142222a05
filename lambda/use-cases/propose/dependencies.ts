import type { Catalogue } from '../../core/catalogue/catalogue.ts';
import type { AccountUnits } from '../../ports/account.ts';
import type { FindingSource } from '../../ports/findings.ts';
import type { LastAccessSource, PolicySource, PolicyTags } from '../../ports/policies.ts';
import type { ProposalStore, ReportWriter } from '../../ports/proposals.ts';
import type { RefinementSettings } from '../../ports/settings.ts';
import type { Clock, Digest } from '../../ports/system.ts';
import type { OpinionDependencies } from '../opinions/ask-opinions.ts';

/** What proposing needs, from the finding to the stored proposal. */
export interface ProposeDependencies {
  readonly findings: FindingSource;
  readonly policies: PolicySource;
  /** Needed only where `policies` does not tell the tags of managed policies. */
  readonly tags?: PolicyTags;
  readonly store: ProposalStore;
  readonly reports: ReportWriter;
  /** Undefined where AWS is not asked when a principal last used what. */
  readonly lastAccess?: LastAccessSource | undefined;
  readonly catalogue: Catalogue;
  /** Where accounts stand in the organisation; needed only where organisational units are excluded. */
  readonly units?: AccountUnits | undefined;
  readonly settings: RefinementSettings;
  /** Whom to ask for second opinions; nobody unless given. */
  readonly opinions?: OpinionDependencies;
  readonly digest: Digest;
  readonly clock: Clock;
  /** Identifies the run in object metadata. */
  readonly runId: string;
  readonly engineVersion: string;
}
