import type { AccountPage } from './account-pages.ts';
import type { PolicySource } from './policy-source.ts';
import type { PolicyTags } from './policy-tags.ts';

/** One account in memory. All pages have to be added before the first principal is asked for. */
export interface AccountMemory extends PolicySource, PolicyTags {
  addPage(page: AccountPage): void;
}
