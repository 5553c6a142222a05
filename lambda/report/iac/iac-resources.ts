import type { JsonValue } from '../../core/model/json.ts';
import type { PrincipalRef, Tag } from '../../core/model/principal.ts';
import type { Plan } from '../../core/plan/schema.ts';
import type { ProposedPolicy } from '../../core/model/proposed-policy.ts';
import { counted, onOneLine } from '../text/format.ts';

/** One policy as code: an inline policy of the principal, or a managed policy that it has attached. */
export interface IacResource {
  readonly kind: 'inline' | 'managed';
  readonly name: string;
  readonly document: JsonValue;
  /** Its purpose, for a comment. */
  readonly comment: string;
  /** Managed policies only. */
  readonly path: string;
  readonly tags: readonly Tag[];
}

export interface IacModel {
  readonly proposalId: string;
  readonly principal: PrincipalRef;
  readonly resources: readonly IacResource[];
  /** What a person has to remove from the code. */
  readonly removals: readonly string[];
}

export interface IacInput {
  readonly proposalId: string;
  readonly principal: PrincipalRef;
  readonly policies: readonly ProposedPolicy[];
  readonly plan: Plan;
}

/** The changes of a proposal for people who keep policies as code. */
export function iacModel(input: IacInput): IacModel {
  const { proposalId, principal } = input;
  const touched = input.policies.filter(
    ({ disposition }) =>
      disposition === 'update' || disposition === 'new-version' || disposition === 'replace',
  );
  return {
    proposalId,
    principal,
    resources: touched.flatMap((policy) =>
      policy.after.map(({ name, document }, part): IacResource => {
        const inPlace = part === 0 && policy.disposition !== 'replace';
        const common = { name, document, path: pathOf(name, policy, input), tags: tagsOf(name, input) };
        if (!inPlace) {
          return {
            ...common,
            kind: 'managed',
            comment: `new: has everything in ${policy.arn ?? policy.name} except ${lossOf(policy)}`,
          };
        }
        return policy.disposition === 'update'
          ? { ...common, kind: 'inline', comment: 'replaces the inline policy of the same name' }
          : {
              ...common,
              kind: 'managed',
              comment: `replaces the document of ${policy.arn ?? policy.name}`,
            };
      }),
    ),
    removals: input.policies.flatMap((policy) => {
      const what = policy.arn === undefined ? `the inline policy ${policy.name}` : policy.arn;
      if (policy.disposition === 'replace')
        return [`detach ${what} from ${principal.name}: the new policies replace it`];
      if (policy.disposition !== 'remove') return [];
      return [
        policy.arn === undefined
          ? `delete ${what}: everything that it grants is reported unused`
          : `detach ${what} from ${principal.name}: everything that it grants is reported unused`,
      ];
    }),
  };
}

function lossOf({ removed }: ProposedPolicy): string {
  return counted(removed.length, 'unused action');
}

function pathOf(name: string, policy: ProposedPolicy, { plan }: IacInput): string {
  for (const step of plan.apply)
    if (step.op === 'create-policy' && step.policyName === name) return step.path;
  const resource = policy.arn?.split(':').slice(5).join(':') ?? 'policy/';
  return resource.slice('policy'.length, resource.lastIndexOf('/') + 1);
}

function tagsOf(name: string, { plan }: IacInput): readonly Tag[] {
  for (const step of plan.apply)
    if (step.op === 'create-policy' && step.policyName === name) return step.tags;
  return [];
}

/** CloudFormation's type of a resource, after `AWS::IAM::`; CDK's construct of it has the same name after `Cfn`. */
export function cfnType({ kind }: IacResource, { principal }: IacModel): string {
  if (kind === 'managed') return 'ManagedPolicy';
  return principal.type === 'role' ? 'RolePolicy' : 'UserPolicy';
}

/** The properties of such a resource; those of CDK's construct begin with a small letter. */
export function cfnProperties(
  { kind, name, path, document }: IacResource,
  { principal }: IacModel,
): readonly (readonly [string, JsonValue])[] {
  const isRole = principal.type === 'role';
  return kind === 'inline'
    ? [
        [isRole ? 'RoleName' : 'UserName', principal.name],
        ['PolicyName', name],
        ['PolicyDocument', document],
      ]
    : [
        ['ManagedPolicyName', name],
        ['Path', path],
        [isRole ? 'Roles' : 'Users', [principal.name]],
        ['PolicyDocument', document],
      ];
}

/** Gives each name its own identifier: `make` derives it, and a number distinguishes equal ones. */
export function uniqueIdentifiers(
  names: readonly string[],
  make: (name: string) => string,
): readonly string[] {
  const used = new Set<string>();
  return names.map((name) => {
    const base = make(name);
    let identifier = base;
    for (let number = 2; used.has(identifier.toLowerCase()); number += 1)
      identifier = `${base}${String(number)}`;
    used.add(identifier.toLowerCase());
    return identifier;
  });
}

/** Letters and digits only, beginning with a letter: `read+write_all` becomes `ReadWriteAll`. */
export function pascalIdentifier(name: string): string {
  const joined = name
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
  return /^[A-Za-z]/.test(joined) ? joined : `Policy${joined}`;
}

/** Lower-case letters, digits and underscores, beginning with a letter: `Read+Write` becomes `read_write`. */
export function snakeIdentifier(name: string): string {
  const joined = name
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return /^[a-z]/.test(joined) ? joined : `policy_${joined}`;
}

/** The lines at the head of a fragment, without comment marks. */
export function headLines({ proposalId, principal, removals }: IacModel, where: string): readonly string[] {
  return [
    `Proposal ${proposalId} for ${principal.arn}: ${where}`,
    ...(removals.length > 0 ? ['Also:', ...removals.map((text) => `- ${text}`)] : []),
  ].map(onOneLine);
}
