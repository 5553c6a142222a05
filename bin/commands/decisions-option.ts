import path from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { DECISIONS_FILE, readDecisionsFile } from '../../lambda/adapters/files/decisions-file.ts';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import { systemClock } from '../../lambda/adapters/node.ts';
import { type Decision, holdsOn } from '../../lambda/core/decision/decision.ts';
import { isDay } from '../../lambda/stored/decisions.ts';
import { againstDecisions } from '../../lambda/core/proposal/against-decisions.ts';
import { findProposal } from './proposal-folder.ts';

export const decisionsOption = (): Option =>
  new Option(
    '--decisions <file>',
    `what people decided about proposals; keep it in a repository (default: ${DECISIONS_FILE}, if it exists)`,
  );

export const asOfOption = (): Option =>
  new Option('--as-of <date>', 'the day on which decisions must still hold (default: today)').argParser(
    (text: string) => {
      if (isDay(text)) return text;
      throw new InvalidArgumentError('expected a day as 2026-11-29.');
    },
  );

/** The decisions in force on the day of the run. @throws InputError that names the file and the position */
export function loadDecisions(
  { decisions, asOf }: { readonly decisions?: string; readonly asOf?: string },
  out: string,
): readonly Decision[] {
  const file = decisions ?? DECISIONS_FILE;
  const all = readDecisionsFile(file);
  if (all === undefined) {
    if (decisions === undefined) return [];
    throw new InputError(`${file}: no such file`);
  }
  outsideOf(out, file);
  const day = asOf ?? systemClock.now().slice(0, 10);
  return all.filter((decision) => holdsOn(decision, day));
}

/**
 * The decisions of a file that are in force today, for a proposal at this address; none for a proposal in a bucket
 * unless a file is named.
 * @throws InputError that names the file and the position
 */
export function decisionsToday(
  address: string,
  { decisions: file }: { readonly decisions?: string | undefined },
): readonly Decision[] {
  if (address.startsWith('s3://') && file === undefined) return [];
  const decisions = readDecisionsFile(file ?? DECISIONS_FILE);
  if (decisions === undefined && file !== undefined) throw new InputError(`${file}: no such file`);
  const today = systemClock.now().slice(0, 10);
  return (decisions ?? []).filter((one) => holdsOn(one, today));
}

/**
 * Refuses a decisions file within the output folder, so that deleting the output does not delete decisions.
 * @throws InputError
 */
export function outsideOf(out: string, file: string): void {
  const relative = path.relative(path.resolve(out), path.resolve(file));
  if (relative.startsWith('..') || path.isAbsolute(relative)) return;
  throw new InputError(
    `${file}: is in ${out}, which runs write; keep decisions elsewhere and name the file with --decisions`,
  );
}

/**
 * Why decisions forbid applying a proposal; empty if they do not.
 * @throws InputError if a file cannot be read
 * @throws AdapterError if the bucket cannot be read, because its decisions are unknown then
 */
export async function decidedAgainst(
  address: string,
  options: { readonly decisions?: string },
): Promise<readonly string[]> {
  const { proposal, address: folder } = await findProposal(address);
  const { accountId } = 'subject' in proposal ? proposal.subject : proposal.principal;
  const [, bucket] = /^s3:\/\/([^/]+)\//.exec(folder) ?? [];
  if (bucket === undefined || options.decisions !== undefined) {
    return againstDecisions(proposal, decisionsToday(folder, options));
  }
  const { objectsForCaller } = await import('../../lambda/adapters/aws/s3/objects.ts');
  const { S3Decisions } = await import('../../lambda/adapters/aws/s3/decisions.ts');
  const source = new S3Decisions(objectsForCaller(bucket, process.env), systemClock);
  return againstDecisions(proposal, await source.inForce(accountId));
}
