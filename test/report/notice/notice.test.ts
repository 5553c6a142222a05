import { describe, expect, it } from 'vitest';
import { composeNotice, publishedBytes } from '../../../lambda/report/notice/notice.ts';
import { CONTEXT, facts, sharedFacts } from '../facts.ts';

const LIMIT = 256 * 1024;

function many(count: number): readonly ReturnType<typeof facts>[] {
  return Array.from({ length: count }, (_, i) => {
    const accountId = String(100000000000 + (i % 90));
    const name = `service-role-with-a-rather-long-name-${String(i).padStart(6, '0')}`;
    return facts(name, {
      prefix: `proposals/${accountId}/role/${name}/0123456789abcdef0123456789abcdef/`,
      principal: { arn: `arn:aws:iam::${accountId}:role/${name}`, type: 'role', name, path: '/', accountId },
    });
  });
}

describe('the message about new proposals', () => {
  it('says for one proposal who loses which actions, and links the report', () => {
    const notice = composeNotice([facts('article-role', { retained: 1 })], CONTEXT);
    expect(notice.subject).toBe('Review: article-role can lose 30 of 84 permissions');
    expect(notice.text).toBe(`role article-role, account 123456789012
It would lose 30 of 84 actions, and 1 of 3 services entirely. 1 unused action stays on purpose.

Nothing changes unless you do it:

Yes. Apply it, or take the Terraform code from the report:
  npx --no-install unused-access-refiner apply s3://access-proposals/proposals/123456789012/role/article-role/0123456789abcdef0123456789abcdef
Part. Keep some actions; the next run proposes the others:
  npx --no-install unused-access-refiner decide s3://access-proposals/proposals/123456789012/role/article-role/0123456789abcdef0123456789abcdef --keep 'service:Action' --reason "…"
No. It is proposed again only if it would remove something riskier:
  npx --no-install unused-access-refiner decide s3://access-proposals/proposals/123456789012/role/article-role/0123456789abcdef0123456789abcdef --reject --reason "…"

Think first of jobs that run less often: quarter ends, restores, failover, key rotation.

The report opens in the S3 console: sign in first to account 999900001111, then choose "Open".
https://eu-central-1.console.aws.amazon.com/s3/object/access-proposals?region=eu-central-1&prefix=proposals/123456789012/role/article-role/0123456789abcdef0123456789abcdef/report.html
`);
    expect(notice.attributes).toEqual({
      accountIds: ['123456789012'],
      kinds: ['refine-permissions'],
      proposalCount: 1,
    });
  });

  it('lists what is wholly unused first, then the largest loss, and sums up', () => {
    const small = facts('small', {
      summary: { ...facts('x').summary!, actionsGrantedAfter: 80, servicesGrantedAfter: 3 },
    });
    const key = facts('user', {
      kind: 'remove-access-key',
      summary: undefined,
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      findingType: 'UnusedIAMUserAccessKey',
    });
    const { text, subject, attributes } = composeNotice([small, key, facts('large')], {
      ...CONTEXT,
      indexKey: 'index.html',
    });
    expect(subject).toBe('3 proposals to remove unused access, for 3 principals');
    expect(text).toContain('Together, they would remove 34 of 168 granted actions (20%).');
    expect(text.match(/^\d\. .*\n.*$/gm)).toEqual([
      '1. role user, account 123456789012\n   The access key AKIAIOSFODNN7EXAMPLE is reported unused.',
      '2. role large, account 123456789012\n   It would lose 30 of 84 actions, and 1 of 3 services entirely.',
      '3. role small, account 123456789012\n   It would lose 4 of 84 actions.',
    ]);
    expect(text).toContain(
      'All proposals, these included:\nhttps://eu-central-1.console.aws.amazon.com/s3/object/access-proposals?region=eu-central-1&prefix=index.html',
    );
    expect(attributes.kinds).toEqual(['refine-permissions', 'remove-access-key']);
  });

  it('has the same facts for programs', () => {
    const { json } = composeNotice([facts('article-role')], CONTEXT);
    expect(JSON.parse(json)).toEqual({
      schemaVersion: 1,
      type: 'unused-access-proposals',
      proposalCount: 1,
      principalCount: 1,
      accountIds: ['123456789012'],
      bucket: 'access-proposals',
      region: 'eu-central-1',
      overviewUrl:
        'https://eu-central-1.console.aws.amazon.com/s3/buckets/access-proposals?region=eu-central-1&prefix=proposals/',
      ways: {
        yes: 'npx --no-install unused-access-refiner apply s3://access-proposals/proposals/123456789012/role/article-role/0123456789abcdef0123456789abcdef',
        part: `npx --no-install unused-access-refiner decide s3://access-proposals/proposals/123456789012/role/article-role/0123456789abcdef0123456789abcdef --keep 'service:Action' --reason "…"`,
        no: 'npx --no-install unused-access-refiner decide s3://access-proposals/proposals/123456789012/role/article-role/0123456789abcdef0123456789abcdef --reject --reason "…"',
      },
      proposals: [
        {
          proposalId: '0123456789abcdef0123456789abcdef',
          kind: 'refine-permissions',
          principalArn: 'arn:aws:iam::123456789012:role/article-role',
          accountId: '123456789012',
          findingId: '8f1c2a5e-0b7d-4c39-9d52-6f0f4d1c7a10',
          actionsGrantedBefore: 84,
          actionsGrantedAfter: 54,
          servicesGrantedBefore: 3,
          servicesGrantedAfter: 2,
          retained: 0,
          residue: 0,
          proposalKey:
            'proposals/123456789012/role/article-role/0123456789abcdef0123456789abcdef/proposal.json',
          reportUrl:
            'https://eu-central-1.console.aws.amazon.com/s3/object/access-proposals?region=eu-central-1&prefix=proposals/123456789012/role/article-role/0123456789abcdef0123456789abcdef/report.html',
        },
      ],
      omitted: 0,
    });
  });

  it('says for a shared policy whom it affects, what each of them loses, and which way is better', () => {
    const { subject, text, json, attributes } = composeNotice([sharedFacts('Orders')], CONTEXT);
    expect(subject).toBe('Review: shared policy Orders can lose 20 of 50 permissions');
    expect(text).toContain(`shared policy Orders of 12 principals, account 123456789012
Each holder would lose 20 of 50 actions that it grants. The shared change is better: so it is.

A proposal about a shared policy or a group removes the actions that are reported unused for every holder.
It is one change for all holders, in addition to the proposals for each of them or instead of those.

Nothing changes unless you do it:

Yes. Apply it:
  npx --no-install unused-access-refiner apply s3://access-proposals/shared/123456789012/policy/Orders/00000000000000000000000000000abc
`);
    expect(attributes.kinds).toEqual(['refine-shared-policy']);
    expect(JSON.parse(json)).toMatchObject({
      principalCount: 0,
      proposals: [
        {
          kind: 'refine-shared-policy',
          subjectArn: 'arn:aws:iam::123456789012:policy/Orders',
          accountId: '123456789012',
          principalsAffected: 12,
          better: 'shared',
          proposalKey: 'shared/123456789012/policy/Orders/00000000000000000000000000000abc/proposal.json',
        },
      ],
    });
  });

  it('orders shared proposals by their effect on everybody, and counts nothing twice', () => {
    const group = sharedFacts('Ops', {
      kind: 'refine-group',
      subject: { ...sharedFacts('Ops').subject, type: 'group', arn: 'arn:aws:iam::123456789012:group/Ops' },
      principals: 1,
    });
    const items = [group, facts('a'), facts('b'), sharedFacts('Orders')];
    const { subject, text } = composeNotice(items, CONTEXT);
    expect(subject).toBe(
      '4 proposals to remove unused access, for 2 principals, 1 shared policy and 1 group',
    );
    expect(text).toContain(
      'Together, the proposals for principals would remove 60 of 168 granted actions (36%).',
    );
    expect(text.match(/^\d\. .*\n.*$/gm)).toEqual([
      '1. shared policy Orders of 12 principals, account 123456789012\n   Each holder would lose 20 of 50 actions that it grants. The shared change is better: so it is.',
      '2. role a, account 123456789012\n   It would lose 30 of 84 actions, and 1 of 3 services entirely.',
      '3. role b, account 123456789012\n   It would lose 30 of 84 actions, and 1 of 3 services entirely.',
      '4. group Ops of 1 user, account 123456789012\n   Its only holder would lose 20 of 50 actions that it grants. The shared change is better: so it is.',
    ]);
  });

  it('does not say that a shared policy has no tag, since its tags are not read', () => {
    const context = { ...CONTEXT, ownerTag: 'team', ownerContact: 'security' };
    const of = (...items: Parameters<typeof composeNotice>[0]) =>
      /The subjects? of .* no known owner.*/.exec(
        composeNotice(items, context, { owner: undefined }).text,
      )?.[0];
    expect(of(sharedFacts('Orders'))).toBe(
      'The subject of this proposal has no known owner: tags of policies and groups are not read, and no security contact of the account is known.',
    );
    expect(of(facts('a'), sharedFacts('Orders'))).toBe(
      'The subjects of these proposals have no known owner: the principals have no tag "team", tags of policies and groups are not read, and no security contact of the accounts is known.',
    );
  });

  it('lists all of a burst of fifty', () => {
    const { text, json } = composeNotice(many(50), CONTEXT);
    expect(text).toMatch(/^50\. role service-role/m);
    expect((JSON.parse(json) as { omitted: number }).omitted).toBe(0);
  });

  it.each([400, 10_000])(
    'stays just under 256 KiB for %i proposals, and counts and links the rest',
    (total) => {
      const notice = composeNotice(many(total), CONTEXT);
      expect(publishedBytes(notice)).toBeLessThan(LIMIT);
      expect(publishedBytes(notice)).toBeGreaterThan(LIMIT - 8_192);
      const { proposals, omitted } = JSON.parse(notice.json) as { proposals: unknown[]; omitted: number };
      expect(proposals.length + omitted).toBe(total);
      expect(proposals.length).toBeGreaterThan(80);
      expect(notice.text).toContain(
        `${omitted.toLocaleString('en-US')} more proposals did not fit into this message. All of them are here:\nhttps://`,
      );
      expect(notice.text).toContain(`\n${String(proposals.length)}. `);
      expect(notice.text).not.toContain(`\n${String(proposals.length + 1)}. `);
      expect(notice.attributes.proposalCount).toBe(total);
      expect(notice.subject.length).toBeLessThan(100);
    },
  );

  it('measures the envelope as sent, in bytes of UTF-8', () => {
    const notice = composeNotice([facts('Rolle-Ü-日本')], CONTEXT);
    const { text, json, attributes } = notice;
    const envelope = JSON.stringify({ default: text, sqs: json, lambda: json, https: json });
    expect(publishedBytes(notice)).toBe(
      Buffer.byteLength(envelope) + Buffer.byteLength(JSON.stringify(JSON.stringify(attributes))),
    );
  });

  it('keeps a hostile name from starting a line of its own, and the subject ASCII on one line', () => {
    const name = 'a\r\n\r\n99. role root\u202e';
    const item = facts('x', {
      principal: {
        arn: 'arn:aws:iam::123456789012:role/x',
        type: 'role',
        name,
        path: '/',
        accountId: '123456789012',
      },
    });
    const { text, subject } = composeNotice([item], CONTEXT);
    expect(text).toMatch(/^role a\?\?\?\?99\. role root\?, account 123456789012\n/);
    expect(text).not.toMatch(/^99/m);
    expect(subject).toMatch(/^[\x20-\x7e]{1,99}$/);
  });

  it('does not depend on the order of its proposals', () => {
    const items = many(30);
    expect(composeNotice([...items].reverse(), CONTEXT)).toEqual(composeNotice(items, CONTEXT));
  });

  it('to an owner names the owner in subject, text, attributes and JSON', () => {
    const notice = composeNotice([facts('a'), facts('b')], CONTEXT, { owner: 'Zahlungen-Team-Köln' });
    expect(notice.subject).toBe(
      '2 proposals to remove unused access, for 2 principals of Zahlungen-Team-K?ln',
    );
    expect(notice.text).toMatch(
      /^2 proposals to remove unused access, for 2 principals of Zahlungen-Team-Köln\.\n/,
    );
    expect(notice.attributes).toEqual({
      accountIds: ['123456789012'],
      kinds: ['refine-permissions'],
      proposalCount: 2,
      owner: 'Zahlungen-Team-Köln',
    });
    expect(JSON.parse(notice.json)).toMatchObject({ owner: 'Zahlungen-Team-Köln' });
  });

  it('to an owner with a long name keeps the numbers in its subject', () => {
    const { subject } = composeNotice([facts('a'), facts('b')], CONTEXT, { owner: 'x'.repeat(256) });
    expect(subject).toBe(`2 proposals to remove unused access, for 2 principals of ${'x'.repeat(39)}...`);
    expect(subject.length).toBeLessThan(100);
  });

  it('about proposals without an owner says why none is known', () => {
    const where = { ...CONTEXT, ownerTag: 'Owner', ownerContact: 'security' };
    const notice = composeNotice([facts('a'), facts('b')], where, { owner: undefined });
    expect(notice.subject).toBe('2 proposals to remove unused access, for 2 principals without an owner');
    expect(notice.text).toContain(
      '\n\nThese principals have no known owner: they have no tag "Owner", and no security contact of the accounts is known.\n\n1. ',
    );
    expect(notice.attributes).not.toHaveProperty('owner');
    expect(JSON.parse(notice.json)).toMatchObject({ owner: null });
    const one = composeNotice([facts('a')], { ...CONTEXT, ownerTag: 'Owner' }, { owner: undefined });
    expect(one.text).toContain(
      '\n\nThis principal has no known owner: it has no tag "Owner".\n\nNothing changes',
    );
  });

  const risky = facts('article-role', {
    owner: 'payments',
    reportedAt: '2026-11-20T08:00:00.000Z',
    warnings: ['s3:GetObject was used on 2026-11-24.'],
    risk: {
      removed: {
        weight: 13,
        highImpact: 6,
        levels: { list: 1, read: 24, tagging: 0, write: 4, permissions: 1, unknown: 0 },
      },
      riskiest: ['lambda:CreateFunction', 'lambda:AddPermission', 'lambda:GetFunction'],
    },
  });

  it('names the source of a finding', () => {
    const finding = { findingId: 'last-accessed:arn:aws:iam::123456789012:role/article-role' };
    const reported = '2026-11-20T08:00:00.000Z';
    const { text } = composeNotice([facts('article-role', { ...finding, reportedAt: reported })], CONTEXT);
    expect(text).toContain(
      '\nNot used for 90 days (or the number in "unusedDays") up to 2026-11-20, according to IAM\'s own report.\n',
    );
    expect(text).not.toContain('nalyzer');
  });

  it('says who, since when, of what kind, and three things to do, without repeating a sentence', () => {
    const { subject, text } = composeNotice([risky], CONTEXT);
    expect(subject).toBe('Review: article-role can lose 30 of 84 permissions (5 of them can change things)');
    expect(text).toContain(`role article-role, account 123456789012, owner payments
STOP: s3:GetObject was used on 2026-11-24. It would lose 30 of 84 actions, and 1 of 3 services entirely.
Not used for 90 days (or the period that the analyzer is set to) up to 2026-11-20.

- 5 actions can change things: 1 changes permissions and 4 write
- 24 actions read
- 1 action lists
- high impact: lambda:CreateFunction, lambda:AddPermission, lambda:GetFunction and 3 more
`);
    const other = facts('b', { summary: { ...risky.summary!, actionsGrantedAfter: 60 } });
    for (const items of [[risky], [risky, other], [sharedFacts('Orders'), other]]) {
      const sentences = composeNotice(items, { ...CONTEXT, indexKey: 'index.html' })
        .text.split(/\n|(?<=[.:]) /)
        .map((part) => part.trim())
        .filter((part) => part.length > 12);
      expect(sentences.filter((one, i) => sentences.indexOf(one) !== i)).toEqual([]);
    }
  });

  it('does not claim that an action of unknown kind can change things', () => {
    const levels = { list: 0, read: 1, tagging: 0, write: 0, permissions: 0, unknown: 2 };
    const risk = { removed: { weight: 1, highImpact: 0, levels }, riskiest: [] };
    const { subject, text } = composeNotice([facts('a', { risk })], CONTEXT);
    expect(subject).toBe('Review: a can lose 30 of 84 permissions');
    expect(text).toContain('\n- 1 action reads\n- 2 actions are of an unknown kind\n');
    expect(text).not.toContain('can change things');
  });

  it('about several puts the riskiest first, with the kinds of actions that each removes', () => {
    const { text, subject } = composeNotice([facts('a'), risky], CONTEXT);
    expect(subject).toBe('2 proposals to remove unused access, for 2 principals');
    expect(text.match(/^\d\. .*\n.*$/gm)).toEqual([
      '1. role article-role, account 123456789012\n   STOP: s3:GetObject was used on 2026-11-24. It would lose 30 of 84 actions, and 1 of 3 services entirely. Of these actions, 1 changes permissions, 4 write, 24 read and 1 lists. High impact: lambda:CreateFunction, lambda:AddPermission, lambda:GetFunction and 3 more.',
      '2. role a, account 123456789012\n   It would lose 30 of 84 actions, and 1 of 3 services entirely.',
    ]);
    expect(text.match(/unused-access-refiner (apply|decide) PROPOSAL/g)).toHaveLength(3);
  });

  it('about a principal with a long name keeps the numbers in its subject', () => {
    const name = 'service-role-with-a-name-that-is-as-long-as-iam-lets-it-be-64-ch';
    const { subject } = composeNotice([{ ...risky, principal: { ...risky.principal, name } }], CONTEXT);
    expect(subject.length).toBeLessThan(100);
    expect(subject).toMatch(/can lose 30 of /);
  });

  it('is refused without any proposal', () => {
    expect(() => composeNotice([], CONTEXT)).toThrow('at least one proposal');
  });
});
