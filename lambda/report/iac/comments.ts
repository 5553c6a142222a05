import { onOneLine } from '../text/one-line.ts';
import type { IacModel } from './iac-resources.ts';

/** The lines at the head of a fragment, without the mark that makes them a comment. */
export function headLines({ proposalId, principal, removals }: IacModel, where: string): readonly string[] {
  return [
    `Proposal ${proposalId} for ${principal.arn}: ${where}`,
    ...(removals.length > 0 ? ['Also:', ...removals.map((text) => `- ${text}`)] : []),
  ].map(onOneLine);
}
