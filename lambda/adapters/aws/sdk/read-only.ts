import { middlewareOf } from './clock-steps.ts';

/** Thrown instead of sending a call that the command must never make. */
class ForbiddenCall extends Error {
  override readonly name = 'ForbiddenCall';
}

/**
 * Makes a client refuse every operation that is not on the list, before anything is sent, even if the credentials
 * would allow it.
 * @param operations names as the SDK has them, such as `GetFindingV2`
 */
export function onlyOperations<C extends object>(client: C, operations: ReadonlySet<string>): C {
  middlewareOf(client).add(
    (next, context) => async (call) => {
      const operation = (context.commandName ?? '').replace(/Command$/, '');
      if (!operations.has(operation))
        throw new ForbiddenCall(`${operation} is not among the calls of this command`);
      return next(call);
    },
    { step: 'initialize', priority: 'high', name: 'onlyOperations' },
  );
  return client;
}
