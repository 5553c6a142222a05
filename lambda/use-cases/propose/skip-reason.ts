import type { Effect } from '../../core/risk/risk.ts';
import type { PrincipalRef, Tag } from '../../core/model/principal.ts';
import { foldCase } from '../../core/pattern/fold.ts';
import { matchesPattern } from '../../core/pattern/matches.ts';
import type { Exclusions } from '../../ports/settings.ts';
import type { SkipCode } from './outcome.ts';

export interface SkipReason {
  readonly code: SkipCode;
  readonly reason: string;
}

/**
 * Principals whose permissions nobody can or should change by hand.
 * Source: https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html and
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
 */
export function ownedByAws(ref: PrincipalRef): SkipReason | undefined {
  if (ref.type !== 'role') return undefined;
  if (ref.path.startsWith('/aws-service-role/')) {
    return {
      code: 'service-linked-role',
      reason: 'a service-linked role: AWS owns its permissions and nobody else can change them',
    };
  }
  if (ref.path.startsWith('/aws-reserved/sso.amazonaws.com/') || ref.name.startsWith('AWSReservedSSO_')) {
    return {
      code: 'identity-center-role',
      reason: 'a role of IAM Identity Center: change its permission set instead, the role follows',
    };
  }
  return undefined;
}

/** Whether the configuration excludes the principal. Tags are compared once they are known. */
export function excludedBy(
  exclude: Exclusions,
  ref: PrincipalRef,
  tags: readonly Tag[],
): SkipReason | undefined {
  const name = exclude.names.find((pattern) => matchesPattern(foldCase(pattern), foldCase(ref.name)));
  if (name !== undefined) return excluded(`the name matches ${JSON.stringify(name)}`);
  const path = exclude.paths.find((prefix) => ref.path.startsWith(prefix));
  if (path !== undefined) return excluded(`the path begins with ${JSON.stringify(path)}`);
  const tag = tags.find((own) =>
    exclude.tags.some(({ key, value }) => key === own.key && (value === null || value === own.value)),
  );
  return tag && excluded(`it carries the tag ${JSON.stringify(tag.key)}`);
}

function excluded(why: string): SkipReason {
  return { code: 'excluded', reason: `the configuration excludes it: ${why}` };
}

/** Why a proposal with too mild an effect is left out. */
export function smallEffect(least: Effect): string {
  return `takes away nothing of the level ${least} or above, which is asked for`;
}
