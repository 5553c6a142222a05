import { nameOfAccount } from '../../core/model/account.ts';
import { type ProposalFacts, subjectIn } from '../../ports/proposals.ts';
import { namedAccount } from '../text/wording.ts';
import { counted, oneLine } from '../text/format.ts';
import {
  hardlyWorthLines,
  howToOpen,
  inNoticeOrder,
  kindSentence,
  lossSentence,
  type NoticeContext,
  notUsed,
  overviewLink,
  reachOf,
  reportLink,
  reviewLine,
  typeOf,
  reviewCommands,
  whatToReplace,
} from './notice-words.ts';

/** Characters that a description may have. Source: https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html */
const LONGEST_DESCRIPTION = 8_000;
/** Proposals that a message shows; nobody reads fifty in a chat. */
const MOST = 10;
/** Characters of a title and of a step. */
const LONGEST_TITLE = 250;
const LONGEST_STEP = 350;

/**
 * The same message for a chat channel: JSON text in the custom-notification schema of Amazon Q Developer in chat
 * applications (Slack, Microsoft Teams). Names are in backticks, so that an underscore or an asterisk in one is
 * not read as formatting. Links are bare; both clients make them clickable.
 */
export function composeChatNotice(items: readonly ProposalFacts[], context: NoticeContext): string {
  if (items.length === 0) throw new RangeError('a notice needs at least one proposal');
  return JSON.stringify({
    version: '1.0',
    source: 'custom',
    content: {
      textType: 'client-markdown',
      title: reviewLine(items, LONGEST_TITLE),
      description: descriptionOf(inNoticeOrder(items), context),
      nextSteps: nextSteps(items, context),
      keywords: ['unused access', 'IAM'],
    },
    metadata: { summary: reviewLine(items, LONGEST_TITLE), eventType: 'UnusedAccessProposals' },
  });
}

/** The three answers. */
function nextSteps(items: readonly ProposalFacts[], context: NoticeContext): readonly string[] {
  const [only] = items;
  const steps = stepsOf(items.length === 1 ? only : undefined, context);
  // A name may be longer than a step.
  return steps.every(({ length }) => length <= LONGEST_STEP) ? steps : stepsOf(undefined, context);
}

function stepsOf(item: ProposalFacts | undefined, context: NoticeContext): readonly string[] {
  const { yes, part, no } = reviewCommands(item, context);
  return [
    `Yes, apply it: \`${yes}\``,
    ...(part === undefined ? [] : [`Part, keep some actions: \`${part}\``]),
    `No, reject it: \`${no}\``,
    ...(item === undefined ? [whatToReplace(context)] : []),
    'Nothing changes unless you do it. Think first of jobs that run less often: quarter ends, restores, failover, key rotation.',
  ];
}

function descriptionOf(items: readonly ProposalFacts[], context: NoticeContext): string {
  for (let shown = Math.min(items.length, MOST); shown > 0; shown -= 1) {
    const text = describe(items, shown, context);
    if (text.length <= LONGEST_DESCRIPTION) return text;
  }
  return describe(items, 0, context);
}

function describe(items: readonly ProposalFacts[], shown: number, context: NoticeContext): string {
  const paragraphs = items.slice(0, shown).map((item) => {
    const { name, accountId } = subjectIn(item);
    const account = oneLine(namedAccount(accountId, nameOfAccount(accountId, context.accountNames)));
    const owner = item.owner === undefined ? '' : `, owner ${code(item.owner)}`;
    return [
      `${typeOf(item)} ${code(name)}${reachOf(item)}, account ${account}${owner}`,
      `${lossSentence(item)}${kindSentence(item)}`,
      ...(items.length === 1 ? [...notUsed(item), ...hardlyWorthLines(item)] : []),
      reportLink(item, context),
    ].join('\n');
  });
  const omitted = items.length - shown;
  if (omitted > 0) paragraphs.push(`${counted(omitted, 'more proposal')}: ${overviewLink(context)}`);
  return [...paragraphs, howToOpen(items.length === 1 ? 'report' : 'links', context)].join('\n\n');
}

function code(name: string): string {
  return `\`${oneLine(name).replaceAll('`', "'")}\``;
}
