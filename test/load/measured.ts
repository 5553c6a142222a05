import type { PerFinding } from './cost-model.ts';

/** The run whose counts the model takes. */
export const MEASURED_BY = {
  command: 'npm run load -- --findings 60 --accounts 5',
  date: '2026-11-23',
  machine: 'two cores, Node.js 20.20',
};

/** A finding whose proposal is new: it is refined, and its files are written. */
export const FIRST: PerFinding = {
  iamCalls: 5.63,
  otherReads: 1.8,
  s3Writes: 11.75,
  s3Reads: 2.02,
  cpuSeconds: 0.195,
  kilobytesStored: 0,
  messages: 2,
};

/** A finding that a sweep meets again: it is refined, and found to be there. */
export const AGAIN: PerFinding = {
  iamCalls: 5.53,
  otherReads: 1.63,
  s3Writes: 1.12,
  s3Reads: 0,
  cpuSeconds: 0.068,
  kilobytesStored: 0,
  messages: 1,
};
