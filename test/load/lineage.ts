/*
 * How Lambda sees that a function invokes itself through a queue: the header of a trace says which function the chain of
 * messages went through, and how often; the SDK hands it on with each message that a function sends. Lambda's own
 * counts several functions; here the last one counts, since no chain of the stack goes back and forth between two.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
 */

/** About so many invocations of one function in a chain are let through. */
export const MOST_HOPS = 16;

/** The lineage of an invocation: `1:<function>:<invocations before it>`, in the header of its trace. */
export function lineageIn(header: unknown): string | undefined {
  return typeof header === 'string'
    ? /(?:^|;)Lineage=(\d+:[0-9a-f]{8}:\d+)(?:;|$)/.exec(header)?.[1]
    : undefined;
}

/** How a function is called in a lineage. */
export function lineageName(place: number): string {
  return place.toString(16).padStart(8, '0');
}

/** How often the function was invoked in the chains that led to these messages; the longest counts. */
export function hopsBefore(name: string, lineages: readonly (string | undefined)[]): number {
  return Math.max(
    0,
    ...lineages.map((lineage) => {
      const [, last, hops] = lineage?.split(':') ?? [];
      return last === name ? Number(hops) : 0;
    }),
  );
}
