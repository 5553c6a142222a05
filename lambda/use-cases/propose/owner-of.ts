import type { Tag } from '../../core/model/principal.ts';
import type { RefinementSettings } from '../../ports/settings.ts';

/**
 * Whose a principal is: the value of the configured tag, with its key's case as given. A value of nothing but spaces
 * says nothing.
 */
export function ownerOf(
  tags: readonly Tag[],
  { ownerTag }: Pick<RefinementSettings, 'ownerTag'>,
): { readonly owner?: string } {
  const owner = tags.find(({ key }) => key === ownerTag)?.value.trim() ?? '';
  return owner === '' ? {} : { owner };
}
