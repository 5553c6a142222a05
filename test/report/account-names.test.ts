import { composeChatNotice } from '../../lambda/report/notice/chat-notice.ts';
import { expect, test } from 'vitest';
import { composeNotice } from '../../lambda/report/notice/notice.ts';
import { composeOverview } from '../../lambda/report/notice/overview-notice.ts';
import { renderReport } from '../../lambda/report/proposal/report-html.ts';
import { renderBucketOverview } from '../../lambda/report/run/bucket-overview.ts';
import { nameOfAccount } from '../../lambda/core/model/account.ts';
import { namedAccount } from '../../lambda/report/text/wording.ts';
import { CONTEXT, facts, sharedFacts } from './facts.ts';
import { articleProposal } from './proposals.ts';

const ID = '123456789012';
const NAMED = { ...CONTEXT, accountNames: { [ID]: 'payments-prod' } };
const ONE = facts('orders');
const BOTH = [ONE, sharedFacts('Orders')];

test('an account has its name beside its id, or its id alone', () => {
  expect(namedAccount(ID, nameOfAccount(ID, NAMED.accountNames))).toBe('123456789012 (payments-prod)');
  expect(namedAccount('111122223333', nameOfAccount('111122223333', NAMED.accountNames))).toBe(
    '111122223333',
  );
  expect(namedAccount(ID, nameOfAccount(ID))).toBe('123456789012');
});

test.each([
  ['an e-mail about one', composeNotice([ONE], NAMED).text, composeNotice([ONE], CONTEXT).text],
  ['an e-mail about several', composeNotice(BOTH, NAMED).text, composeNotice(BOTH, CONTEXT).text],
  ['a chat', composeChatNotice(BOTH, NAMED), composeChatNotice(BOTH, CONTEXT)],
  [
    'the e-mail of the overview',
    composeOverview(BOTH, undefined, NAMED).text,
    composeOverview(BOTH, undefined, CONTEXT).text,
  ],
])('%s shows the name of the account, if it is known', (_, named, unnamed) => {
  expect(named).toContain('account 123456789012 (payments-prod)');
  expect(unnamed).toContain('account 123456789012');
  expect(unnamed).not.toContain('payments-prod');
});

test('programs get the name as a separate member', () => {
  const jsonOf = (context: typeof CONTEXT): unknown => {
    const { proposals } = JSON.parse(composeNotice([ONE], context).json) as { proposals: readonly object[] };
    return proposals[0];
  };
  expect(jsonOf(NAMED)).toMatchObject({ accountId: ID, accountName: 'payments-prod' });
  expect(jsonOf(CONTEXT)).not.toHaveProperty('accountName');
});

test('the overview and the report show it too', () => {
  // In two rows, and among the accounts to choose from.
  expect(
    renderBucketOverview(BOTH, CONTEXT, '1', NAMED.accountNames).split('123456789012 (payments-prod)'),
  ).toHaveLength(4);
  const { proposal, universe } = articleProposal();
  expect(renderReport({ ...proposal, accountName: 'payments-prod' }, universe)).toContain(
    'in account 123456789012 (payments-prod)',
  );
});
