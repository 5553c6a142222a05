import { describe, expect, test } from 'vitest';
import { Ledger } from './ledger.ts';

const line = (message: string, findingId: string, facts: object = {}): string =>
  JSON.stringify({ level: 'INFO', message, findingId, ...facts });

function ledgerOf(findings: number): Ledger {
  return new Ledger(findings, (id) => Number(id.slice(1)));
}

describe('the ledger of a load run', () => {
  test('counts each finding under its one outcome', () => {
    const ledger = ledgerOf(6);
    ledger.proposalCreated('f0');
    ledger.logLine(line('proposal is stored', 'f0'));
    ledger.logLine(line('nothing to change', 'f1'));
    ledger.logLine(line('finding is skipped', 'f2'));
    ledger.logLine(line('principal is gone', 'f3'));
    ledger.logLine(line('finding failed', 'f4', { error: 'cannot read', code: 'access-denied' }));
    ledger.deadLetter('f4');
    ledger.logLine(line('finding is left to the next sweep', 'f5'));
    expect(ledger.balance()).toEqual({
      endings: { proposed: 1, unchanged: 1, skipped: 1, gone: 1, unreachable: 1, 'dead-letter': 1 },
      deadLetterReasons: { 'access-denied': 1 },
      problems: [],
    });
  });

  test('names a finding without an outcome', () => {
    const ledger = ledgerOf(2);
    ledger.proposalCreated('f1');
    expect(ledger.balance().problems).toEqual([
      'finding 0 is lost: no proposal, no word about it, no dead letter',
    ]);
  });

  test('counts a failed finding that is in no queue as lost', () => {
    const ledger = ledgerOf(1);
    ledger.logLine(line('finding failed', 'f0', { error: 'cannot read', code: 'throttled' }));
    expect(ledger.balance().problems).toEqual([
      'finding 0 is lost: no proposal, no word about it, no dead letter',
    ]);
  });

  test('names a finding with two proposals', () => {
    const ledger = ledgerOf(1);
    ledger.proposalCreated('f0');
    ledger.proposalCreated('f0');
    expect(ledger.balance().problems).toEqual(['finding 0 was proposed 2 times']);
  });

  test('does not trust a log line about a proposal that is not stored', () => {
    const ledger = ledgerOf(1);
    ledger.logLine(line('proposal is stored', 'f0'));
    expect(ledger.balance().problems).toEqual([
      'finding 0 is said to be proposed, but no proposal of it was written',
      'finding 0 is lost: no proposal, no word about it, no dead letter',
    ]);
  });

  test('recognises the unreachable account, and keeps known outcomes of its findings', () => {
    const ledger = ledgerOf(3);
    ledger.logLine('{"message":"account cannot be reached","accountId":"111122223333","error":"no role"}');
    expect([...ledger.unreachable]).toEqual(['111122223333']);
    ledger.logLine(line('finding is gone', 'f1'));
    ledger.leftAccount(0, 3);
    expect(ledger.balance()).toMatchObject({ endings: { gone: 1, unreachable: 2 }, problems: [] });
  });

  test('requires a reason for a dead letter', () => {
    const ledger = ledgerOf(1);
    ledger.deadLetter('f0');
    expect(ledger.balance().problems).toEqual(['finding 0 is a dead letter without a reason']);
  });

  test("counts an account's dead letter for each of its findings without another outcome", () => {
    const ledger = ledgerOf(3);
    ledger.proposalCreated('f1');
    ledger.logLine(
      JSON.stringify({
        message: 'account failed',
        accountId: '111122223333',
        error: 'cannot',
        code: 'throttled',
      }),
    );
    ledger.deadAccount('111122223333', 1, 2);
    expect(ledger.balance()).toMatchObject({
      endings: { proposed: 1, 'dead-letter': 1 },
      deadLetterReasons: { throttled: 1 },
      problems: ['finding 0 is lost: no proposal, no word about it, no dead letter'],
    });
  });

  test('names a forbidden outcome', () => {
    const ledger = ledgerOf(1);
    ledger.logLine(line('finding is skipped', 'f0'));
    expect(ledger.balance(() => 'proposed').problems).toEqual([
      'finding 0 must end as proposed and ended as skipped',
    ]);
  });

  test('ignores a partial line of a killed process', () => {
    const ledger = ledgerOf(1);
    ledger.logLine('{"message":"proposal is stored","findingId":"f0');
    expect(ledger.entry(0)).toEqual({ created: 0, said: undefined, failure: undefined, dead: false });
  });
});
