import { COMMAND } from '../../contract/command.ts';
import { proposalPrefix } from '../../contract/object-keys.ts';
import type { PrincipalRef } from '../../core/model/principal.ts';
import { describeStep } from '../../core/plan/steps.ts';
import type { ApiCall, Plan, PlanStep } from '../../core/plan/schema.ts';
import type { Proposal, RemovalProposal, SharedProposal } from '../../core/proposal/schema.ts';
import { awsCommand, shellQuote } from '../text/shell.ts';
import { denialsQuery } from './denials-query.ts';
import { onOneLine } from '../text/format.ts';

/** What a reviewer sees about applying and undoing a proposal. */
interface ApplyView {
  /** The address of the proposal. */
  readonly folder: string;
  /** The command that checks before it changes anything. */
  readonly guarded: string;
  /** What to look at first: these calls change nothing. */
  readonly look: readonly StepView[];
  /** What has to be freed before the first step, because IAM's quotas have no room for the plan. */
  readonly freeFirst: readonly string[];
  readonly apply: readonly StepView[];
  readonly rollback: readonly StepView[];
  /** Steps that cannot be undone: separate, so that nobody copies them together with the others. */
  readonly final: readonly StepView[];
  /** Says that the calls check nothing, and on which finding they are based. */
  readonly about: string;
  /** SQL that shows who was denied something in the week after the change; undefined if CloudTrail shows nothing. */
  readonly denials: string | undefined;
  /** Sentences about the whole plan: what cannot be undone, and what people have to do afterwards. */
  readonly remarks: readonly string[];
}

export interface StepView {
  readonly title: string;
  readonly why: string | undefined;
  readonly commands: readonly CommandView[];
}

interface CommandView {
  readonly command: string;
  /** Changes nothing, and shows what the next command overwrites. */
  readonly isReading: boolean;
  /** A condition, if the command is not always needed. */
  readonly when: string | undefined;
}

const CALLS_CHECK_NOTHING =
  'These AWS calls are for reading. They check nothing: neither that everything is still as it was analysed, ' +
  'nor that the previous call succeeded. File names are relative to the folder of the proposal.';

/** The address of a proposal in a bucket (`s3://bucket/`); its folder below `--out` unless there is one. */
export function addressOf(proposal: Proposal, bucket = ''): string {
  const about = 'subject' in proposal ? proposal.subject : proposal.principal;
  return bucket + proposalPrefix(about, proposal.proposalId).slice(0, -1);
}

/** @param address the proposal's folder or `s3://` address; by default its key */
export function applyView(proposal: Proposal, address?: string): ApplyView {
  const { plan } = proposal;
  const folder = address ?? addressOf(proposal);
  const option = plan.irreversible === null ? '' : ' --irreversible';
  const { look, later } = aroundPlan(proposal);
  const planned = viewOfPlan(plan);
  return {
    guarded: `${COMMAND} apply ${shellQuote(folder)}${option}`,
    folder,
    about: [CALLS_CHECK_NOTHING, ...asOf(proposal)].join(' '),
    look,
    ...planned,
    final: [...planned.final, ...later],
    denials: denialsQuery(proposal),
  };
}

/** The date of the calls: they do not know what has changed since. */
function asOf(proposal: Proposal): readonly string[] {
  const findings = 'subject' in proposal ? proposal.findings : [proposal.finding];
  const [oldest] = findings.flatMap(({ updatedAt }) => updatedAt ?? []).sort();
  return oldest === undefined ? [] : [`They are based on the finding as of ${oldest}.`];
}

interface AroundPlan {
  readonly look: readonly StepView[];
  readonly later: readonly StepView[];
}

/** Steps for people, before and after the plan. */
function aroundPlan(proposal: Proposal): AroundPlan {
  if ('subject' in proposal)
    return { look: [stepOf('See who has it now', holdersCall(proposal))], later: [] };
  return proposal.kind === 'refine-permissions' ? { look: [], later: [] } : aroundRemoval(proposal);
}

