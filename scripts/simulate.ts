import { simulate as simulateApply, Violation } from '../test/use-cases/apply/simulation.ts';
import { simulate as simulateLifecycle } from '../test/use-cases/lifecycle/simulation.ts';

/*
 * Runs a simulation on many seeds: `npm run simulate -- apply 100000 [first seed]`, or `lifecycle`. Violations are
 * printed with their seed. A failing seed does not stop the others, but the tenth does.
 */

/** The result of one seed: what was wrong, and what it covered. */
interface Played {
  readonly wrongs: readonly string[];
  readonly covered: readonly string[];
}

const SIMULATIONS: Readonly<Record<string, (seed: number) => Promise<Played>>> = {
  /** Histories of `apply` and `rollback` against a model of IAM. */
  apply: async (seed) => {
    try {
      const { subject, outcomes } = await simulateApply(seed);
      return { wrongs: [], covered: outcomes.map((outcome) => `${subject}: ${outcome}`) };
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      return { wrongs: [error.message], covered: [] };
    }
  },
  /** Everything that writes, shows and announces proposals, concurrently. */
  lifecycle: async (seed) => ({ wrongs: await simulateLifecycle(seed), covered: ['seeds'] }),
};

const MOST_FAILURES = 10;

const [name = '', count = '1000', first = '1'] = process.argv.slice(2);
const play = SIMULATIONS[name];
if (!play) {
  process.stderr.write(`name a simulation: ${Object.keys(SIMULATIONS).join(' or ')}\n`);
  process.exit(1);
}
const counts = new Map<string, number>();
let failures = 0;
for (let seed = Number(first); seed < Number(first) + Number(count) && failures < MOST_FAILURES; seed += 1) {
  const { wrongs, covered } = await play(seed);
  for (const wrong of wrongs) process.stderr.write(`seed ${String(seed)}: ${wrong}\n`);
  if (wrongs.length > 0) failures += 1;
  for (const what of covered) counts.set(what, (counts.get(what) ?? 0) + 1);
}
for (const [what, number] of [...counts].sort())
  process.stdout.write(`${String(number).padStart(8)} ${what}\n`);
if (failures > 0) process.exit(1);
