import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { composeChatNotice } from '../../../lambda/report/notice/notice.ts';
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
  it('has the custom-notification schema and says what goes, with the link', () => {
    const { content } = read(composeChatNotice([facts('snake_case_role')], CONTEXT));
    expect(content.title).toBe('Review: role snake_case_role can lose 30 of 84 permissions');
    expect(content.nextSteps.map((step) => step.split(':')[0])).toEqual([
      'Yes, apply it',
      'Part, keep actions',
      'No, do not propose it again',
      'Nothing changes unless you do it. Think first of jobs that run less often',
    ]);
    expect(content.description).toBe(
      'role `snake_case_role`, account 123456789012\nLoses 30 of 84 actions, and 1 of 3 services altogether.\nhttps://eu-central-1.console.aws.amazon.com/s3/object/access-proposals?region=eu-central-1&prefix=proposals/123456789012/role/snake_case_role/0123456789abcdef0123456789abcdef/report.html',
    );
  });

  it('shows ten of many and links all', () => {
    const items = Array.from({ length: 5000 }, (_, i) => facts(`role-${String(i)}`));
    const { content } = read(composeChatNotice(items, CONTEXT));
    expect(content.description.match(/^role /gm)).toHaveLength(10);
    expect(content.description).toContain('4,990 more proposals: https://');
  });

  it('stays within the limits however long names and keys are', () => {
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
