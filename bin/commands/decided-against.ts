import { systemClock } from '../../lambda/adapters/node.ts';
import { againstDecisions } from '../../lambda/core/proposal/against-decisions.ts';
import { decisionsToday } from './decisions-option.ts';
import { findProposal } from './stored-proposal.ts';

/**
 * Why decisions speak against applying a proposal; nothing where they do not.
 * @throws InputError when a file cannot be read
 * @throws AdapterError when the bucket cannot be read: what is decided there is not known then
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
