import { simulate, Violation } from '../test/use-cases/apply/simulation.ts';

/*
 * Plays histories of `apply` and `rollback` against a model of IAM: `npm run simulate -- 100000 [first seed]`.
 * It prints what the seeds covered, and stops at the first history in which something happened that must not.
 */
const [count = '1000', first = '1'] = process.argv.slice(2);
const counts = new Map<string, number>();
for (let seed = Number(first); seed < Number(first) + Number(count); seed += 1) {
  try {
    const { subject, outcomes } = await simulate(seed);
    for (const outcome of outcomes) {
      const key = `${subject}: ${outcome}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    process.stderr.write(`seed ${String(seed)}: ${error.message}\n`);
    process.exit(1);
  }
}
for (const [what, number] of [...counts].sort())
  process.stdout.write(`${String(number).padStart(8)} ${what}\n`);
