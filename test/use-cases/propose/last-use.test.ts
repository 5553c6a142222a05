import { describe, expect, test } from 'vitest';
import type { LastAccessedFinding } from '../../../lambda/core/usage/last-accessed-findings.ts';
import {
  findingAmong,
  type ReportedLastUse,
  unjudgedRemarks,
} from '../../../lambda/use-cases/propose/last-use.ts';

const ANA = 'arn:aws:iam::123456789012:user/ana';

describe('a finding from reports of last use', () => {
  const finding = (id: string): LastAccessedFinding => ({
    id,
    analyzerArn: null,
    source: 'last-accessed',
    findingType: 'UnusedIAMUserPassword',
    status: 'ACTIVE',
    resource: ANA,
    accountId: '123456789012',
    updatedAt: '2026-11-29T11:00:00.000Z',
    details: { type: 'UnusedIAMUserPassword', lastAccessed: undefined },
  });
  const KEY = `last-accessed:key/AKIA1:${ANA}`;
  const PASSWORD = `last-accessed:password:${ANA}`;
  const PERMISSIONS = `last-accessed:${ANA}`;
  const about = (findingId: string, use: Partial<ReportedLastUse> | undefined) =>
    findingAmong(
      { analyzerArn: 'last-accessed', findingId, accountId: '123456789012', resource: ANA },
      use && { findings: [], unjudged: undefined, hasCredentials: true, ...use },
    );

  test('is found among others of its principal', () => {
    const findings = [finding(KEY), finding(PASSWORD)];
    expect(about(PASSWORD, { findings })).toEqual({ kind: 'found', finding: finding(PASSWORD) });
  });

  test('is gone if its principal is, or if everything was used', () => {
    expect(about(PERMISSIONS, undefined)).toEqual({ kind: 'gone' });
    expect(about(PERMISSIONS, { findings: [finding(KEY)] })).toEqual({ kind: 'gone' });
    expect(about(PASSWORD, { findings: [finding(KEY)] })).toEqual({ kind: 'gone' });
  });

  test('is not known to be gone without a report, or without the credentials', () => {
    expect(about(PERMISSIONS, { unjudged: 'no-report' })).toEqual({
      kind: 'unreadable',
      reason: 'there is no complete report of last use about it',
    });
    expect(about(PASSWORD, { hasCredentials: false })).toEqual({
      kind: 'unreadable',
      reason: `nobody has read when the keys and the password of ${ANA} were used`,
    });
  });
});

test('principals of which nothing is known are named by reason, three at most', () => {
  const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
  expect(
    unjudgedRemarks(
      new Map([
        ['young', [role('a'), role('b'), ANA, role('d')]],
        ['no-report', [role('e')]],
      ]),
    ),
  ).toEqual([
    'nothing is said about the permissions of role a, role b, user ana and 1 more: each is younger than the window, or the age is not known',
    'nothing is said about the permissions of role e: there is no complete report of last use about each',
  ]);
});
