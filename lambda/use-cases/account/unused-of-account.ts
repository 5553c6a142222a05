import type { UnusedFinding, UnusedOfPart } from '../../ports/account.ts';
import type { Finding, FindingDetails, UnusedFindings } from '../../ports/findings.ts';

/** One finding, in compact form: a large account has 15,000 of them, each with hundreds or thousands of names. */
interface Held {
  readonly facts: Omit<UnusedFinding, 'unused'>;
  /**
   * Names by number: for each service its own number, how many actions follow, and their numbers. Null if the whole
   * role is unused.
   */
  readonly unused: Uint32Array | null;
}

/**
 * The unused access of an account by principal. Each name is stored once, and each use of it takes four bytes, so the
 * largest account that IAM allows fits into one function's memory.
 * @param parts the stored parts
 * @param isPartial whether the listing may lack findings; then nothing is known about a principal without one
 * @throws AdapterError if the parts cannot be read
 */
export async function unusedOfAccount(
  parts: AsyncIterable<UnusedOfPart>,
  isPartial = false,
): Promise<UnusedFindings> {
  const names = new Names();
  const byPrincipal = new Map<string, Held[]>();
  const unreadOnes = new Set<string>();
  for await (const { findings, unread } of parts) {
    for (const arn of unread) unreadOnes.add(arn);
    for (const { unused, ...facts } of findings) {
      const held = { facts, unused: unused && names.numbersOf(unused) };
      const others = byPrincipal.get(facts.resource);
      if (others) others.push(held);
      else byPrincipal.set(facts.resource, [held]);
    }
  }
  return {
    about: (principalArn) =>
      Promise.resolve(
        unreadOnes.has(principalArn) || (isPartial && !byPrincipal.has(principalArn))
          ? undefined
          : (byPrincipal.get(principalArn) ?? []).map(({ facts, unused }) =>
              asFinding(facts, unused && names.entriesOf(unused)),
            ),
      ),
  };
}

type Unused = NonNullable<UnusedFinding['unused']>;

/** Numbers names in the order in which they are added. */
class Names {
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];

  numbersOf(unused: Unused): Uint32Array {
    const numbers = new Uint32Array(unused.reduce((sum, [, actions]) => sum + 2 + actions.length, 0));
    let at = 0;
    const add = (number: number): void => {
      numbers[at] = number;
      at += 1;
    };
    for (const [service, actions] of unused) {
      add(this.#numberOf(service));
      add(actions.length);
      for (const action of actions) add(this.#numberOf(action));
    }
    return numbers;
  }

  entriesOf(numbers: Uint32Array): Unused {
    const entries: (readonly [string, readonly string[]])[] = [];
    let at = 0;
    while (at < numbers.length) {
      const first = at + 2;
      at = first + (numbers[at + 1] ?? 0);
      const actions = Array.from(numbers.subarray(first, at), (number) => this.#nameOf(number));
      entries.push([this.#nameOf(numbers[first - 2]), actions]);
    }
    return entries;
  }

  #numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#names.push(name);
    this.#numbers.set(name, this.#names.length - 1);
    return this.#names.length - 1;
  }

  #nameOf(number: number | undefined): string {
    return this.#names[number ?? -1] ?? '';
  }
}

function asFinding(facts: Held['facts'], unused: Unused | null): Finding {
  const details: FindingDetails =
    unused === null
      ? { type: 'UnusedIAMRole', lastAccessed: undefined }
      : {
          type: 'UnusedPermission',
          entries: unused.map(([serviceNamespace, actions]) => ({
            serviceNamespace,
            ...(actions.length === 0 ? {} : { actions: actions.map((action) => ({ action })) }),
          })),
        };
  const { source, ...others } = facts;
  return { ...others, ...(source && { source }), findingType: details.type, status: 'ACTIVE', details };
}
