import { REPORT_OBJECT } from '../../contract/object-keys.ts';
import { COMMAND } from '../../contract/command.ts';
import type { RiskFacts } from '../../core/risk/risk.ts';
import { byRemovedRisk } from '../run/run-overview.ts';
import { changing, HARDLY_WORTH, levelPhrase } from '../text/risk-words.ts';
import { shellQuote } from '../text/shell.ts';
import { type AccountNames, nameOfAccount } from '../../core/model/account.ts';
import { byCodeUnit } from '../../core/model/order.ts';
import { LAST_ACCESSED_ID } from '../../core/usage/last-accessed-findings.ts';
import { isShared, type ProposalFacts, type SharedFacts, subjectIn } from '../../ports/proposals.ts';
import { consoleFolderLink, consoleLink } from '../text/console-link.ts';
import { lossPhrase, namedAccount } from '../text/wording.ts';
import { count } from '../../core/model/wording.ts';
import { counted, day, listed, oneLine, share } from '../text/format.ts';

/** Where the proposals of a notice are stored, and what is known about accounts and owners. */
export interface NoticeContext {
  readonly partition: string;
  readonly region: string;
  readonly bucket: string;
  /** The account that owns the bucket, for people who have to sign in to it. */
  readonly homeAccountId?: string;
  /** Key of the overview of all proposals; if left out, proposals that do not fit are linked by their folder. */
  readonly indexKey?: string;
  /** How owners are found, if messages are grouped by owner: the key of a tag, and which contact of the account. */
  readonly ownerTag?: string | undefined;
  readonly ownerContact?: string | undefined;
  readonly accountNames?: AccountNames | undefined;
}

/** First what is unused as a whole and has no policy to refine; then the riskiest, then the largest loss. */
export function inNoticeOrder(items: readonly ProposalFacts[]): readonly ProposalFacts[] {
  return [...items].sort(
    (a, b) =>
      Number(a.summary !== undefined) - Number(b.summary !== undefined) ||
      byRemovedRisk(a, b) ||
      weight(b) - weight(a) ||
      byCodeUnit(a.prefix, b.prefix),
  );
}

function weight(facts: ProposalFacts): number {
  const { summary } = facts;
  if (!summary) return 0;
  const lost = summary.actionsGrantedBefore - summary.actionsGrantedAfter;
  return isShared(facts) ? lost * facts.principals : lost;
}

export function reportLink(item: ProposalFacts, context: NoticeContext): string {
  return consoleLink({ ...context, key: item.prefix + REPORT_OBJECT });
}

/** The page of all proposals, including those that do not fit into a message. */
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

/**
 * `Review: article-role can lose 30 of 84 permissions (5 of them can change things)`; the headline if there are several
 * proposals. The parentheses are left out if they do not fit.
 *
 * @param room characters that the line may have
 */
export function reviewLine(items: readonly ProposalFacts[], room: number): string {
  const [item] = items;
  if (items.length !== 1 || item === undefined) return headline(items);
  const name = oneLine(subjectIn(item).name);
  const who = isShared(item) ? `${typeOf(item)} ${name}` : name;
  const { summary, risk } = item;
  if (!summary) return `Review: ${whatIsUnused(item, who)}`;
  const { actionsGrantedBefore: before, actionsGrantedAfter: after } = summary;
  const short = `Review: ${who} can lose ${lossPhrase(before, after).replace(/action(s?)$/, 'permission$1')}`;
  const some = risk ? changing(risk.removed.levels) : 0;
  const long = `${short} (${String(some)} of them can change things)`;
  return some > 0 && long.length <= room ? long : short;
}

function whatIsUnused({ kind }: ProposalFacts, who: string): string {
  if (kind === 'remove-role') return `${who} is reported unused`;
  return `${kind === 'remove-password' ? 'the password' : 'an access key'} of ${who} is reported unused`;
}

