import { expect, test } from 'vitest';
import { buildRemoval } from '../../../lambda/core/proposal/build-removal.ts';
import type { SharedProposal } from '../../../lambda/core/proposal/schema.ts';
import { renderSummary } from '../../../lambda/report/proposal/summary-text.ts';
import { articleProposal, sha256 } from '../proposals.ts';

const { proposal } = articleProposal();
const CURRENT = { address: 'refined/p', state: undefined };

test('the summary of a proposal names its subject, what it removes and the next commands', () => {
  expect(renderSummary(proposal, CURRENT)).toBe(`role article-role of account 123456789012
arn:aws:iam::123456789012:role/article-role
proposal ${proposal.proposalId}

loses 30 of 84 actions, all reported unused; 54 actions stay
removed: 6 high-impact; 1 changes permissions, 4 write, 24 read and 1 lists
remaining: 2 high-impact; 3 write, 36 read and 15 list
services 2 → 2, characters of policy 444 → 346

article-policy (inline policy): changed in place, loses 30 actions

apply:   npx --no-install unused-access-refiner apply refined/p
undo:    npx --no-install unused-access-refiner rollback refined/p
more:    show with --format commands, diff or markdown; for a role or user also terraform, cloudformation or cdk
`);
});

test('the summary has a block for decisions and warnings, and counts what stays although unused', () => {
  const text = renderSummary(
    {
      ...proposal,
      owner: 'payments',
      accountName: 'payments-prod',
      warnings: ['s3:GetObject was used'],
      notes: ['a note'],
      retained: [{ action: 'iam:PassRole', reason: 'never recorded' }],
      residue: [
        { action: 's3:GetObject', through: 'group Ops', reason: 'it is inherited' },
        { action: 's3:PutObject', through: 'group Ops', reason: 'it is inherited' },
      ],
    },
    { ...CURRENT, decisions: ['accepted by ana on 2026-11-29: agreed'] },
  );
  expect(text).toContain('role article-role of account 123456789012 (payments-prod), owner payments\n');
  expect(text).toContain(
    '\n\ndecided: accepted by ana on 2026-11-29: agreed\n\nwarning: s3:GetObject was used\n\n',
  );
  expect(text).toContain('\nkept on purpose, although unused: 1 action\nunused, still granted: 2 actions\n');
  expect(text).toContain('\n\nnote: a note\n\napply: ');
});

test('the summary of a proposal that is settled has nothing to apply', () => {
  const text = renderSummary(proposal, {
    address: 'refined/p',
    state: {
      schemaVersion: 1,
      proposalId: proposal.proposalId,
      state: 'resolved',
      reason: 'the role is gone',
    },
  });
  expect(text).toContain(`\nproposal ${proposal.proposalId}, resolved: the role is gone\n`);
  expect(text).toMatch(/\n\nThe proposal is resolved, so there is nothing to apply\.\n$/);
  expect(text).not.toContain('apply: ');
});

test.each([
  ['policy', 'shared policy Ops of account 123456789012, held by 3 principals\n'],
  ['group', 'group Ops of account 123456789012, held by 3 users\n'],
] as const)('the summary about a shared %s says how many hold it', (type, line) => {
  const { proposalId, summary, retained, policies, notes, plan } = proposal;
  const shared = {
    kind: type === 'policy' ? 'refine-shared-policy' : 'refine-group',
    ...{ proposalId, summary, retained, policies, notes, plan },
    subject: {
      type,
      arn: `arn:aws:iam::123456789012:${type}/Ops`,
      name: 'Ops',
      path: '/',
      accountId: '123456789012',
    },
    holders: { principals: 3, roles: [], users: [], groups: [] },
    findings: [],
  } as Partial<SharedProposal> as SharedProposal;
  expect(renderSummary(shared, CURRENT)).toContain(line);
});

test.each([
  ['remove-role', 'the role is reported unused: a policy would deny it everything; one call undoes that\n'],
  [
    'remove-access-key',
    'the access key AKIAIOSFODNN7EXAMPLE is reported unused: it would be deactivated; one call undoes that\n',
  ],
  [
    'remove-password',
    'the console password is reported unused: it would be deleted, which cannot be undone\n',
  ],
] as const)('the summary of the kind %s says what would be done', (kind, line) => {
  const removal = buildRemoval({
    kind,
    principal: proposal.principal,
    ...(kind === 'remove-access-key' ? { accessKeyId: 'AKIAIOSFODNN7EXAMPLE' } : {}),
    lastAccessed: undefined,
    finding: { id: 'f', analyzerArn: null, findingType: 'UnusedIAMRole', updatedAt: null },
    digest: sha256,
  });
  expect(renderSummary(removal, CURRENT)).toContain(`\n\n${line}`);
});