function holdersCall({ subject: { type, name, arn } }: SharedProposal): ApiCall {
  return type === 'group'
    ? { call: 'GetGroup', parameters: { GroupName: name } }
    : { call: 'ListEntitiesForPolicy', parameters: { PolicyArn: arn } };
}

type PlanView = Omit<ApplyView, 'folder' | 'guarded' | 'look' | 'about' | 'denials'>;

function viewOfPlan(plan: Plan): PlanView {
  const { irreversible, afterwards } = plan;
  const apply = withoutFinal(plan.apply.map(planStep));
  return {
    freeFirst: plan.freeFirst.map(sentence),
    ...(irreversible === null ? apply : { apply: [], final: [...apply.final, ...apply.apply] }),
    rollback: plan.rollback.map((step) => viewOfStep(planStep(step))),
    remarks: [...(irreversible === null ? [] : [irreversible]), ...afterwards].map(sentence),
  };
}

/** A step with its calls, before they are written out. */
interface Step {
  readonly title: string;
  readonly why: string | undefined;
  readonly calls: readonly ApiCall[];
}

function planStep(step: PlanStep): Step {
  return { title: sentence(describeStep(step)), why: step.why, calls: step.calls };
}

/** A deleted version of a policy cannot be restored under its id, so its deletion is shown separately. */
function withoutFinal(steps: readonly Step[]): Pick<ApplyView, 'apply' | 'final'> {
  const isFinal = ({ call }: ApiCall): boolean => call === 'DeletePolicyVersion';
  return {
    apply: steps.map((step) => viewOfStep({ ...step, calls: step.calls.filter((call) => !isFinal(call)) })),
    final: steps.flatMap(({ calls }) =>
      calls.filter(isFinal).map((call) => stepOf(`Make room for a new version of ${policyOf(call)}`, call)),
    ),
  };
}

function policyOf({ parameters }: ApiCall): string {
  const { PolicyArn: arn } = parameters;
  return typeof arn === 'string' ? arn : 'the policy';
}

function viewOfStep({ title, why, calls }: Step): StepView {
  const commands = calls.flatMap((call): readonly CommandView[] =>
    [...readingCalls(call), call].map((one, index) => ({
      command: awsCommand(one),
      isReading: one !== call,
      when: index === 0 ? call.when : undefined,
    })),
  );
  return { title, why, commands };
}

function stepOf(title: string, ...calls: readonly ApiCall[]): StepView {
  return viewOfStep({ title, why: undefined, calls });
}

/** Steps for people around a removal: whom to ask before, and what to delete afterwards, and when. */
function aroundRemoval({ kind, principal, accessKeyId = '' }: RemovalProposal): AroundPlan {
  const who = nameOf(principal);
  switch (kind) {
    case 'remove-role':
      return {
        look: [
          stepOf('See who may assume the role, and ask them', {
            call: 'GetRole',
            parameters: { ...who, Query: 'Role.AssumeRolePolicyDocument' },
          }),
        ],
        later: [
          stepOf(
            'If nobody has missed the role for a month, see what is still attached to it, and detach that',
            { call: 'ListInstanceProfilesForRole', parameters: who },
            { call: 'ListAttachedRolePolicies', parameters: who },
            { call: 'ListRolePolicies', parameters: who },
          ),
          stepOf('Then delete the role', { call: 'DeleteRole', parameters: who }),
        ],
      };
    case 'remove-access-key':
      return {
        look: [
          stepOf('See when and where the key was last used', {
            call: 'GetAccessKeyLastUsed',
            parameters: { AccessKeyId: accessKeyId },
          }),
        ],
        later: [
          stepOf('If nobody has missed the key for a month, delete it', {
            call: 'DeleteAccessKey',
            parameters: { ...who, AccessKeyId: accessKeyId },
          }),
        ],
      };
    case 'remove-password':
      return {
        look: [
          stepOf('See when the password was last used', {
            call: 'GetUser',
            parameters: { ...who, Query: 'User.PasswordLastUsed' },
          }),
        ],
        later: [],
      };
    default:
      return kind satisfies never;
  }
}

