import type { Tag } from '../core/model/principal.ts';

/** Tags of customer managed policies, for sources of principals that do not tell them. */
export interface PolicyTags {
  /** @throws AdapterError; to retry when the policy went away meanwhile */
  tagsOf(accountId: string, policyArn: string): Promise<readonly Tag[]>;
}
