import { REPORT_OBJECT } from '../../contract/object-keys.ts';
import { byCodeUnit } from '../../core/model/order.ts';
import { isShared, type ProposalFacts, type SharedFacts, subjectIn } from '../../ports/proposals.ts';
import { consoleFolderLink, consoleLink } from '../text/console-link.ts';
import { counted, listed } from '../text/format.ts';
import { oneLine } from '../text/one-line.ts';
import { lossPhrase } from '../text/wording.ts';

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

function weight(facts: ProposalFacts): number {
  const { summary } = facts;
  if (!summary) return Number.MAX_SAFE_INTEGER;
  const lost = summary.actionsGrantedBefore - summary.actionsGrantedAfter;
  return isShared(facts) ? lost * facts.principals : lost;
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

/** `3 proposals to remove unused access, for 2 principals and 1 shared policy` */
export function headline(items: readonly ProposalFacts[]): string {
  const subjects = new Map(items.map((facts) => [subjectIn(facts).arn, subjectIn(facts).type]));
  const types = [...subjects.values()];
  const policies = types.filter((type) => type === 'policy').length;
  const groups = types.filter((type) => type === 'group').length;
  const principals = types.length - policies - groups;
  const whom = [
    principals > 0 ? counted(principals, 'principal') : '',
    policies > 0 ? counted(policies, 'shared policy', 'shared policies') : '',
    groups > 0 ? counted(groups, 'group') : '',
  ].filter((phrase) => phrase !== '');
  return `${counted(items.length, 'proposal')} to remove unused access, for ${listed(whom)}`;
}

/** What is to be known of proposals about shared policies and groups; nothing where there is none. */
export function aboutShared(items: readonly ProposalFacts[]): readonly string[] {
  if (!items.some(isShared)) return [];
  return [
    '',
    'A proposal about a shared policy or a group removes what is reported unused for everybody who has it:',
    'one change for all of them, besides the proposals for each or in their place.',
  ];
}

/** `role OrderService, account 123456789012`; `policy Orders of 12 principals, account 123456789012` */
export function whoPhrase(facts: ProposalFacts): string {
  const { name, accountId } = subjectIn(facts);
  return oneLine(`${typeOf(facts)} ${name}${reachOf(facts)}, account ${accountId}`);
}

export function typeOf(facts: ProposalFacts): string {
  const { type } = subjectIn(facts);
  return type === 'policy' ? 'shared policy' : type;
}

/** ` of 12 principals`; nothing for a principal. */
export function reachOf(facts: ProposalFacts): string {
  if (!isShared(facts)) return '';
  const { principals, kind } = facts;
  return kind === 'refine-group'
    ? ` of ${counted(principals, 'user')}`
    : ` of ${counted(principals, 'principal')}`;
}

/** The same for programs. */
export function aboutWhat(facts: ProposalFacts): Readonly<Record<string, unknown>> {
  const { arn, accountId } = subjectIn(facts);
  if (isShared(facts)) {
    return { subjectArn: arn, accountId, principalsAffected: facts.principals, better: facts.advice.better };
  }
  return { principalArn: arn, accountId, findingId: facts.findingId, accessKeyId: facts.accessKeyId };
}

/** What stops it, and what goes away, in numbers: a few sentences. */
export function lossSentence(item: ProposalFacts): string {
  switch (item.kind) {
    case 'remove-role':
      return 'The role is not used at all.';
    case 'remove-access-key':
      return `The access key ${oneLine(item.accessKeyId ?? '')} is not used.`;
    case 'remove-password':
      return 'The console password is not used.';
    case 'refine-permissions':
      return [...stops(item), loss(item), ...exceptions(item)].join(' ');
    case 'refine-shared-policy':
    case 'refine-group':
      return [...stops(item), sharedLoss(item), ...exceptions(item), item.advice.reason].join(' ');
    default:
      return item satisfies never;
  }
}

/** What stops it comes first: nobody reads on after what is to be gained. */
function stops({ warnings = [] }: ProposalFacts): readonly string[] {
  return warnings.map((warning) => `STOP: ${oneLine(warning)}`);
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

function sharedLoss({ summary, principals }: SharedFacts): string {
  const { actionsGrantedBefore, actionsGrantedAfter } = summary;
  const who = principals === 1 ? 'Its only principal' : 'Each of them';
  if (actionsGrantedBefore === actionsGrantedAfter)
    return `${who} loses names of actions that grant nothing more.`;
  return `${who} loses ${lossPhrase(actionsGrantedBefore, actionsGrantedAfter)} that it grants.`;
}

function exceptions(facts: ProposalFacts): readonly string[] {
  const { retained, policies } = facts;
  const residue = isShared(facts) ? 0 : facts.residue;
  const refused = policies.filter(({ disposition }) => disposition === 'refused').length;
  const sentences: string[] = [];
  if (retained > 0) {
    sentences.push(`${counted(retained, 'unused action')} ${retained === 1 ? 'stays' : 'stay'} on purpose.`);
  }
  if (residue > 0) {
    sentences.push(`${counted(residue, 'unused action')} ${residue === 1 ? 'remains' : 'remain'} granted.`);
  }
  if (refused > 0) {
    sentences.push(
      `${counted(refused, 'policy', 'policies')} could not be refined and ${refused === 1 ? 'stays' : 'stay'}.`,
    );
  }
  return sentences;
}
