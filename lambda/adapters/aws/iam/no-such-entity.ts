import { AdapterError } from '../../../ports/system.ts';

/** The SDK's name of the error, and the code on the wire, which emulators use as the name. */
export const NO_SUCH_ENTITY: readonly string[] = ['NoSuchEntityException', 'NoSuchEntity'];

/** Something was listed and is gone when it is read: the next attempt sees what is there by then. */
export function vanished(doing: string): AdapterError {
  return new AdapterError(
    `cannot ${doing}: it went away after it was listed; it will be tried again`,
    'retry',
    'unavailable',
  );
}
