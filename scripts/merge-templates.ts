import { isDeepStrictEqual } from 'node:util';

import type { CloudFormationTemplate, TemplateResource } from './plain-synth.ts';

type Members = Readonly<Record<string, unknown>>;

const NO_VALUE = { Ref: 'AWS::NoValue' };

/**
 * Merges two templates into one that equals the first if a condition is true, and the second if it is false. Both must
 * define the condition. Lists are merged as a whole.
 * @throws Error if that cannot be expressed: a resource with two types, or with two conditions
 */
export function mergeTemplates(
  condition: string,
  first: CloudFormationTemplate,
  second: CloudFormationTemplate,
): CloudFormationTemplate {
  const { Resources: resources, Outputs: outputs, ...rest } = first;
  const { Resources: otherResources, Outputs: others, ...otherRest } = second;
  const sides = new Sides(condition);
  const around = same('both templates', { ...rest }, { ...otherRest });
  const parts = {
    Resources: union(resources, otherResources, (id, one, other) =>
      one && other ? bothResources(sides, id, one, other) : sides.only(one, other),
    ),
    Outputs: union(outputs, others, (_, one, other) =>
      one && other ? sides.merged(one, other) : sides.only(one, other),
    ),
  };
  const { Conditions: conditions } = around;
  // Trust boundary: the parts come from two templates.
  return {
    ...around,
    Conditions: { ...(isMembers(conditions) ? conditions : {}), ...sides.made },
    ...parts,
  } as CloudFormationTemplate;
}

/**
 * Merges sections other than resources and outputs. They cannot depend on a condition, so no member may have two
 * values.
 */
function same(of: string, one: Members, other: Members): Members {
  return union(one, other, (name, left, right) => {
    if (left === undefined || right === undefined) return left ?? right;
    if (isMembers(left) && isMembers(right) && !isDeepStrictEqual(left, right))
      return same(name, left, right);
    if (isDeepStrictEqual(left, right)) return left;
    throw new Error(`${of} have another ${name}: it cannot depend on a condition`);
  });
}

function bothResources(sides: Sides, id: string, one: TemplateResource, other: TemplateResource): Members {
  const { Properties: left, Metadata: leftMetadata, DependsOn: before, ...attributes } = one;
  const { Properties: right, Metadata: rightMetadata, DependsOn: otherBefore, ...others } = other;
  if (!isDeepStrictEqual(attributes, others)) {
    throw new Error(`resource ${id} differs in more than its properties: one template cannot have both`);
  }
  // CloudFormation ignores a dependency on a resource that its condition excludes.
  const dependencies = [...new Set([before ?? [], otherBefore ?? []].flat())];
  return {
    ...attributes,
    ...(dependencies.length === 0 ? {} : { DependsOn: dependencies }),
    Properties: sides.merged(left ?? {}, right ?? {}),
    ...(leftMetadata === undefined && rightMetadata === undefined
      ? {}
      : { Metadata: sides.merged(leftMetadata ?? {}, rightMetadata ?? {}) }),
  };
}

/** The condition, and the conditions of resources on either side of it. */
class Sides {
  readonly #name: string;
  /** Conditions that were added. */
  readonly made: Record<string, unknown> = {};

  constructor(name: string) {
    this.#name = name;
  }

  /** A resource or an output that only one template has. */
  only(one: object | undefined, other: object | undefined): Members {
    const part = { ...one, ...other };
    const side = one === undefined ? `Not${this.#name}` : this.#name;
    if (one === undefined) this.made[side] = { 'Fn::Not': [{ Condition: this.#name }] };
    const own = 'Condition' in part ? part.Condition : undefined;
    if (typeof own !== 'string') return { ...part, Condition: side };
    const both = `${side}And${own}`;
    this.made[both] = { 'Fn::And': [{ Condition: side }, { Condition: own }] };
    return { ...part, Condition: both };
  }

  merged(one: unknown, other: unknown): unknown {
    if (isDeepStrictEqual(one, other)) return one;
    if (!isMembers(one) || !isMembers(other) || isIntrinsic(one) || isIntrinsic(other)) {
      return { 'Fn::If': [this.#name, one ?? NO_VALUE, other ?? NO_VALUE] };
    }
    return union(one, other, (_, left, right) => this.merged(left, right));
  }
}

function union<T>(
  one: Readonly<Record<string, T>>,
  other: Readonly<Record<string, T>>,
  each: (name: string, left: T | undefined, right: T | undefined) => unknown,
): Readonly<Record<string, unknown>> {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return Object.fromEntries(names.map((name) => [name, each(name, one[name], other[name])]));
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isIntrinsic(value: Members): boolean {
  const [name = '', ...others] = Object.keys(value);
  return others.length === 0 && (name === 'Ref' || name.startsWith('Fn::'));
}
