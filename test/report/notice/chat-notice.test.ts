import { composeChatNotice } from '../../../lambda/report/notice/chat-notice.ts';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { CONTEXT, facts } from '../facts.ts';

/** https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html */
const schema = z.strictObject({
  version: z.literal('1.0'),
  source: z.literal('custom'),
  content: z.strictObject({
    textType: z.literal('client-markdown'),
    title: z.string().max(250),
    description: z.string().min(1).max(8000),
    nextSteps: z.array(z.string().max(350)),
    keywords: z.array(z.string().max(75)),
  }),
  metadata: z.strictObject({ summary: z.string(), eventType: z.string() }),
});

const read = (text: string): z.infer<typeof schema> => schema.parse(JSON.parse(text));

describe('the message to a chat channel', () => {
  it('has the custom-notification schema and says what is removed, with the link', () => {
    const { content } = read(composeChatNotice([facts('snake_case_role')], CONTEXT));
    expect(content.title).toBe('Review: snake_case_role can lose 30 of 84 permissions');
    expect(content.nextSteps.map((step) => step.split(':')[0])).toEqual([
      'Yes, apply it',
      'Part, keep some actions',
      'No, reject it',
      'Nothing changes unless you do it. Think first of jobs that run less often',
    ]);
    expect(content.description).toBe(
      'role `snake_case_role`, account 123456789012\nIt would lose 30 of 84 actions, and 1 of 3 services entirely.\nhttps://eu-central-1.console.aws.amazon.com/s3/object/access-proposals?region=eu-central-1&prefix=proposals/123456789012/role/snake_case_role/0123456789abcdef0123456789abcdef/report.html\n\nThe report opens in the S3 console: sign in first to account 999900001111, then choose "Open".',
    );
  });

  it('shows the owner of a single proposal, and since when it was unused', () => {
    const item = facts('a', { owner: 'payments', reportedAt: '2026-11-20T08:00:00.000Z' });
    const { description } = read(composeChatNotice([item], CONTEXT)).content;
    expect(description.split('\n').slice(0, 3)).toEqual([
      'role `a`, account 123456789012, owner `payments`',
      'It would lose 30 of 84 actions, and 1 of 3 services entirely.',
      'Not used for 90 days (or the period that the analyzer is set to) up to 2026-11-20.',
    ]);
  });

  it('shows ten of many proposals and links all', () => {
    const items = Array.from({ length: 5000 }, (_, i) => facts(`role-${String(i)}`));
    const { content } = read(composeChatNotice(items, CONTEXT));
    expect(content.description.match(/^role /gm)).toHaveLength(10);
    expect(content.description).toContain('4,990 more proposals: https://');
    expect(content.nextSteps).toContain(
      'Replace PROPOSAL with s3://access-proposals/ and the folder in the link: proposals/…/<id> or shared/…/<id>.',
    );
  });

  it('stays within the limits, however long names and keys are', () => {
    const items = Array.from({ length: 20 }, (_, i) => facts(`${'+'.repeat(600)}${String(i)}`));
    const { content } = read(composeChatNotice(items, CONTEXT));
    expect(content.description).toContain('more proposals: https://');
  });

  it('keeps a name from ending its code span', () => {
    const item = facts('x', {
      principal: { arn: 'a', type: 'role', name: 'a`*b*\n', path: '/', accountId: '1' },
    });
    expect(read(composeChatNotice([item], CONTEXT)).content.description).toContain(
      "role `a'*b*?`, account 1\n",
    );
  });
});
