import type { IacModel } from './iac-resources.ts';

/** The lines at the head of a fragment, without the mark that makes them a comment. */
export function headLines({ proposalId, principal, removals }: IacModel, where: string): readonly string[] {
  return [
    `Proposal ${proposalId} for ${principal.arn}: ${where}`,
    ...(removals.length > 0 ? ['Also:', ...removals.map((text) => `- ${text}`)] : []),
  ].map(commentText);
}

/** A text that may stand in a comment of one line: whatever would end the line is gone. */
export function commentText(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
}
