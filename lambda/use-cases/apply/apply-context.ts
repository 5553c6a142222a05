import { COMMAND } from '../../contract/command.ts';
import { canonicalDocument, type JsonValue } from '../../core/model/json.ts';
import type { HolderRef, Subject } from '../../core/model/subject.ts';
import type { DocumentRef, Plan, PlanStep } from '../../core/plan/schema.ts';
import type { IamReader, IamWriter, SavedVersion } from '../../ports/apply.ts';
import type { Digest } from '../../ports/system.ts';

export type Direction = 'apply' | 'rollback';

/** What checks and changes need. */
export interface ApplyContext<Iam extends IamReader = IamReader> {
  readonly direction: Direction;
  readonly subject: Subject;
  readonly plan: Plan;
  readonly documents: ReadonlyMap<string, JsonValue>;
  readonly iam: Iam;
  readonly digest: Digest;
  /** Waits for some milliseconds, because IAM is eventually consistent. */
  readonly pause: (millis: number) => Promise<void>;
  /** The steps of this run, in its direction; a rollback leaves out those that were not applied. */
  readonly steps: readonly PlanStep[];
  /** The point since which things may have changed, for messages: `the analysis of 2026-11-20`. */
  readonly since: string | undefined;
}

/** What a step needs in addition. */
export interface StepContext extends ApplyContext<IamWriter> {
  /** Called before each change, so that the receipt records it even if the process dies during the call. */
  readonly beforeChange: () => Promise<void>;
  /** Saves a version that is about to be deleted. */
  readonly save: (policyArn: string, versionId: string, document: JsonValue) => Promise<SavedVersion>;
}

/**
 * The state of what a step changes. `done`: as it is after the step. `kept`: the step deliberately leaves it as it is.
 * `refused`: neither as it was analysed nor as it is after the plan, so the step must not be taken.
 */
export type Look =
  | { readonly state: 'to-do' | 'done'; readonly notes: readonly string[] }
  | { readonly state: 'kept'; readonly notes: readonly string[] }
  | { readonly state: 'refused'; readonly problem: string };

export const TO_DO: Look = { state: 'to-do', notes: [] };
export const DONE: Look = { state: 'done', notes: [] };

/** The end of every message about a proposal that no longer fits the account. */
export const PROPOSE_AGAIN = `make the proposal again with \`${COMMAND} account\` and apply that`;

interface Refusal {
  /** What differs from the analysis. */
  readonly what: string;
  /** When it changed, if IAM says so; otherwise the message says since when it may have changed. */
  readonly changedAt?: string | undefined;
  /** What to do about it. */
  readonly next: string;
}

export function refused(context: Pick<ApplyContext, 'since'>, refusal: Refusal): Look {
  return { state: 'refused', problem: problemOf(context, refusal) };
}

export function problemOf(
  { since }: Pick<ApplyContext, 'since'>,
  { what, changedAt, next }: Refusal,
): string {
  const when = changedAt ?? since;
  return `${what}${when === undefined ? '' : ` (since ${when})`}; ${next}`;
}

/** Whether a document that IAM returned is the one that the plan refers to. */
export function isDocument(
  context: Pick<ApplyContext, 'digest'>,
  found: JsonValue | undefined,
  wanted: DocumentRef | null,
): boolean {
  if (found === undefined || wanted === null) return found === undefined && wanted === null;
  return context.digest(canonicalDocument(found)) === wanted.digest;
}

/** The document that a step puts in place. Admission has checked that every document exists. */
export function documentOf(ref: DocumentRef, { documents }: Pick<ApplyContext, 'documents'>): JsonValue {
  const document = documents.get(ref.file);
  if (document === undefined) throw new RangeError(`the proposal holds no document ${ref.file}`);
  return document;
}

/**
 * The holder that a step changes if it names none. A policy has no policies of its own, so no plan about a policy has
 * such a step.
 */
export function subjectAsHolder({ subject: { type, name, arn } }: Pick<ApplyContext, 'subject'>): HolderRef {
  if (type === 'policy') throw new RangeError(`${arn} holds no policies`);
  return { type, name };
}

/** Milliseconds to wait for a change to be seen: half a minute in all. */
const WAITS = [500, 1_000, 2_000, 4_000, 8_000, 15_000];

/**
 * Repeats a check until it is satisfied, because IAM is eventually consistent.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
 */
export async function settle<T>(
  context: Pick<ApplyContext, 'pause'>,
  look: () => Promise<T>,
  content: (seen: T) => boolean,
): Promise<T> {
  let seen = await look();
  for (const millis of WAITS) {
    if (content(seen)) return seen;
    await context.pause(millis);
    seen = await look();
  }
  return seen;
}
