/** Folder of the documents within a proposal's folder. */
const FOLDER = 'policies/';

/**
 * Name of the file that holds a policy's document as it is. `index` is the policy's place in `proposal.policies`,
 * counted from 0, and keeps two policies of one name apart.
 */
export function beforeFile(index: number, policyName: string): string {
  return `${FOLDER}${String(index)}-${policyName}.before.json`;
}

/**
 * Name of the file that holds a document that comes in the policy's place. Where the policy was split, the parts are
 * counted from 1: `.after.1.json`, `.after.2.json`.
 */
export function afterFile(index: number, policyName: string, part: number, parts: number): string {
  const suffix = parts === 1 ? '' : `.${String(part + 1)}`;
  return `${FOLDER}${String(index)}-${policyName}.after${suffix}.json`;
}

/** Name of the file that holds a document which stands in no policy of the proposal. */
export function planDocumentFile(name: string): string {
  return `${FOLDER}${name}.json`;
}
