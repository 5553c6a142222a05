import type {
  AccountJob,
  AccountJobQueue,
  AccountPage,
  AccountRecords,
  UnusedPart,
} from '../../../lambda/ports/account.ts';
import type { FindingQueue } from '../../../lambda/ports/findings.ts';

/** What a sweep and its accounts' jobs keep, in memory. As in the store, what lies there first stays. */
export function keptRecords(
  swept: AccountRecords['swept'],
  pages: Map<number, AccountPage>,
  parts: Map<number, UnusedPart>,
  before: { readonly page?: () => void; readonly part?: () => void } = {},
): AccountRecords {
  const keep = <T>(kept: Map<number, T>, number: number, one: T): Promise<T> => {
    const first = kept.get(number) ?? one;
    kept.set(number, first);
    return Promise.resolve(first);
  };
  return {
    swept,
    page: (_, number) => Promise.resolve(pages.get(number)),
    keepPage: (_, number, page) => {
      before.page?.();
      return keep(pages, number, page);
    },
    unused: (_, number) => Promise.resolve(parts.get(number)),
    keepUnused: (_, number, part) => {
      before.part?.();
      return keep(parts, number, part);
    },
  };
}

/** The queues of a job, which note what is sent to them. */
export function notingQueues(
  sent: string[],
  later: AccountJob[],
  delays: (number | undefined)[],
): { readonly queue: FindingQueue; readonly jobs: AccountJobQueue } {
  return {
    queue: {
      send: (failed) => {
        sent.push(...failed.map(({ findingId }) => findingId));
        return Promise.resolve();
      },
    },
    jobs: {
      send: (rest, delaySeconds) => {
        later.push(rest);
        delays.push(delaySeconds);
        return Promise.resolve();
      },
    },
  };
}
