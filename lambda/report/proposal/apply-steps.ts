import { describeStep } from '../../core/plan/describe-step.ts';
import { afterFile, beforeFile } from '../../core/plan/file-names.ts';
import type { ApiCall, Plan, PlanStep } from '../../core/plan/schema.ts';
import type { Proposal, RefineProposal, RemovalProposal } from '../../core/proposal/schema.ts';
import type { ProposedPolicy } from '../../core/model/proposed-policy.ts';
import { awsCommand } from '../html/aws-command.ts';

/** What a reviewer is shown of applying a proposal, or of going back. */
export interface ApplyView {
  readonly apply: readonly StepView[];
  readonly rollback: readonly StepView[];
  /** Sentences that belong to the whole: what cannot be undone, what remains to be done by people. */
  readonly remarks: readonly string[];
  /** Whether the folder holds `apply.sh` and `rollback.sh`, made from the proposal's own plan. */
  readonly hasScripts: boolean;
}

export interface StepView {
  readonly title: string;
  readonly why: string | undefined;
  readonly commands: readonly CommandView[];
}

export interface CommandView {
  readonly command: string;
  /** When the command is to be run, where that depends on what is found. */
  readonly when: string | undefined;
}

/** The steps of the proposal's own plan where it carries one; else steps derived from its policies. */
export function applyView(proposal: Proposal): ApplyView {
  if (proposal.kind !== 'refine-permissions') return viewOfRemoval(proposal);
  if (proposal.plan) return viewOfPlan(proposal.plan);
  const moves = proposal.policies.flatMap((policy, index) => movesOf(proposal, policy, index));
  const order = (phase: Phase): readonly Move[] => moves.filter((move) => move.phase === phase);
  return {
    // Everything that gives comes before everything that takes: at no moment is a used permission missing.
    apply: [...order('give'), ...order('take')].map(({ title, call }) => step(title, call)),
    rollback: [...order('take').toReversed(), ...order('give').toReversed()].flatMap(({ back }) =>
      back.map(({ title, call }) => step(title, call)),
    ),
    remarks: [],
    hasScripts: false,
  };
}

/** People are told more than a plan may do by itself: whom to ask first, and what may be deleted later. */
function viewOfRemoval({ steps, plan }: RemovalProposal): ApplyView {
  return {
    apply: steps.map(({ title, command }) => ({
      title,
      why: undefined,
      commands: [{ command, when: undefined }],
    })),
    rollback: plan ? viewOfPlan(plan).rollback : [],
    remarks: [],
    hasScripts: plan !== undefined,
  };
}