/** Calls that show what a call overwrites or deletes, and thus what would have to be restored. */
function readingCalls({ call, parameters }: ApiCall): readonly ApiCall[] {
  const only = (...names: readonly string[]): ApiCall['parameters'] =>
    Object.fromEntries(Object.entries(parameters).filter(([name]) => names.includes(name)));
  const [, holder] = /^(?:Put|Delete)(Role|User|Group)Policy$/.exec(call) ?? [];
  if (holder !== undefined) {
    return [{ call: `Get${holder}Policy`, parameters: only(`${holder}Name`, 'PolicyName') }];
  }
  switch (call) {
    case 'CreatePolicyVersion':
    case 'SetDefaultPolicyVersion':
      return [
        { call: 'GetPolicy', parameters: only('PolicyArn') },
        { call: 'ListPolicyVersions', parameters: only('PolicyArn') },
      ];
    case 'DeletePolicyVersion':
      return [
        { call: 'ListPolicyVersions', parameters: only('PolicyArn') },
        { call: 'GetPolicyVersion', parameters: only('PolicyArn', 'VersionId') },
      ];
    case 'DeletePolicy':
      return [{ call: 'ListEntitiesForPolicy', parameters: only('PolicyArn') }];
    case 'UpdateAccessKey':
    case 'DeleteAccessKey':
      return [{ call: 'ListAccessKeys', parameters: only('UserName') }];
    case 'DeleteLoginProfile':
      return [{ call: 'GetLoginProfile', parameters: only('UserName') }];
    default:
      return [];
  }
}

function nameOf({ type, name }: PrincipalRef): ApiCall['parameters'] {
  return type === 'role' ? { RoleName: name } : { UserName: name };
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A titled block of shell commands, with the explanations as comments. */
interface CommandBlock {
  readonly title: string;
  readonly text: string;
}

/** The calls in the order of use. Empty blocks are left out. */
export function commandBlocks(view: ApplyView): readonly CommandBlock[] {
  const blocks = [
    { title: 'Look first', steps: view.look },
    { title: 'Apply', steps: view.apply },
    { title: 'Undo', steps: view.rollback },
    { title: 'Cannot be undone', steps: view.final },
  ];
  return blocks
    .filter(({ steps }) => steps.length > 0)
    .map(({ title, steps }) => ({ title, text: steps.flatMap(commandLines).join('\n') }));
}

/** The title of a call that shows what the next one overwrites. */
export const READ_FIRST = 'First see what the next call overwrites';

function commandLines({ title, why, commands }: StepView): readonly string[] {
  return [
    `# ${onOneLine(title)}`,
    ...(why === undefined ? [] : [`#   ${onOneLine(why)}`]),
    ...commands.flatMap(({ command, isReading, when }) => [
      ...(when === undefined ? [] : [`# if ${onOneLine(when)}:`]),
      ...(isReading ? [`# ${READ_FIRST}:`] : []),
      command,
    ]),
  ];
}

/** How to apply a proposal, as a shell script: the guarded command first, then the calls. */
export function renderCommands(proposal: Proposal, address?: string): string {
  const view = applyView(proposal, address);
  const { arn } = 'subject' in proposal ? proposal.subject : proposal.principal;
  const head = [
    `# Proposal ${proposal.proposalId} for ${onOneLine(arn)}`,
    '',
    '# This command first checks that everything is still as it was analysed, and asks before it changes anything:',
    view.guarded,
    '',
    `# ${view.about}`,
  ];
  const first = view.freeFirst.map((text) => `# Before the first step: ${onOneLine(text)}`);
  const blocks = commandBlocks(view).flatMap(({ title, text }) => ['', `# ---- ${title} ----`, text]);
  const remarks = view.remarks.map((remark) => `# ${onOneLine(remark)}`);
  return [...head, ...first, ...blocks, ...(remarks.length > 0 ? ['', ...remarks] : []), ''].join('\n');
}
