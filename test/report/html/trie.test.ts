import { describe, expect, it } from 'vitest';
import { makeService } from '../../../lambda/core/catalogue/catalogue.ts';
import { makeSplitTrie, type TrieNode } from '../../../lambda/report/html/trie-model.ts';
import { trieSvg } from '../../../lambda/report/html/trie-svg.ts';
import { makeVerdicts, type Verdicts } from '../../../lambda/report/html/verdicts.ts';
import { articleProposal } from '../proposals.ts';

function article(): ReturnType<typeof makeSplitTrie> {
  const { proposal, universe } = articleProposal();
  const change = proposal.policies[0]?.changes.find(({ pattern }) => pattern === 's3:Get*');
  return makeSplitTrie(
    universe.services.get('s3')!,
    'Get*',
    change!.to,
    makeVerdicts(proposal.finding, proposal.retained),
  );
}

function verdictsFor(unused: readonly string[]): Verdicts {
  return {
    decisionOf: (service, action) => (unused.includes(`${service}:${action}`) ? 'removed' : 'kept'),
    lastAccessed: () => undefined,
    retainedBecause: () => undefined,
  };
}

const chosenIn = (node: TrieNode): readonly string[] => [
  ...(node.chosen === undefined ? [] : [node.chosen]),
  ...node.children.flatMap(chosenIn),
];

describe('the trie of a split wildcard', () => {
  it("shows the article's choice: seven safe prefixes under an unsafe Get", () => {
    const trie = article();
    expect(trie.root).toMatchObject({ label: 'Get', isSafe: false, removed: 22, kept: 36 });
    expect(chosenIn(trie.root)).toEqual([
      's3:GetAccess*',
      's3:GetAccountPublicAccessBlock',
      's3:GetDataAccess',
      's3:GetJobTagging',
      's3:GetMulti*',
      's3:GetObject*',
      's3:GetStorage*',
    ]);
    const bucket = trie.root.children.find(({ label }) => label === 'Bucket');
    expect(bucket).toMatchObject({ isSafe: false, removed: 14, kept: 0, chosen: undefined });
  });

  it('names the new pattern that grants each kept action, and none for a removed one', () => {
    const { actions } = article();
    const by = (name: string): string | undefined =>
      actions.find((action) => action.name === name)?.grantedBy;
    expect(by('GetObjectAcl')).toBe('s3:GetObject*');
    expect(by('GetJobTagging')).toBe('s3:GetJobTagging');
    expect(by('GetBucketPolicy')).toBeUndefined();
  });

  it('judges safety by strings: a removed DescribeVpcs makes the node DescribeVpc unsafe', () => {
    const service = makeService('ec2', ['DescribeVpcs', 'DescribeVpcAttribute', 'DescribeVpcEndpoints']);
    const trie = makeSplitTrie(
      service,
      'Describe*',
      ['ec2:DescribeVpcAttribute', 'ec2:DescribeVpcEndpoints'],
      verdictsFor(['ec2:describevpcs']),
    );
    const vpc = trie.root.children.find(({ label }) => label === 'Vpc');
    expect(vpc).toMatchObject({ isSafe: false, removed: 0, kept: 2 });
    expect(chosenIn(trie.root)).toEqual(['ec2:DescribeVpcAttribute', 'ec2:DescribeVpcEndpoints']);
  });

  it('separates an action that ends at an inner node from those below it', () => {
    const service = makeService('s3', ['GetObject', 'GetObjectAcl', 'GetObjectTagging']);
    const { root } = makeSplitTrie(service, 'Get*', ['s3:GetObjectAcl'], verdictsFor(['s3:getobject']));
    expect(root.children[0]).toMatchObject({ label: 'Object', removed: 1, kept: 2 });
    expect(root.children[0]?.action?.decision).toBe('removed');
    expect(
      trieSvg(
        makeSplitTrie(service, 'Get*', ['s3:GetObjectAcl'], verdictsFor(['s3:getobject'])),
        'folded',
        'x',
      ).toString(),
    ).toContain('>GetObject</text>');
  });

  it('draws an action that ends at an inner node and those below it, each once and with what happens to it', () => {
    const service = makeService('s3', ['GetBucketAcl', 'GetBucketPolicy', 'GetObject', 'GetObjectAcl']);
    const unused = verdictsFor(['s3:getbucketpolicy', 's3:getobject']);
    const svg = trieSvg(makeSplitTrie(service, 'Get*', ['s3:Get*Acl'], unused), 'folded', 'x').toString();
    const texts = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text/g)].map(([, text]) => text);
    expect(texts).toEqual([
      ...['Get*Acl', '2 removed, 2 kept'],
      ...['Bucket*', '1 removed, 1 kept'],
      ...['Acl', 'kept'],
      ...['Policy', 'removed'],
      ...['Object*', '1 removed, 1 kept'],
      ...['GetObject', 'removed'],
      ...['Acl', 'kept'],
    ]);
  });

  it('is drawn with chosen nodes outlined, unsafe ones marked and removed actions named', () => {
    const svg = trieSvg(article(), 'folded', 'x').toString();
    expect(svg).toContain(
      '<title id="x-t">s3:Get*: 22 actions removed, 36 actions kept by 7 patterns.</title>',
    );
    expect(svg.match(/class="safe chosen"/g)).toHaveLength(7);
    expect(svg).toMatch(/class="unsafe"[^]*?>Get\*</);
    expect(svg).toMatch(/class="gone"[^]*?>Bucket\*<\/text>\s*<text[^>]*>14 removed</);
  });

  it('is folded into fewer rows if it is large, with a count of what is left out', () => {
    const actions = Array.from(
      { length: 400 },
      (_, i) =>
        `Get${String.fromCharCode(65 + (i % 26))}${String.fromCharCode(65 + Math.floor(i / 26))}x${String(i)}`,
    );
    const unused = actions.filter((_, i) => i % 2 === 0).map((action) => `big:${action.toLowerCase()}`);
    const to = actions.filter((_, i) => i % 2 === 1).map((action) => `big:${action}`);
    const svg = trieSvg(
      makeSplitTrie(makeService('big', actions), 'Get*', to, verdictsFor(unused)),
      'folded',
      'x',
    ).toString();
    expect(svg.match(/<rect/g)!.length).toBeLessThanOrEqual(91);
    expect(svg).toMatch(/\d+ branches more, all of them in the list below/);
  });
});
