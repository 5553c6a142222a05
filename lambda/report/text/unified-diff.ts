import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import { type JsonValue, renderJson } from '../../core/model/json.ts';
import { afterFile, beforeFile } from '../../core/plan/names.ts';
import type { ProposedPolicy } from '../../core/model/proposed-policy.ts';
import { onOneLine } from './format.ts';
import { isChanging } from './wording.ts';

/** One side of a comparison. */
interface DiffSide {
  readonly name: string;
  readonly text: string;
}

/** A diff for `git apply` and `patch`; empty if both sides are equal. A side that does not exist is undefined. */
export function unifiedDiff(before: DiffSide | undefined, after: DiffSide | undefined): string {
  if (before?.text === after?.text) return '';
  const patch = createTwoFilesPatch(
    before ? `a/${before.name}` : '/dev/null',
    after ? `b/${after.name}` : '/dev/null',
    before?.text ?? '',
    after?.text ?? '',
    undefined,
    undefined,
    { headerOptions: FILE_HEADERS_ONLY },
  );
  const [from = '', to = '', ...hunks] = patch.split('\n');
  return [endName(from), endName(to), ...hunks].join('\n');
}

/** `patch` ends a name at its first space unless a tab follows the name, so git writes a tab after such names. */
function endName(header: string): string {
  const name = header.slice('--- '.length);
  return name.includes(' ') && !name.startsWith('"') ? `${header}\t` : header;
}

/**
 * Every changed policy as a unified diff between its files in the proposal's folder. If a policy is split, the parts
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
