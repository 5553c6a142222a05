import type { Tag } from '../../core/model/principal.ts';
import type { RefinementSettings } from '../../ports/settings.ts';

/**
 * The owner of a principal: the value of the configured tag. The key is case-sensitive. A value of spaces only names no
 * owner.
 */
export function ownerOf(
  tags: readonly Tag[],
  { ownerTag }: Pick<RefinementSettings, 'ownerTag'>,
): { readonly owner?: string } {
  const owner = tags.find(({ key }) => key === ownerTag)?.value.trim() ?? '';
  return owner === '' ? {} : { owner };
}