/** The removed actions by kind, a line each; no line if the proposal does not have the kinds. */
export function kindLines({ risk }: ProposalFacts): readonly string[] {
  if (risk === undefined) return [];
  const { levels, highImpact } = risk.removed;
  const changes = changing(levels);
  const { read, list, unknown } = levels;
  const lines = [
    changes > 0
      ? `- ${counted(changes, 'action')} can change things: ${levelPhrase({ ...levels, read: 0, list: 0, unknown: 0 })}`
      : '',
    read > 0 ? `- ${counted(read, 'action reads', 'actions read')}` : '',
    list > 0 ? `- ${counted(list, 'action lists', 'actions list')}` : '',
    unknown > 0 ? `- ${counted(unknown, 'action is', 'actions are')} of an unknown kind` : '',
    highImpact > 0 ? `- high impact: ${namedRisks(risk)}` : '',
  ];
  return lines.filter((line) => line !== '');
}

/** The same in one or two sentences, each after a space. */
export function kindSentence({ risk }: ProposalFacts): string {
  if (risk === undefined) return '';
  const kinds = levelPhrase(risk.removed.levels);
  const high = risk.removed.highImpact > 0 ? ` High impact: ${namedRisks(risk)}.` : '';
  return kinds === '' ? '' : ` Of these actions, ${kinds}.${high}`;
}

function namedRisks({ riskiest, removed: { highImpact } }: RiskFacts): string {
  const rest = highImpact - riskiest.length;
  return rest > 0 ? `${riskiest.join(', ')} and ${String(rest)} more` : listed(riskiest);
}

/** Says if a proposal is hardly worth a review; no line for most. */
export function hardlyWorthLines({ risk }: ProposalFacts): readonly string[] {
  return risk?.isHardlyWorth ? [`It is ${HARDLY_WORTH}.`] : [];
}

/** The commands for the three answers to a proposal. */
interface ReviewCommands {
  readonly yes: string;
  /** Absent for a role, key or password, of which no part can be kept. */
  readonly part: string | undefined;
  readonly no: string;
}

/** @param item left out, the commands have `PROPOSAL` instead of an address */
export function reviewCommands(item: ProposalFacts | undefined, { bucket }: NoticeContext): ReviewCommands {
  const address = item === undefined ? 'PROPOSAL' : shellQuote(`s3://${bucket}/${item.prefix.slice(0, -1)}`);
  const option = item?.kind === 'remove-password' ? ' --irreversible' : '';
  const decide = `${COMMAND} decide ${address}`;
  const hasPart = item === undefined || item.summary !== undefined;
  return {
    yes: `${COMMAND} apply ${address}${option}`,
    part: hasPart ? `${decide} --keep 'service:Action' --reason "…"` : undefined,
    no: `${decide} --reject --reason "…"`,
  };
}

/** What `PROPOSAL` stands for in the commands of a message about several proposals. */
export function whatToReplace({ bucket }: NoticeContext): string {
  return `Replace PROPOSAL with s3://${bucket}/ and the folder in the link: proposals/…/<id> or shared/…/<id>.`;
}

/** How a link opens. */
export function howToOpen(what: 'report' | 'links', { homeAccountId }: NoticeContext): string {
  const account =
    homeAccountId === undefined ? 'the account that holds the reports' : `account ${homeAccountId}`;
  return what === 'report'
    ? `The report opens in the S3 console: sign in first to ${account}, then choose "Open".`
    : `The links open in the S3 console: sign in first to ${account}, then choose "Open".`;
}

/** The block of an e-mail that says what to do. */
export function reviewLines(item: ProposalFacts | undefined, context: NoticeContext): readonly string[] {
  const { yes, part, no } = reviewCommands(item, context);
  const isCode = item?.kind === 'refine-permissions';
  return [
    'Nothing changes unless you do it:',
    '',
    `Yes. Apply it${isCode ? ', or take the Terraform code from the report' : ''}:`,
    `  ${yes}`,
    ...(part === undefined
      ? []
      : ['Part. Keep some actions; the next run proposes the others:', `  ${part}`]),
    'No. It is proposed again only if it would remove something riskier:',
    `  ${no}`,
    ...(item === undefined ? ['', whatToReplace(context)] : []),
    '',
    'Think first of jobs that run less often: quarter ends, restores, failover, key rotation.',
  ];
}

/** Explains proposals about shared policies and groups; no line if there is none. */
export function aboutShared(items: readonly ProposalFacts[]): readonly string[] {
  if (!items.some(isShared)) return [];
  return [
    '',
    'A proposal about a shared policy or a group removes the actions that are reported unused for every holder.',
    'It is one change for all holders, in addition to the proposals for each of them or instead of those.',
  ];
}

