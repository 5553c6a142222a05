import type { JsonValue } from '../../core/model/json.ts';
import type { DocumentRef } from '../../core/plan/schema.ts';
import type { SavedVersion } from '../../ports/apply.ts';
import type { IamWriter } from '../../ports/apply.ts';
import type { ApplyContext } from './apply-context.ts';

export interface StepResult {
  readonly outcome: 'done' | 'already' | 'kept';
  readonly note?: string;
}

/** What a step needs besides the context. */
export interface StepContext extends ApplyContext<IamWriter> {
  /** Called before each change, so that the receipt knows of it even if the process dies during the call. */
  readonly beforeChange: () => Promise<void>;
  /** Keeps a version that is about to be deleted. */
  readonly save: (policyArn: string, versionId: string, document: JsonValue) => Promise<SavedVersion>;
}

/** A step that must not be taken, because what it finds is not what the plan was made for. */
export class StepRefused extends Error {
  override readonly name = 'StepRefused';
}

export const DONE: StepResult = { outcome: 'done' };
export const ALREADY: StepResult = { outcome: 'already' };

/** @throws StepRefused when the proposal lacks the document */
export function documentOf(ref: DocumentRef, context: StepContext): JsonValue {
  const document = context.documents.get(ref.file);
  if (document === undefined) throw new StepRefused(`the proposal holds no document ${ref.file}`);
  return document;
}

export function changed(what: string): StepRefused {
  return new StepRefused(`${what} was changed by somebody else in this moment`);
}
