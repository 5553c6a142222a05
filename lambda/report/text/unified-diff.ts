import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';

/** A file of a comparison; undefined where there is none on that side. */
export interface DiffSide {
  readonly name: string;
  readonly text: string;
}

/** A diff that `git apply` and `patch` take; nothing where both sides are equal. */
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

/** `patch` takes a name for ended at its first space, unless a tab follows the name: git writes one then. */
function endName(header: string): string {
  const name = header.slice('--- '.length);
  return name.includes(' ') && !name.startsWith('"') ? `${header}\t` : header;
}
