import type { JsonValue } from '../../../lambda/core/model/json.ts';
import type { PrincipalRef, Tag } from '../../../lambda/core/model/principal.ts';

/** A small account: one principal, another one that shares some policies, and what is theirs. */
export interface World {
  readonly principal: PrincipalRef;
  /** Name of a role that has the shared policies attached too. */
  readonly otherRole: string;
  readonly inline: readonly { readonly name: string; readonly document: JsonValue }[];
  readonly managed: readonly WorldPolicy[];
}

export interface WorldPolicy {
  readonly arn: string;
  readonly name: string;
  readonly path: string;
  readonly tags: readonly Tag[];
  /** Documents of v1, v2, …; an AWS managed policy has the one that AWS gave it. */
  readonly versions: readonly JsonValue[];
  readonly defaultVersion: string;
  readonly aws: boolean;
  readonly shared: boolean;
}

/** What a principal is granted: documents by the name of the inline policy or the ARN of the attached one. */
export interface PrincipalState {
  readonly inline: ReadonlyMap<string, JsonValue>;
  readonly attached: ReadonlyMap<string, JsonValue>;
}

export function currentDocument(policy: WorldPolicy): JsonValue {
  return (
    policy.versions[policy.versions.length === 1 ? 0 : Number(policy.defaultVersion.slice(1)) - 1] ?? null
  );
}

export function stateOf(world: World): PrincipalState {
  return {
    inline: new Map(world.inline.map(({ name, document }) => [name, document])),
    attached: new Map(world.managed.map((policy) => [policy.arn, currentDocument(policy)])),
  };
}
