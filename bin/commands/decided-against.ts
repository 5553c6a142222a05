import { DECISIONS_FILE, readDecisionsFile } from '../../lambda/adapters/files/decisions-file.ts';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import { systemClock } from '../../lambda/adapters/node.ts';
import { type Decision, holdsOn } from '../../lambda/core/decision/decision.ts';
import { againstDecisions } from '../../lambda/core/proposal/against-decisions.ts';
import { findProposal } from './stored-proposal.ts';

/**
 * Why decisions speak against applying a proposal; nothing where they do not.
 * @throws InputError when a file cannot be read
 * @throws AdapterError when the bucket cannot be read: what is decided there is not known then
 */
export async function decidedAgainst(
  address: string,
  { decisions: file }: { readonly decisions?: string },
): Promise<readonly string[]> {
  const { proposal, address: folder } = await findProposal(address);
  const { accountId } = 'subject' in proposal ? proposal.subject : proposal.principal;
  const [, bucket] = /^s3:\/\/([^/]+)\//.exec(folder) ?? [];
  const today = systemClock.now().slice(0, 10);
  if (bucket === undefined || file !== undefined) {
    return againstDecisions(
      proposal,
      inFile(file).filter((one) => holdsOn(one, today)),
    );
  }
  const { objectsForCaller } = await import('../../lambda/adapters/aws/s3/objects.ts');
  const { S3Decisions } = await import('../../lambda/adapters/aws/s3/decisions.ts');
  const source = new S3Decisions(objectsForCaller(bucket, process.env), systemClock);
  return againstDecisions(proposal, await source.inForce(accountId));
}

function inFile(file: string | undefined): readonly Decision[] {
  const decisions = readDecisionsFile(file ?? DECISIONS_FILE);
  if (decisions === undefined && file !== undefined) throw new InputError(`${file}: no such file`);
  return decisions ?? [];
}
