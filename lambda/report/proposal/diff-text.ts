import { type JsonValue, renderJson } from '../../core/model/json.ts';
import { afterFile, beforeFile } from '../../core/plan/file-names.ts';
import type { ProposedPolicy } from '../../core/model/proposed-policy.ts';
import { onOneLine } from '../text/one-line.ts';
import { type DiffSide, unifiedDiff } from '../text/unified-diff.ts';
import { isChanging } from '../text/wording.ts';

/**
 * Every changed policy as a unified diff between its files in the proposal's folder. Where a policy is split, the parts
 * after the first are new files.
 */
export function renderDiff(policies: readonly ProposedPolicy[]): string {
  return policies.map((policy, index) => (isChanging(policy) ? diffOf(policy, index) : '')).join('');
}

function diffOf({ name, before, after }: ProposedPolicy, index: number): string {
  const old = side(beforeFile(index, name), before);
  const [first, ...rest] = after.map(({ document }, part) =>
    side(afterFile(index, name, part, after.length), document),
  );
  return [unifiedDiff(old, first), ...rest.map((part) => unifiedDiff(undefined, part))].join('');
}

function side(file: string, document: JsonValue): DiffSide {
  return { name: onOneLine(file), text: `${renderJson(document)}\n` };
}
