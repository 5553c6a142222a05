import type { Context } from 'aws-lambda';
import type { Telemetry } from './telemetry.ts';
import type { Tracing } from './tracing.ts';

/** What the platform tells about an invocation, as far as it is used. */
export type Invocation = Pick<Context, 'awsRequestId' | 'getRemainingTimeInMillis'>;

/** A function as Lambda calls it. */
export type Handler<R> = (event: unknown, context: Invocation) => Promise<R>;

/** Puts one invocation into the trace, and writes the metrics whatever happens. */
export function instrumented<R>(
  name: string,
  telemetry: Telemetry,
  tracing: Tracing,
  handle: (event: unknown, context: Invocation) => Promise<R>,
): Handler<R> {
  return (event, context) =>
    tracing.invocation(name, async () => {
      telemetry.begin(context.awsRequestId);
      try {
        return await handle(event, context);
      } finally {
        telemetry.flush();
      }
    });
}