/** For how long the access was not used, and up to when. */
export function notUsed(item: ProposalFacts): readonly string[] {
  if (isShared(item) || item.reportedAt === undefined) return [];
  const until = day(item.reportedAt);
  return item.findingId.startsWith(LAST_ACCESSED_ID)
    ? [`Not used for 90 days (or the number in "unusedDays") up to ${until}, according to IAM's own report.`]
    : [`Not used for 90 days (or the period that the analyzer is set to) up to ${until}.`];
}

/** How much a message's proposals remove together. Shared policies and groups do not count: their actions are the principals'. */
export function sumSentence(items: readonly ProposalFacts[], lost: number, before: number): string {
  const who = items.some(isShared) ? 'Together, the proposals for principals' : 'Together, they';
  return `${who} would remove ${count(lost)} of ${counted(before, 'granted action')} (${share(lost, before)}).`;
}

/** `role OrderService, account 123456789012 (orders-prod)`; `policy Orders of 12 principals, account 123456789012` */
export function whoPhrase(facts: ProposalFacts, { accountNames }: NoticeContext): string {
  const { name, accountId } = subjectIn(facts);
  return oneLine(
    `${typeOf(facts)} ${name}${reachOf(facts)}, account ${namedAccount(accountId, nameOfAccount(accountId, accountNames))}`,
  );
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
export function aboutWhat(
  facts: ProposalFacts,
  { accountNames }: NoticeContext,
): Readonly<Record<string, unknown>> {
  const { arn, accountId } = subjectIn(facts);
  const account = { accountId, accountName: nameOfAccount(accountId, accountNames) };
  if (isShared(facts)) {
    return { subjectArn: arn, ...account, principalsAffected: facts.principals, better: facts.advice.better };
  }
  return { principalArn: arn, ...account, findingId: facts.findingId, accessKeyId: facts.accessKeyId };
}

/** The warnings, and how much would be removed: a few sentences. */
export function lossSentence(item: ProposalFacts): string {
  switch (item.kind) {
    case 'remove-role':
      return 'The role is reported unused.';
    case 'remove-access-key':
      return `The access key ${oneLine(item.accessKeyId ?? '')} is reported unused.`;
    case 'remove-password':
      return 'The console password is reported unused.';
    case 'refine-permissions':
      return [...stops(item), loss(item), ...exceptions(item)].join(' ');
    case 'refine-shared-policy':
    case 'refine-group':
      return [...stops(item), sharedLoss(item), ...exceptions(item), item.advice.reason].join(' ');
    default:
      return item satisfies never;
  }
}

/** Warnings come first, so that nobody overlooks them. */
function stops({ warnings = [] }: ProposalFacts): readonly string[] {
  return warnings.map((warning) => `STOP: ${oneLine(warning)}`);
}

function loss({ summary }: ProposalFacts): string {
  if (!summary) return 'It would lose permissions that are reported unused.';
  const { actionsGrantedBefore, actionsGrantedAfter, servicesGrantedBefore, servicesGrantedAfter } = summary;
  if (actionsGrantedBefore === actionsGrantedAfter) {
    return 'Its policies would no longer name unused actions; it would lose no permission.';
  }
  const services = servicesGrantedBefore - servicesGrantedAfter;
  const whole =
    services > 0 ? `, and ${String(services)} of ${counted(servicesGrantedBefore, 'service')} entirely` : '';
  return `It would lose ${lossPhrase(actionsGrantedBefore, actionsGrantedAfter)}${whole}.`;
}

function sharedLoss({ summary, principals }: SharedFacts): string {
  const { actionsGrantedBefore, actionsGrantedAfter } = summary;
  const who = principals === 1 ? 'Its only holder' : 'Each holder';
  if (actionsGrantedBefore === actionsGrantedAfter) {
    return `It would no longer name unused actions; ${who.toLowerCase()} would lose no permission.`;
  }
  return `${who} would lose ${lossPhrase(actionsGrantedBefore, actionsGrantedAfter)} that it grants.`;
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
