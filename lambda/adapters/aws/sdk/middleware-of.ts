import type { IAMClient } from '@aws-sdk/client-iam';

/** The middleware of a client whose own types do not matter. Trust boundary: the stack is the same whatever a client takes and answers. */
export function middlewareOf(client: object): IAMClient['middlewareStack'] {
  return (client as unknown as IAMClient).middlewareStack;
}
