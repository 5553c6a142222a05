import { firstOf } from '../model/wording.ts';

/** The sentences that explain each pattern's outcome, for `proposal.json` and for reviewers. */
export const REASON = {
  literalUnused: 'the finding reports it unused',
  literalServiceUnused: (service: string) => `the finding reports the whole service ${service} unused`,
  literalKept: 'not reported unused: it was used, or AWS does not track it action by action',
  literalUntracked: 'not reported unused, which it never is on its own: AWS does not track its use',
  literalTracked: 'tracked by AWS and not reported unused',
  literalUnknown:
    'the action catalogue does not know it and the finding does not report it: unknown is not unused',
  wildcardKept:
    'no action under it is reported unused: each was used, or AWS does not track it action by action',
  wildcardUnknown:
    'it matches no action that the catalogue knows and its service is not wholly unused: unknown is not unused',
  wildcardUnused: (count: number) =>
    count === 1
      ? 'the one action under it is reported unused'
      : `all ${String(count)} actions under it are reported unused`,
  serviceUnused: (service: string) => `the finding reports the whole service ${service} unused`,
  narrowed: (removed: number, kept: number) =>
    `${String(removed)} of the ${String(removed + kept)} actions under it ${removed === 1 ? 'is' : 'are'} reported unused; the rest stays`,
  everythingNarrowed: (gone: number, narrowed: number, whole: number) =>
    `it stands for every service: ${String(gone)} wholly unused ${gone === 1 ? 'service is removed' : 'services are removed'}, ${String(narrowed)} ${narrowed === 1 ? 'is' : 'are'} narrowed, ${String(whole)} ${whole === 1 ? 'stays' : 'stay'} whole`,
  everythingExcluding: (count: number) =>
    `it stands for every service and becomes NotAction with the removed actions, ${count === 1 ? '1 entry' : `${String(count)} entries`}: everything else stays`,
  grantedByNotAction: "the statement's NotAction grants what of it is not reported unused",
  starOfSmallCatalogue: (missing: readonly string[]) =>
    `the catalogue in use lacks services that the built-in one has (${firstOf(missing, MOST_NAMED)}), so a list instead of "*" would remove more than is unused; star: not-action, or a complete catalogue, can narrow it`,
  coveredElsewhere: 'what is left of it is granted by other patterns of the statement',
  unknownService: (service: string) =>
    `the action catalogue does not know the service ${service}, so a wildcard over it cannot be split without removing actions that nobody has listed`,
  keptOfIt: (why: string) => `a part of it is kept on purpose: ${why}`,
  retained: (why: string) => `reported unused and kept on purpose: ${why}`,
  notActionKept: 'NotAction lists what is not granted; it stays',
  notActionService: (service: string) =>
    `the finding reports the whole service ${service} unused; listing it removes it`,
  notActionAction: 'the finding reports it unused; listing it removes it',
} as const;

const MOST_NAMED = 3;
