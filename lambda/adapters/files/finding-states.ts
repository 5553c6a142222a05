import type { FindingRecord, PlacedPage } from './finding-page.ts';
import { InputError } from './input-error.ts';
import { mergePages, oneOf } from './merge-pages.ts';

/** Members that must agree in all pages of one state; otherwise their union would be wrong. */
const AGREED = ['status', 'findingType'] as const;

/** The pages of one finding in one state. */
interface State {
  /** When the finding was updated and analysed, in milliseconds since 1970; 0 if the time is invalid. */
  readonly updated: number;
  readonly analyzed: number;
  readonly pages: PlacedPage[];
}

/**
 * Combines all pages of one finding. Pages belong to the same state if the finding was updated and analysed at the
 * same time. Only the latest of several states counts; if it is not complete, none does, because an older one may
 * report as unused what was used since.
 * @throws InputError that names the file and the position, if pages cannot belong to one finding
 */
export function settleFinding(
  pages: readonly PlacedPage[],
  analyzerArn: string | null,
): FindingRecord & { readonly remark: string | undefined } {
  checkAgreed(pages, ['resource']);
  const full = statesOf(pages.filter(({ isListed }) => !isListed));
  const [listed] = statesOf(pages.filter(({ isListed }) => isListed));
  const [state, ...older] = full;
  // A list shows the state at its own time, which is newer if the finding was fetched before the list.
  const latest = listed && (!state || listed.updated > state.updated) ? listed : state;
  if (!latest) throw new TypeError('a finding without a page');
  const [{ page: first }] = latest.pages as [PlacedPage];
  const shown = latest.pages.map(({ page }) => page);
  const reference = {
    analyzerArn: oneOf(shown, 'analyzerArn') ?? analyzerArn ?? '',
    findingId: first.id,
    accountId: oneOf(shown, 'resourceOwnerAccount') ?? '',
    resource: first.resource,
  };
  const isPartial = !latest.pages.some(({ isLast }) => isLast);
  const time = first.updatedAt ?? 'without a time';
  const count = older.length + 1 + (latest === listed && state ? 1 : 0);
  const several = `the finding ${first.id} is there in ${String(count)} states`;
  if (latest === listed && first.status === 'ACTIVE' && first.error === undefined) {
    const reason = `its details of ${time} are missing: a list names it, and what get-finding-v2 prints of it is not there`;
    const remark = state ? `${several}; of the latest a list alone tells` : undefined;
    return { reference, answer: { kind: 'unreadable', reason }, isPartial: false, remark };
  }
  if (isPartial && older.length > 0) {
    const reason = `it is there in ${String(count)} states, and the last page of the latest (${time}) is missing; get it again`;
    return { reference, answer: { kind: 'unreadable', reason }, isPartial, remark: undefined };
  }
  const remark = isPartial
    ? `the last page of the finding ${first.id} is missing, so only a part of what is unused goes`
    : count > 1
      ? `${several}; the latest counts (${time})`
      : undefined;
  return { reference, answer: mergePages(first, shown, analyzerArn), isPartial, remark };
}

/** The states of a finding, the latest first. */
function statesOf(pages: readonly PlacedPage[]): readonly State[] {
  const states = new Map<string, State>();
  const dated = pages.find(({ page }) => page.updatedAt !== undefined);
  for (const placed of pages) {
    const { updatedAt, analyzedAt } = placed.page;
    if (dated && updatedAt === undefined) throw disagreement('updatedAt', dated, placed);
    const updated = momentOf(updatedAt);
    const analyzed = momentOf(analyzedAt);
    const key = `${String(updated ?? updatedAt)} ${String(analyzed ?? analyzedAt)}`;
    const known = states.get(key);
    if (known) known.pages.push(placed);
    else states.set(key, { updated: updated ?? 0, analyzed: analyzed ?? 0, pages: [placed] });
  }
  const sorted = [...states.values()].sort((a, b) => b.updated - a.updated || b.analyzed - a.analyzed);
  const [first, second] = sorted;
  // Without valid times it is unknown which state is later.
  if (first && second && first.updated === second.updated && first.analyzed === second.analyzed) {
    throw disagreement('updatedAt', second.pages[0], first.pages[0]);
  }
  for (const { pages: together } of sorted) checkAgreed(together, AGREED);
  return sorted;
}

function momentOf(time: string | undefined): number | undefined {
  const moment = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(moment) ? undefined : moment;
}

function checkAgreed(
  pages: readonly PlacedPage[],
  members: readonly ('resource' | (typeof AGREED)[number])[],
): void {
  const [first] = pages;
  for (const member of members) {
    const other = pages.find(({ page }) => page[member] !== first?.page[member]);
    if (other) throw disagreement(member, first, other);
  }
}

function disagreement(
  member: 'resource' | 'updatedAt' | (typeof AGREED)[number],
  earlier: PlacedPage | undefined,
  later: PlacedPage | undefined,
): InputError {
  const values = [earlier, later].map((placed) => JSON.stringify(placed?.page[member]) ?? 'nothing');
  const { file, root, page } = (later ?? earlier) as PlacedPage;
  return new InputError(
    `${file}:${root === '' ? '' : ` ${root}:`} the finding ${JSON.stringify(page.id)} has the ${member} ${values.join(' on one page and ')} on another; keep the pages of one run`,
  );
}
