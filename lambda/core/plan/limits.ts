import { DEFAULT_QUOTAS } from '../fit/quotas.ts';
import type { HolderRef, Subject } from '../model/subject.ts';
import type { DocumentRef, StepAction } from './schema.ts';

/** The quotas of each kind of holder. */
export type HolderQuotas = Readonly<Record<HolderRef['type'], HolderQuota>>;

export interface HolderQuota {
  /** Managed policies that are attached. */
  readonly attachments: number;
  /** Characters of all inline policies together. */
  readonly inlineCharacters: number;
}

/** The quotas unless AWS raised them for the account. */
export const HOLDER_QUOTAS: HolderQuotas = {
  role: holderQuota('role'),
  user: holderQuota('user'),
  group: holderQuota('group'),
};

function holderQuota(type: HolderRef['type']): HolderQuota {
  const { attachedManagedPolicies: attachments, inlineCharacters } = DEFAULT_QUOTAS[type];
  return { attachments, inlineCharacters };
}

/** The highest quota of attachments that AWS grants on request; a group's is fixed. */
const RAISED_TO = { role: 25, user: 20, group: undefined } as const;

/** What a holder has before the first step. */
export interface HolderLoad {
  readonly attached: ReadonlySet<string>;
  /** Characters by the name of the inline policy. */
  readonly inline: ReadonlyMap<string, number>;
}

/** The maximum that a holder has at any moment, including the first and the last. */
export interface HolderPeak {
  readonly holder: HolderRef;
  readonly attachments: number;
  readonly inlineCharacters: number;
  /** Characters of the inline policies at the beginning. */
  readonly inlineBefore: number;
}

/**
 * The maximum that each holder has before, between and after the steps. Steps that would change nothing are ignored, so
 * this works both for making a plan and for executing it from the present state.
 * @param loadOf what a holder has before the first step
 */
export function peaksOf(
  steps: readonly StepAction[],
  subject: Pick<Subject, 'type' | 'name'>,
  loadOf: (holder: HolderRef) => HolderLoad,
  charactersOf: (document: DocumentRef) => number,
): readonly HolderPeak[] {
  const running = new Map<string, RunningLoad>();
  for (const step of steps) {
    const holder = holderOf(step, subject);
    if (holder === undefined) continue;
    const key = `${holder.type} ${holder.name}`;
    const load = running.get(key) ?? new RunningLoad(holder, loadOf(holder));
    running.set(key, load);
    load.apply(step, charactersOf);
  }
  return [...running.values()].map((load) => load.peak());
}

/** The role, user or group that a step changes; undefined for one that changes a policy, a key or a password alone. */
export function holderOf(
  step: StepAction,
  { type, name }: Pick<Subject, 'type' | 'name'>,
): HolderRef | undefined {
  switch (step.op) {
    case 'attach-policy':
    case 'detach-policy':
      return step.holder ?? (type === 'policy' ? undefined : { type, name });
    case 'put-inline-policy':
    case 'delete-inline-policy':
      return type === 'policy' ? undefined : { type, name };
    case 'create-policy':
    case 'delete-policy':
    case 'create-default-version':
    case 'restore-default-version':
    case 'set-access-key-status':
    case 'delete-password':
      return undefined;
    default: {
      const never: never = step;
      return never;
    }
  }
}

class RunningLoad {
  readonly #holder: HolderRef;
  readonly #attached: Set<string>;
  readonly #inline: Map<string, number>;
  readonly #inlineBefore: number;
  #attachments: number;
  #inlineCharacters: number;

  constructor(holder: HolderRef, { attached, inline }: HolderLoad) {
    this.#holder = holder;
    this.#attached = new Set(attached);
    this.#inline = new Map(inline);
    this.#attachments = this.#attached.size;
    this.#inlineBefore = sum(this.#inline);
    this.#inlineCharacters = this.#inlineBefore;
  }

  apply(step: StepAction, charactersOf: (document: DocumentRef) => number): void {
    if (step.op === 'attach-policy') this.#attached.add(step.policyArn);
    if (step.op === 'detach-policy') this.#attached.delete(step.policyArn);
    if (step.op === 'put-inline-policy') this.#inline.set(step.policyName, charactersOf(step.document));
    if (step.op === 'delete-inline-policy') this.#inline.delete(step.policyName);
    this.#attachments = Math.max(this.#attachments, this.#attached.size);
    this.#inlineCharacters = Math.max(this.#inlineCharacters, sum(this.#inline));
  }

  peak(): HolderPeak {
    return {
      holder: this.#holder,
      attachments: this.#attachments,
      inlineCharacters: this.#inlineCharacters,
      inlineBefore: this.#inlineBefore,
    };
  }
}

/** The quotas of holders, and what they have. */
export interface HolderRoom {
  readonly quotas: HolderQuotas;
  readonly loadOf: (holder: HolderRef) => HolderLoad;
}

/** What has to be freed before the first step, as sentences; empty if the quotas suffice at every moment. */
export function freeFirst(peaks: readonly HolderPeak[], { quotas, loadOf }: HolderRoom): readonly string[] {
  return peaks.flatMap(({ holder, attachments, inlineCharacters, inlineBefore }) => {
    const { type, name } = holder;
    const quota = quotas[type];
    const sentences: string[] = [];
    if (attachments > quota.attachments) {
      const raised = RAISED_TO[type];
      const raise =
        raised === undefined || quota.attachments >= raised
          ? ''
          : `, or have AWS raise the quota (to ${String(raised)} at most)`;
      sentences.push(
        `the ${type} ${name} has ${String(loadOf(holder).attached.size)} managed policies attached and would have ${String(attachments)} for a moment, ` +
          `with a quota of ${String(quota.attachments)}: first detach ${count(attachments - quota.attachments)} not needed${raise}`,
      );
    }
    // A policy that is already too long and only shrinks is no obstacle.
    if (inlineCharacters > quota.inlineCharacters && inlineCharacters > inlineBefore) {
      sentences.push(
        `the inline policies of the ${type} ${name} would come to ${String(inlineCharacters)} characters for a moment, ` +
          `with a quota of ${String(quota.inlineCharacters)}: first free ${String(inlineCharacters - quota.inlineCharacters)} of them`,
      );
    }
    return sentences;
  });
}

/** The sentence as a note of the proposal. */
export function roomNote(sentence: string): string {
  return `Before it can be applied: ${sentence}.`;
}

function count(policies: number): string {
  return policies === 1 ? 'one that is' : `${String(policies)} that are`;
}

function sum(inline: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const characters of inline.values()) total += characters;
  return total;
}
