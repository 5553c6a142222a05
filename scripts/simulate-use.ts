import { type Counts, playWorld, WrongDecision } from '../test/core/usage/simulation.ts';

/*
 * Checks findings from reports of last use on simulated accounts whose use is known completely: `npx tsx
 * scripts/simulate-use.ts 1000000 [first seed]` makes that many decisions, and stops at the first wrong one.
 */
const [decisions = '1000000', first = '1'] = process.argv.slice(2);
const counts: Counts = { decisions: 0, unused: 0 };
let seed = Number(first);
try {
  for (; counts.decisions < Number(decisions); seed += 1) playWorld(seed, counts);
} catch (error) {
  if (!(error instanceof WrongDecision)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
process.stdout.write(
  `${String(counts.decisions)} decisions about ${String(seed - Number(first))} principals, none wrong; ${String(counts.unused)} called unused\n`,
);
