import type { PerFinding } from './cost-model.ts';

/** The run whose counts the model takes; what is stored is of a run of 100 findings without faults. */
export const MEASURED_BY = {
  command: 'npm run load -- --findings 1000 --accounts 10 --concurrency 8',
  date: '2026-11-23',
  machine: 'two cores shared with other work, Node.js 20.20',
};

/** A finding whose proposal is new: it is refined, and its files are written. */
export const FIRST: PerFinding = {
  iamCalls: 6.59,
  otherReads: 1.75,
  s3Writes: 12.76,
  s3Reads: 2.51,
  cpuSeconds: 0.162,
  kilobytesStored: 148,
  messages: 2,
};

/** A finding that a sweep meets again: it is refined, and found to be there. */
export const AGAIN: PerFinding = {
  iamCalls: 6.31,
  otherReads: 1.51,
  s3Writes: 1.22,
  s3Reads: 0.08,
  cpuSeconds: 0.054,
  kilobytesStored: 0,
  messages: 1,
};
