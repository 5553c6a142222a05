import { describe, expect, it } from 'vitest';
import { buildRemoval } from '../../../lambda/core/proposal/build-removal.ts';
import { renderMarkdown } from '../../../lambda/report/proposal/markdown.ts';
import { renderReport, makeReportWriter, reportWriter } from '../../../lambda/report/proposal/report-html.ts';
import { makeCatalogue } from '../../../lambda/core/catalogue/catalogue.ts';
import {
  administratorProposal,
  articleProposal,
  HOSTILE,
  hostileProposal,
  inline,
  makeProposal,
  sha256,
} from '../proposals.ts';

const textOf = (html: string): string =>
  html
    .replace(/<style>[^]*?<\/style>/, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');

/** An inline policy of one statement. */
const allowing = (actions: string | readonly string[], resources: string | readonly string[]) =>
  inline('p', {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: actions, Resource: resources }],
  });

describe('the report', () => {
  it('begins with the verdict: who loses how much, and the proof', () => {
    const { proposal, universe } = articleProposal();
    const text = textOf(renderReport(proposal, universe));
    expect(text).toContain(
      'article-role arn:aws:iam::123456789012:role/article-role This role would lose 30 of the 84 actions (36%) that its policies grant, all reported unused.',
    );
    expect(text).toContain(
      '✓ Proven exact. Exact on the action catalogue of 2024-08-31, and no wider over all strings: before and after were compared, statement by statement (2) and action by action (229), by a verifier that shares no code with the refiner. It starts from the policies, and from the finding and the catalogue as this program read them.',
    );
  });

  it('names the owner of the principal, if known', () => {
    const { proposal, universe } = articleProposal();
    expect(renderReport(proposal, universe)).not.toContain('· owner');
    const text = textOf(renderReport({ ...proposal, owner: 'payments <b>' }, universe));
    expect(text).toContain('in account 123456789012 · owner payments');
    expect(text).toMatch(/Proposal [0-9a-f]{32} Owner payments/);
  });

  it('shows for each action under a split wildcard what happens to it, and when it was last used', () => {
    const { proposal, universe } = articleProposal(['s3:GetBucketPolicy']);
    const text = textOf(renderReport(proposal, universe));
    expect(text).toContain('Removed: reported unused (21)');
    expect(text).toContain('GetBucketLocation last used 2026-03-14');
    expect(text).toContain(
      'Retained: unused, kept on purpose (1) GetBucketPolicy the keep-list names s3:GetBucketPolicy',
    );
    expect(text).toContain('Kept: used, or not tracked by AWS; the finding does not say which (36)');
    expect(text).toContain('1 action stays on purpose.');
  });

  it('names three of the resources of a statement, and counts the others', () => {
    const on = (...names: readonly string[]) =>
      makeProposal({
        name: 'r',
        grants: [
          allowing(
            's3:Get*',
            names.map((name) => `arn:aws:s3:::${name}/*`),
          ),
        ],
        unused: [{ serviceNamespace: 's3', actions: [{ action: 'GetBucketAcl' }] }],
        catalogue: makeCatalogue({ source: 's', version: '1', date: '' }, [
          ['s3', ['GetBucketAcl', 'GetObject']],
        ]),
      });
    const scopeOf = (...names: readonly string[]) => {
      const { proposal, universe } = on(...names);
      return /Allows on .*?(?= narrowed)/.exec(textOf(renderReport(proposal, universe)))?.[0].trim();
    };
    expect(scopeOf('a', 'b', 'c')).toBe('Allows on arn:aws:s3:::a/* , arn:aws:s3:::b/* , arn:aws:s3:::c/*');
    expect(scopeOf('a', 'b', 'c', 'd', 'e')).toBe(
      'Allows on arn:aws:s3:::a/* , arn:aws:s3:::b/* , arn:aws:s3:::c/* and 2 more',
    );
  });

  it('counts what a large report leaves out', () => {
    const services = (some: number) => Array.from({ length: some }, (_, n) => `svc${String(100 + n)}`);
    const large = (split: number) => {
      const names = services(split);
      const { proposal, universe } = makeProposal({
        name: 'r',
        grants: [allowing([...names.map((name) => `${name}:*`), 'gone:*'], '*')],
        unused: [
          { serviceNamespace: 'gone' },
          ...names.map((serviceNamespace) => ({ serviceNamespace, actions: [{ action: 'PutThing' }] })),
        ],
        catalogue: makeCatalogue({ source: 's', version: '1', date: '' }, [
          ...names.map((name) => [name, ['GetThing', 'GetThingAcl', 'PutThing']] as const),
          ['gone', ['GetThing']],
        ]),
      });
      return textOf(renderReport(proposal, universe));
    };
    const text = large(62);
    expect(text).toContain('1 service is removed entirely (with the number of their actions) gone 1');
    expect(text).toContain('2 more wildcards were split in this statement; their patterns are listed above.');
    expect(large(61)).toContain(
      '1 more wildcard was split in this statement; its patterns are listed above.',
    );
  });

  it('lists the actions that stay by service, and unused ones that are still granted by their reason', () => {
    const { proposal, universe } = articleProposal();
    const text = textOf(
      renderReport(
        {
          ...proposal,
          staying: [
            { reason: 'used', count: 3, actions: ['ec2-instance-connect:Send', 'ec2:Run', 's3:GetObject'] },
          ],
          residue: [
            { action: 's3:GetBucketAcl', through: 'group Ops', reason: 'its policy belongs to all members' },
            { action: 's3:PutObject', through: 'group Ops', reason: 'its policy belongs to all members' },
          ],
        },
        universe,
      ),
    );
    expect(text).toContain('Show them ec2:Run ec2-instance-connect:Send s3:GetObject');
    expect(text).toContain(
      'Still granted Group Ops: its policy belongs to all members. s3:GetBucketAcl s3:PutObject',
    );
  });

  it('needs no script, no network and no inline style', () => {
    for (const make of [articleProposal, administratorProposal, hostileProposal]) {
      const { proposal, universe } = make();
      const html = renderReport(proposal, universe);
      const tags = html.match(/<[^>]*>/g) ?? [];
      expect(tags.length).toBeGreaterThan(300);
      expect(
        tags.filter((tag) => /^<(script|iframe|object|embed|img)|\s(style|on\w+|src)=/.test(tag)),
      ).toEqual([]);
      expect(
        [...html.matchAll(/href="([^"]*)"/g)].filter(([, href]) => !/^(#|data:,)/.test(href ?? '')),
      ).toEqual([]);
    }
  });

  it('shows hostile text as text', () => {
    const { proposal, universe } = hostileProposal();
    const html = renderReport(proposal, universe);
    expect(html).not.toContain(HOSTILE);
    expect(html).toContain('&quot;&gt;&lt;script&gt;document.title=&#39;owned&#39;&lt;/script&gt;');
    expect(html).toContain('[U+202E]gnp.exe');
  });

  it('has unique ids, and a target for every reference', () => {
    for (const make of [articleProposal, administratorProposal]) {
      const { proposal, universe } = make();
      const html = renderReport(proposal, universe);
      const ids = [...html.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
      expect(new Set(ids).size).toBe(ids.length);
      const targets = [...html.matchAll(/(?:href="#|aria-labelledby="|for=")([^"]*)"/g)].map(([, id]) => id);
      expect(targets.filter((id) => !ids.includes(id))).toEqual([]);
    }
  });

  it('has the same bytes for the same proposal', () => {
    const render = (): string => {
      const { proposal, universe } = articleProposal();
      return renderReport(proposal, universe, { engineVersion: '0.1.0' });
    };
    expect(render()).toBe(render());
  });

  it('stays below 500 kB for AdministratorAccess', () => {
    const { proposal, universe } = administratorProposal();
    const html = renderReport(proposal, universe);
    expect(Buffer.byteLength(html)).toBeLessThan(500_000);
    expect(textOf(html)).toContain('447 services are removed entirely');
  });

  it.each([
    [
      'remove-role',
      'This role is reported unused . It was last used on 2025-01-31.',
      'aws iam delete-role \\ --role-name',
    ],
    [
      'remove-access-key',
      'The access key AKIAIOSFODNN7EXAMPLE of this user is reported unused . It was last used on 2025-01-31.',
      'aws iam delete-access-key \\ --role-name',
    ],
    [
      'remove-password',
      'The console password of this user is reported unused . It was last used on 2025-01-31.',
      'aws iam delete-login-profile \\ --role-name',
    ],
  ] as const)(
    'describes %s without mentioning policies, with what cannot be undone last',
    (kind, sentence, final) => {
      const { proposal: refinement, universe } = articleProposal();
      const proposal = buildRemoval({
        kind,
        principal: refinement.principal,
        ...(kind === 'remove-access-key' ? { accessKeyId: 'AKIAIOSFODNN7EXAMPLE' } : {}),
        lastAccessed: '2025-01-31T00:00:00Z',
        finding: { id: 'f', analyzerArn: null, findingType: 'UnusedIAMRole', updatedAt: null },
        digest: sha256,
      });
      const [file] = reportWriter.write(proposal, universe);
      const text = textOf(file!.body);
      expect(text).toContain(sentence);
      const [reversible = '', irreversible = ''] = text.split('Cannot be undone');
      expect(reversible).toContain(
        'npx --no-install unused-access-refiner apply proposals/123456789012/role/article-role/',
      );
      expect(reversible).not.toMatch(/aws iam delete-(role|access-key|login-profile) /);
      expect(irreversible).toContain(final);
      expect(text).not.toContain('Policies');
    },
  );

  it('shows warnings above the proof', () => {
    const { proposal, universe } = articleProposal();
    const warned = { ...proposal, warnings: ['Do not apply this: s3:GetObject was used'] };
    const text = textOf(renderReport(warned, universe));
    expect(text).toMatch(/⚠ Stop\. Do not apply this: s3:GetObject was used .*✓ Proven exact\./);
    expect(renderMarkdown(warned)).toMatch(
      /⚠️ \*\*Stop\.\*\* Do not apply this: s3:GetObject was used\n\n✅ \*\*Proven exact/,
    );
  });

  it('shows the change as code, or names the command if the code is too long', () => {
    const { proposal, universe } = articleProposal();
    const text = textOf(renderReport(proposal, universe));
    expect(text).toContain('Terraform # Proposal ');
    expect(text).toContain('resource &quot;aws_iam_role_policy&quot; &quot;article_policy&quot; {');
    expect(text).toContain('Type: AWS::IAM::RolePolicy');
    expect(text).toContain('new CfnRolePolicy(scope, &#39;ArticlePolicy&#39;, {');
  });

  it("is written as report.html, and names the engine's version if known", () => {
    const { proposal, universe } = articleProposal();
    const [file] = makeReportWriter({ engineVersion: '9.9.9' }).write(proposal, universe);
    expect(file).toMatchObject({ name: 'report.html', contentType: 'text/html' });
    expect(file?.body).toContain('unused-access-refiner 9.9.9, proposal schema 1');
  });
});
