import { describe, expect, test } from 'vitest';
import {
  analyzerDollars,
  type Assumptions,
  estimate,
  estimateAccounts,
  estimateReports,
  REPORT_ASSUMPTIONS,
  sideBySide,
  type PerFinding,
  storageDollars,
  workerSeconds,
} from './cost-model.ts';

const EACH: PerFinding = {
  iamCalls: 6,
  otherReads: 2,
  s3Writes: 10,
  s3Reads: 2,
  cpuSeconds: 0.1,
  kilobytesStored: 100,
  messages: 2,
};
const ASSUMED: Assumptions = {
  memory: 1024,
  memoryOfOneCpu: 2048,
  latency: 0.05,
  sideBySide: 2,
  concurrency: 4,
  accountRate: 20,
  analyzerRate: 10,
  batch: 10,
  logKilobytesPerFinding: 2,
};

describe('the cost model', () => {
  test('makes 0.1 s of CPU time take 0.2 s on half a vCPU, and counts half of 20 waits of 50 ms', () => {
    expect(workerSeconds(EACH, ASSUMED)).toBeCloseTo(0.7, 10);
  });

  test("does not make one thread faster with more memory than one vCPU's", () => {
    expect(workerSeconds(EACH, { ...ASSUMED, memory: 4096 })).toBeCloseTo(0.6, 10);
  });

  test('adds up 1,000 findings', () => {
    const result = estimate({ findings: 1_000, largestAccount: 400 }, EACH, ASSUMED);
    expect(result.iamCalls).toBe(6_000);
    expect(result.otherReads).toBe(2_000);
    expect(result.gbSeconds).toBeCloseTo(700, 6);
    expect(result.s3Requests).toBe(12_000);
    expect(result.sqsRequests).toBeCloseTo(2_400, 6);
    // 700 GB-s 0.00933338, 100 invocations 0.00002, 10,000 PUTs 0.05 and their events 0.01, 2,000 GETs 0.0008,
    // 2,400 SQS requests 0.0012, 2 MB of logs 0.001
    expect(result.dollars).toBeCloseTo(0.07235338, 8);
  });

  test('lasts as long as the workers need', () => {
    const result = estimate({ findings: 1_000, largestAccount: 400 }, EACH, ASSUMED);
    expect(result.bound).toBe('workers');
    expect(result.hours).toBeCloseTo(175 / 3600, 10);
  });

  test('lasts as long as the pace of the largest account requires, if that is longer', () => {
    const result = estimate({ findings: 1_000, largestAccount: 900 }, EACH, ASSUMED);
    expect(result.bound).toBe('account rate');
    expect(result.hours).toBeCloseTo(270 / 3600, 10);
  });

  test('has one job for an account that is read as a whole, which takes 0.7 s for each of 900', () => {
    const result = estimateAccounts({ findings: 1_000, largestAccount: 900 }, EACH, ASSUMED);
    expect(result.bound).toBe('largest account');
    expect(result.hours).toBeCloseTo(630 / 3600, 10);
    expect(result.iamCalls).toBe(6_000);
  });

  test('lasts as long as the workers need for all of them, if that is longer', () => {
    const result = estimateAccounts({ findings: 1_000, largestAccount: 200 }, EACH, ASSUMED);
    expect(result.bound).toBe('workers');
    expect(result.hours).toBeCloseTo(175 / 3600, 10);
  });

  test("lasts as long as the pace of Access Analyzer requires, for all workers or the largest account's", () => {
    const slow = { ...ASSUMED, analyzerRate: 2 };
    const alone = estimate({ findings: 1_000, largestAccount: 400 }, EACH, slow);
    expect(alone.bound).toBe('Access Analyzer');
    expect(alone.hours).toBeCloseTo(250 / 3600, 10);
    const job = estimateAccounts({ findings: 1_000, largestAccount: 900 }, EACH, slow);
    expect(job.bound).toBe('Access Analyzer');
    expect(job.hours).toBeCloseTo(900 / 3600, 10);
  });

  test('sums the cost of two concurrent functions, which last as long as the slower one', () => {
    const slow = estimate({ findings: 1_000, largestAccount: 900 }, EACH, ASSUMED);
    const fast = estimate({ findings: 500, largestAccount: 10 }, EACH, ASSUMED);
    for (const both of [sideBySide(slow, fast), sideBySide(fast, slow)]) {
      expect(both.iamCalls).toBe(9_000);
      expect(both.otherReads).toBe(3_000);
      expect(both.gbSeconds).toBeCloseTo(1_050, 6);
      expect(both.s3Requests).toBe(18_000);
      expect(both.sqsRequests).toBeCloseTo(3_600, 6);
      expect(both.dollars).toBeCloseTo(0.10853007, 8);
      expect(both.hours).toBeCloseTo(270 / 3600, 10);
      expect(both.bound).toBe('account rate');
    }
  });

  test('lists Access Analyzer’s own charge and storage separately', () => {
    expect(analyzerDollars(100_000)).toBeCloseTo(20_000, 6);
    expect(storageDollars(100_000, EACH)).toBeCloseTo(0.23, 10);
  });
});

test('without an analyzer, a job waits for its pace with IAM, and reads no findings', () => {
  const each = {
    iamCalls: 0.4,
    otherReads: 1,
    s3Writes: 1,
    s3Reads: 1,
    cpuSeconds: 0.01,
    kilobytesStored: 0,
    messages: 0,
  };
  const one = estimateReports({ findings: 1_000, largestAccount: 500 }, each, REPORT_ASSUMPTIONS);
  expect(one).toMatchObject({ iamCalls: 4_000, otherReads: 0, bound: 'account rate' });
  // 500 principals, four calls each, ten a second.
  expect(one.hours * 3600).toBeCloseTo(200, 6);
  // 0.4 s of 1,769 MiB for each.
  expect(one.gbSeconds).toBeCloseTo(691, 0);
});
