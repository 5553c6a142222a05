import { REPORT_OBJECT } from '../contract/object-keys.ts';
import { byCodeUnit } from '../core/model/order.ts';
import type { ProposalFacts } from '../ports/proposal-reader.ts';
import { consoleFolderLink, consoleLink } from './console-link.ts';
import { counted } from './format.ts';
import { lossPhrase } from './wording.ts';

/** Where the proposals that a notice is about are kept. */
export interface NoticeContext {
  readonly partition: string;
  readonly region: string;
  readonly bucket: string;
  /** Key of the overview of all proposals; left out, what does not fit is linked by its folder. */
  readonly indexKey?: string;
  /** How owners are found, where messages are grouped by them: key of a tag, and which contact of the account. */
  readonly ownerTag?: string | undefined;
  readonly ownerContact?: string | undefined;
}

/** Largest loss first; what has no policy to refine comes before, since all of it is unused. */
export function inNoticeOrder(items: readonly ProposalFacts[]): readonly ProposalFacts[] {
  return [...items].sort((a, b) => weight(b) - weight(a) || byCodeUnit(a.prefix, b.prefix));
}

function weight({ summary }: ProposalFacts): number {
  return summary ? summary.actionsGrantedBefore - summary.actionsGrantedAfter : Number.MAX_SAFE_INTEGER;
}

export function reportLink(item: ProposalFacts, context: NoticeContext): string {
  return consoleLink({ ...context, key: item.prefix + REPORT_OBJECT });
}

/** Where all proposals are found, those included that a message has no room for. */
export function overviewLink(context: NoticeContext): string {
  return context.indexKey === undefined
    ? consoleFolderLink({ ...context, key: 'proposals/' })
    : consoleLink({ ...context, key: context.indexKey });
}

/** `3 proposals to remove unused access, for 2 principals` */
export function headline(items: readonly ProposalFacts[]): string {
  const principals = new Set(items.map(({ principal }) => principal.arn)).size;
  return `${counted(items.length, 'proposal')} to remove unused access, for ${counted(principals, 'principal')}`;
}

/** `role OrderService, account 123456789012` */
export function whoPhrase({ principal }: ProposalFacts): string {
  return oneLine(`${principal.type} ${principal.name}, account ${principal.accountId}`);
}

/** What goes away, in numbers: one or two sentences. */
export function lossSentence(item: ProposalFacts): string {
  switch (item.kind) {
    case 'remove-role':
      return 'The role is not used at all.';
    case 'remove-access-key':
      return `The access key ${oneLine(item.accessKeyId ?? '')} is not used.`;
    case 'remove-password':
      return 'The console password is not used.';
    case 'refine-permissions':
      return [loss(item), ...exceptions(item)].join(' ');
    default:
      return item.kind satisfies never;
  }
}

function loss({ summary }: ProposalFacts): string {
  if (!summary) return 'Loses permissions that are not used.';
  const { actionsGrantedBefore, actionsGrantedAfter, servicesGrantedBefore, servicesGrantedAfter } = summary;
  if (actionsGrantedBefore === actionsGrantedAfter) return 'Loses names of actions that grant nothing more.';
  const services = servicesGrantedBefore - servicesGrantedAfter;
  const whole =
    services > 0
      ? `, and ${String(services)} of ${counted(servicesGrantedBefore, 'service')} altogether`
      : '';
  return `Loses ${lossPhrase(actionsGrantedBefore, actionsGrantedAfter)}${whole}.`;
}

function exceptions({ retained, residue, policies }: ProposalFacts): readonly string[] {
  const refused = policies.filter(({ disposition }) => disposition === 'refused').length;
  const sentences: string[] = [];
  if (retained > 0) {
    sentences.push(`${counted(retained, 'unused action')} ${retained === 1 ? 'stays' : 'stay'} on purpose.`);
  }
  if (residue > 0) {
    sentences.push(
      `${counted(residue, 'unused action')} ${residue === 1 ? 'remains' : 'remain'} through groups.`,
    );
  }
  if (refused > 0) {
    sentences.push(
      `${counted(refused, 'policy', 'policies')} could not be refined and ${refused === 1 ? 'stays' : 'stay'}.`,
    );
  }
  return sentences;
}

/** Data within a text of lines: what would start a new one, or is not to be seen, becomes a question mark. */
export function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '?');
}
