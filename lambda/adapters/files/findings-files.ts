import { byCodeUnit } from '../../core/model/order.ts';
import type { Finding, FindingAnswer, FindingReference, FindingSource } from '../../ports/findings.ts';
import type { FindingRecord, PlacedPage } from './finding-page.ts';
import { settleFinding } from './finding-states.ts';
import { InputError } from './input-error.ts';
import { readFindingPages } from './read-findings.ts';
import { nameOf, type TextFile } from './read-text.ts';

/**
 * Findings from a file (JSON array, JSON Lines, one object) or a folder of such files. Pages of one state of a finding
 * are merged; of several states the latest counts.
 */
export class FindingsFiles implements FindingSource {
  /** Every finding, sorted by principal and id, so that the order of the files does not matter. */
  readonly records: readonly FindingRecord[];
  /** Notes for the user, one line each. */
  readonly remarks: readonly string[];
  readonly #byId: ReadonlyMap<string, FindingRecord>;
  readonly #listed: ReadonlySet<string>;
  /** What cannot be read and is not part of any record, one line each. The others are used. */
  readonly complaints: readonly string[];

  private constructor(
    records: readonly FindingRecord[],
    {
      remarks,
      listed,
      complaints,
    }: {
      readonly remarks: readonly string[];
      readonly listed: ReadonlySet<string>;
      readonly complaints: readonly string[];
    },
  ) {
    this.records = records;
    this.remarks = remarks;
    this.complaints = complaints;
    this.#byId = new Map(records.map((record) => [record.reference.findingId, record]));
    this.#listed = listed;
  }

  /**
   * `analyzerArn` is used for findings that do not name their analyzer, which the API's answer does not. `complete`
   * are accounts whose findings are known to be complete.
   * @throws InputError that names the file and the place
   */
  static from(
    place: TextFile | readonly TextFile[],
    analyzerArn: string | null,
    complete: readonly string[] = [],
  ): FindingsFiles {
    const places = typeof place === 'string' || 'name' in place ? [place] : place;
    const label = nameOf(places[0] ?? '');
    const found = readFindingPages(places);
    const byId = new Map<string, PlacedPage[]>();
    for (const page of found.pages) {
      const known = byId.get(page.page.id);
      if (known) known.push(page);
      else byId.set(page.page.id, [page]);
    }
    const records = new Map<string, FindingRecord>();
    const remarks = [...found.remarks];
    const unreadable = (message: string, id: string, resource: string): void => {
      const reason = message.startsWith(`${label}: `) ? message.slice(label.length + 2) : message;
      const reference = { analyzerArn: analyzerArn ?? '', findingId: id, accountId: '', resource };
      records.set(id, {
        ...records.get(id),
        reference,
        answer: { kind: 'unreadable', reason },
        isPartial: true,
      });
    };
    const problems: string[] = [];
    for (const [id, pages] of byId) {
      try {
        const { remark, ...record } = settleFinding(pages, analyzerArn);
        records.set(id, record);
        if (remark !== undefined) remarks.push(`${label}: ${remark}`);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        problems.push(error.message);
        unreadable(error.message, id, pages[0]?.page.resource ?? '');
      }
    }
    const complaints: string[] = [];
    for (const { message, id, resource } of found.faults) {
      problems.push(message);
      const whose = resource ?? (id === undefined ? undefined : records.get(id)?.reference.resource);
      if (id !== undefined && whose !== undefined) unreadable(message, id, whose);
      else complaints.push(message);
    }
    const isAnyGood = [...records.values()].some(({ answer }) => answer.kind !== 'unreadable');
    const [problem] = problems;
    if (problem !== undefined && !isAnyGood) throw new InputError(problem);
    for (const accountId of complete) found.listed.add(accountId);
    return new FindingsFiles(inOrder(records.values()), {
      remarks: remarks.sort(byCodeUnit),
      listed: found.listed,
      complaints,
    });
  }

  /** Findings that this program made from reports of last use. */
  static made(findings: readonly Finding[], remarks: readonly string[]): FindingsFiles {
    const records = findings.map((finding): FindingRecord => {
      const { id: findingId, accountId, resource } = finding;
      const reference = { analyzerArn: finding.analyzerArn ?? '', findingId, accountId, resource };
      return { reference, answer: { kind: 'found', finding }, isPartial: false };
    });
    return new FindingsFiles(inOrder(records), { remarks: [...remarks], listed: new Set(), complaints: [] });
  }

  /** The findings about some principals only. */
  about(isMeant: (resource: string) => boolean): FindingsFiles {
    const records = this.records.filter(({ reference }) => isMeant(reference.resource));
    const { remarks, complaints } = this;
    return new FindingsFiles(records, { remarks, complaints, listed: this.#listed });
  }

  /** Findings that another thread has already read. */
  static of(records: readonly FindingRecord[]): FindingsFiles {
    return new FindingsFiles(records, { remarks: [], listed: new Set(), complaints: [] });
  }

  get references(): readonly FindingReference[] {
    return this.records.map(({ reference }) => reference);
  }

  getFinding(reference: FindingReference): Promise<FindingAnswer> {
    return Promise.resolve(this.#byId.get(reference.findingId)?.answer ?? { kind: 'gone' });
  }

  /** Why findings may be incomplete; undefined if nothing can be missing. */
  get doubt(): string | undefined {
    const [fault] = this.complaints;
    return fault === undefined
      ? undefined
      : `an entry that may be a part of its finding cannot be read: ${fault}`;
  }

  /** The findings for callers that draw conclusions from a missing finding: it is `gone` only if that is proven. */
  get whole(): FindingSource {
    return {
      getFinding: ({ findingId, accountId }) => {
        const record = this.#byId.get(findingId);
        const [fault] = this.complaints;
        const reason =
          record === undefined
            ? fault !== undefined
              ? `it is not among the findings, and an entry that may be it cannot be read: ${fault}`
              : this.#listed.has(accountId)
                ? undefined
                : `it is not among the findings, and nothing proves that these are all of account ${accountId}: put the answer of list-findings-v2 beside them`
            : record.isPartial && record.answer.kind !== 'unreadable'
              ? 'its last page is missing'
              : undefined;
        return Promise.resolve(
          reason === undefined ? (record?.answer ?? { kind: 'gone' }) : { kind: 'unreadable', reason },
        );
      },
    };
  }
}

/** Sorts by principal and id, so that the order of the files does not matter. */
function inOrder(records: Iterable<FindingRecord>): readonly FindingRecord[] {
  return [...records].sort(
    ({ reference: a }, { reference: b }) =>
      byCodeUnit(a.resource, b.resource) || byCodeUnit(a.findingId, b.findingId),
  );
}
