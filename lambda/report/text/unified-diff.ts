import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';

/** A file of a comparison; undefined where there is none on that side. */
export interface DiffSide {
  readonly name: string;
  readonly text: string;
}

/** A diff that `git apply` and `patch` take; nothing where both sides are equal. */
export function unifiedDiff(before: DiffSide | undefined, after: DiffSide | undefined): string {
  if (before?.text === after?.text) return '';
  return createTwoFilesPatch(
    before ? `a/${before.name}` : '/dev/null',
    after ? `b/${after.name}` : '/dev/null',
    before?.text ?? '',
    after?.text ?? '',
    undefined,
    undefined,
    { headerOptions: FILE_HEADERS_ONLY },
  );
}
