import { describe, expect, it } from 'vitest';
import { buildRemoval } from '../../../lambda/core/proposal/build-removal.ts';
import { renderMarkdown } from '../../../lambda/report/proposal/markdown.ts';
import { administratorProposal, articleProposal, hostileProposal, sha256 } from '../proposals.ts';

describe('a proposal as Markdown', () => {
  it("shows the article's role: verdict, patterns with reasons, difference, commands", () => {
    const text = renderMarkdown(articleProposal().proposal);
    expect(text).toContain('## Remove unused permissions of role `article-role`');
    expect(text).toContain('loses **30 of the 84 actions** (36%)');
    expect(text).toContain('| Actions granted | 84 | 54 |');
    expect(text).toContain(
      '| 2 | `s3:Get*` | narrowed | `s3:GetAccess*`, `s3:GetAccountPublicAccessBlock`, `s3:GetDataAccess`, `s3:GetJobTagging`, `s3:GetMulti*`, `s3:GetObject*`, `s3:GetStorage*` | 22 of the 58 actions under it are reported unused; the rest stays |',
    );
    expect(text).toContain('-        "lambda:AddPermission",\n');
    expect(text).toContain('+        "s3:GetStorage*",\n');
    expect(text).toContain('aws iam put-role-policy');
  });

  it('names the owner in its last line, if known', () => {
    const { proposal } = articleProposal();
    expect(renderMarkdown(proposal)).not.toContain('owner');
    const text = renderMarkdown({ ...proposal, owner: 'team `x`' });
    expect(text).toMatch(/ · proposal `[0-9a-f]{32}` · owner `` team `x` ``\n$/);
  });

  it('keeps hostile text inside code spans and fences', () => {
    const text = renderMarkdown(hostileProposal().proposal);
    const outside = text
      .replace(/(`{3,})[^]*?\n\1/g, '')
      .replace(/(`+)[^]*?[^`]\1(?!`)/g, '')
      .replace(/\\[^]/g, '');
    expect(outside).not.toMatch(/<(?!\/?(?:details|summary)>)/);
  });

  it('neither mentions users nor ends a table cell early', () => {
    const { proposal } = articleProposal();
    const policy = proposal.policies[0]!;
    const text = renderMarkdown({ ...proposal, policies: [{ ...policy, reason: '@octocat | *all*' }] });
    expect(text).toContain('@\u200boctocat \\| \\*all\\*.');
  });

  it('fits into a pull request even for AdministratorAccess', () => {
    expect(renderMarkdown(administratorProposal().proposal).length).toBeLessThan(65_536);
  });

  it('says what to do about an unused access key, and keeps its deletion out of the block to copy', () => {
    const { principal } = articleProposal().proposal;
    const proposal = buildRemoval({
      kind: 'remove-access-key',
      principal: { ...principal, type: 'user' },
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      lastAccessed: undefined,
      finding: { id: 'f', analyzerArn: null, findingType: 'UnusedIAMUserAccessKey', updatedAt: null },
      digest: sha256,
    });
    const text = renderMarkdown(proposal);
    expect(text).toContain('has the access key `AKIAIOSFODNN7EXAMPLE`, which is reported unused.');
    const blocks = new Map(
      [...text.matchAll(/<summary>(.*?)<\/summary>\n\n```sh\n([^]*?)\n```/g)].map(([, title, block]) => [
        title,
        block,
      ]),
    );
    expect([...blocks.keys()]).toEqual(['Look first', 'Apply', 'Undo', 'Cannot be undone']);
    expect(blocks.get('Apply')).toContain('aws iam update-access-key');
    expect(blocks.get('Apply')).not.toContain('delete');
    expect(blocks.get('Cannot be undone')).toContain('aws iam delete-access-key');
  });
});
