import { jsonObject, type JsonValue, renderJson } from '../model/json.ts';
import type { UnusedAccess } from '../model/unused-access.ts';

/**
 * The verifier found a difference between what the rules require and the refiner's result, which is a bug. `replay`
 * is JSON text that repeats the case offline. It contains policy documents, so it is stored and never logged.
 */
export class VerificationError extends Error {
  override readonly name = 'VerificationError';
  constructor(
    message: string,
    readonly replay: string,
  ) {
    super(message);
  }
}

/** JSON text that repeats a rejected case with the command `policy`: the policy, the finding, the settings. */
export function replayText(input: {
  readonly document: JsonValue;
  readonly unused: UnusedAccess;
  readonly keep: readonly string[];
  readonly generalize: string;
  readonly after: readonly JsonValue[];
}): string {
  const services = [...input.unused.services.values()].map(({ name }) =>
    jsonObject([['serviceNamespace', name]]),
  );
  const actions = [...input.unused.actions].map(([service, names]) =>
    jsonObject([
      ['serviceNamespace', service],
      ['actions', [...names.values()].map(({ name }) => name)],
    ]),
  );
  return renderJson(
    jsonObject([
      ['policy', input.document],
      ['unused', [...services, ...actions]],
      ['keep', input.keep],
      ['generalize', input.generalize],
      ['rejected', input.after],
    ]),
  );
}
