import { byCodeUnit } from '../../core/model/order.ts';
import { count } from '../../core/model/wording.ts';
import { counted } from '../text/format.ts';
import { html, joinHtml, type Html } from '../html/html.ts';
import type { RunEntry } from './run-overview.ts';

/** Principals with the identical outcome, by name. A single principal is a group too. */
export interface Group {
  readonly entries: readonly RunEntry[];
  readonly first: RunEntry;
  /** Removed actions, summed over all principals of the group. */
  readonly effect: number;
  /** How many principals of the group are left out of the page. */
  readonly unlisted: number;
}

interface PageContent {
  readonly refinements: readonly Group[];
  readonly removals: readonly Group[];
  /** Entries that are not on the page. */
  readonly rest: readonly RunEntry[];
}

/** The first entries of both lists, as many as the page may hold. Each list gets half of the page, and what the other leaves. */
export function withinLimit(
  refinements: readonly Group[],
  removals: readonly Group[],
  limit: number,
): PageContent {
  const half = Math.max(Math.ceil(limit / 2), limit - sizeOf(refinements));
  const second = take(removals, half);
  const first = take(refinements, limit - sizeOf(second.taken));
  return {
    refinements: first.taken,
    removals: second.taken,
    rest: [...first.rest, ...second.rest],
  };
}

function sizeOf(groups: readonly Group[]): number {
  return groups.reduce((sum, { entries }) => sum + entries.length, 0);
}

function take(
  groups: readonly Group[],
  limit: number,
): { readonly taken: readonly Group[]; readonly rest: readonly RunEntry[] } {
  const taken: Group[] = [];
  const rest: RunEntry[] = [];
  let room = limit;
  for (const group of groups) {
    const entries = group.entries.slice(0, room);
    const left = group.entries.slice(entries.length);
    if (entries.length > 0) taken.push({ ...group, entries, unlisted: left.length });
    for (const entry of left) rest.push(entry);
    room -= entries.length;
  }
  return { taken, rest };
}

/** The proposals that are left out of the page, counted by account, with a link to the folder of each account. */
export function restSection(
  rest: readonly RunEntry[],
  folderOf: (accountId: string) => string,
): Html | undefined {
  if (rest.length === 0) return undefined;
  const byAccount = new Map<string, number>();
  for (const { principal } of rest) {
    byAccount.set(principal.accountId, (byAccount.get(principal.accountId) ?? 0) + 1);
  }
  const items = [...byAccount]
    .sort(([a], [b]) => byCodeUnit(a, b))
    .map(([account, some]) => html`<li><a href="${folderOf(account)}">${account}</a> ${count(some)}</li>`);
  const many = `${counted(rest.length, 'more proposal')} with the smallest effect ${rest.length === 1 ? 'is' : 'are'} not listed here`;
  return html`<section id="rest" aria-labelledby="rest-h">
    <h2 id="rest-h">Not on this page</h2>
    <p>
      ${many}, and the filters do not include them. <span class="mono">index.json</span> beside this page has
      a line for each. By account, each with a link to its folder:
    </p>
    <ul class="names">
      ${joinHtml(items)}
    </ul>
  </section>`;
}