function viewOfPlan(plan: Plan): ApplyView {
  const view = (planStep: PlanStep): StepView => ({
    title: sentence(describeStep(planStep)),
    why: planStep.why,
    commands: planStep.calls.map((call) => ({ command: awsCommand(call), when: call.when })),
  });
  return {
    apply: plan.apply.map(view),
    rollback: plan.rollback.map(view),
    remarks: [...(plan.irreversible === null ? [] : [plan.irreversible]), ...plan.afterwards].map(sentence),
    hasScripts: true,
  };
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function step(title: string, call: ApiCall): StepView {
  return { title, why: undefined, commands: [{ command: awsCommand(call), when: call.when }] };
}

type Phase = 'give' | 'take';
interface Titled {
  readonly title: string;
  readonly call: ApiCall;
}
interface Move extends Titled {
  readonly phase: Phase;
  readonly back: readonly Titled[];
}

function movesOf(proposal: RefineProposal, policy: ProposedPolicy, index: number): readonly Move[] {
  const steps = new PolicySteps(proposal, policy, index);
  switch (policy.disposition) {
    case 'update':
      return steps.isManaged ? [steps.newVersion()] : [steps.putInline()];
    case 'new-version':
      return [steps.newVersion()];
    case 'replace':
      return [...steps.copies(), steps.withdraw()];
    case 'remove':
      return [steps.withdraw()];
    case 'unchanged':
    case 'inherited':
    case 'refused':
      return [];
    default:
      return policy.disposition satisfies never;
  }
}

/** The IAM calls that one policy of a proposal comes to. */
class PolicySteps {
  readonly isManaged: boolean;
  readonly #who: Readonly<Record<string, string>>;
  readonly #kind: 'Role' | 'User';
  readonly #arnStart: string;
  readonly #policy: ProposedPolicy;
  readonly #index: number;

  constructor(proposal: RefineProposal, policy: ProposedPolicy, index: number) {
    const { principal } = proposal;
    this.#policy = policy;
    this.#index = index;
    this.#kind = principal.type === 'role' ? 'Role' : 'User';
    this.#who = { [`${this.#kind}Name`]: principal.name };
    this.#arnStart = `arn:${principal.arn.split(':')[1] ?? 'aws'}:iam::${principal.accountId}:policy/`;
    this.isManaged = policy.source === 'customer-managed' || policy.source === 'aws-managed';
  }

  putInline(): Move {
    const { name } = this.#policy;
    return {
      phase: 'take',
      title: `Put the refined inline policy ${name}`,
      call: this.#put(this.#after(0)),
      back: [{ title: `Put the inline policy ${name} back as it was`, call: this.#put(this.#before()) }],
    };
  }

  newVersion(): Move {
    const { name, arn = '', versionId } = this.#policy;
    const PolicyArn = arn;
    const back: ApiCall =
      versionId === undefined
        ? {
            call: 'CreatePolicyVersion',
            parameters: { PolicyArn, PolicyDocument: this.#before(), SetAsDefault: true },
          }
        : { call: 'SetDefaultPolicyVersion', parameters: { PolicyArn, VersionId: versionId } };
    return {
      phase: 'take',
      title: `Give ${name} a refined default version (a policy keeps five: delete an old one first if it has them)`,
      call: {
        call: 'CreatePolicyVersion',
        parameters: { PolicyArn, PolicyDocument: this.#after(0), SetAsDefault: true },
      },
      back: [{ title: `Make the former version of ${name} the default again`, call: back }],
    };
  }

  copies(): readonly Move[] {
    return this.#policy.after.flatMap(({ name }, part): readonly Move[] => {
      const PolicyArn = this.#arnStart + name;
      return [
        {
          phase: 'give',
          title: `Create ${name}`,
          call: { call: 'CreatePolicy', parameters: { PolicyName: name, PolicyDocument: this.#after(part) } },
          back: [{ title: `Delete ${name}`, call: { call: 'DeletePolicy', parameters: { PolicyArn } } }],
        },
        {
          phase: 'give',
          title: `Attach ${name}`,
          call: this.#attachment('Attach', PolicyArn),
          back: [{ title: `Detach ${name}`, call: this.#attachment('Detach', PolicyArn) }],
        },
      ];
    });
  }

  withdraw(): Move {
    const { name, arn } = this.#policy;
    if (this.isManaged) {
      return {
        phase: 'take',
        title: `Detach ${name}`,
        call: this.#attachment('Detach', arn ?? ''),
        back: [{ title: `Attach ${name} again`, call: this.#attachment('Attach', arn ?? '') }],
      };
    }
    return {
      phase: 'take',
      title: `Delete the inline policy ${name}`,
      call: { call: `Delete${this.#kind}Policy`, parameters: { ...this.#who, PolicyName: name } },
      back: [{ title: `Put the inline policy ${name} back`, call: this.#put(this.#before()) }],
    };
  }

  #put(file: string): ApiCall {
    return {
      call: `Put${this.#kind}Policy`,
      parameters: { ...this.#who, PolicyName: this.#policy.name, PolicyDocument: file },
    };
  }

  #attachment(verb: 'Attach' | 'Detach', PolicyArn: string): ApiCall {
    return { call: `${verb}${this.#kind}Policy`, parameters: { ...this.#who, PolicyArn } };
  }

  #before(): string {
    return `file://${beforeFile(this.#index, this.#policy.name)}`;
  }

  #after(part: number): string {
    return `file://${afterFile(this.#index, this.#policy.name, part, this.#policy.after.length)}`;
  }
}
