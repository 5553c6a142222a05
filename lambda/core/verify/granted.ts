/** The granted actions of one service of the universe: `has` is 1 at their positions. */
export interface GrantedActions {
  /** Case-folded, in the same order for every policy that is judged by the same catalogue and finding. */
  readonly actions: readonly string[];
  readonly has: Uint8Array;
}

/** Granted actions by case-folded service; services of which nothing is granted are left out. */
export type Granted = ReadonlyMap<string, GrantedActions>;

/** Collects the actions that a check covered, and those that it found granted. */
export class Tally {
  statements = 0;
  actions = 0;
  readonly before = new Map<string, GrantedActions>();
  readonly after = new Map<string, GrantedActions>();

  static note(granted: Map<string, GrantedActions>, service: string, more: GrantedActions): void {
    if (!more.has.includes(1)) return;
    const known = granted.get(service);
    granted.set(service, known ? { ...known, has: eitherOf([known.has, more.has]) } : more);
  }
}

/** How many of them are granted. */
export function countGranted({ has }: Pick<GrantedActions, 'has'>): number {
  return has.reduce((sum, mark) => sum + mark, 0);
}

/** 1 at each position at which one of them has 1; all have the same length. */
export function eitherOf(all: readonly Uint8Array[]): Uint8Array {
  const [first, ...others] = all;
  const either = Uint8Array.from(first ?? []);
  for (const other of others) {
    for (let i = 0; i < other.length; i += 1) if (other[i] === 1) either[i] = 1;
  }
  return either;
}
