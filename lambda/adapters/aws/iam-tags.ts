import type { Tag as SdkTag } from '@aws-sdk/client-iam';
import type { Tag } from '../../core/model/principal.ts';

export function readTags(tags: readonly SdkTag[] | undefined): readonly Tag[] {
  return (tags ?? []).map(({ Key, Value }) => ({ key: Key ?? '', value: Value ?? '' }));
}
