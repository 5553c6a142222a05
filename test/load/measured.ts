import type { PerFinding } from './cost-model.ts';

/** The runs whose counts the model takes, in the order of the columns in docs/scale.md. */
export const MEASURED_BY = [
  {
    command:
      'NODE24=… npm run load -- --findings 20000 --accounts 400 --context concurrency=12 --context accountCallsPerSecond=450 --account-rate 500 --account-burst 500',
    date: '2026-11-28, the events',
    machine: 'two cores, the functions on Node.js 24.21',
  },
  {
    command: 'npm run load -- --findings 1000 --accounts 10 --concurrency 8',
    date: '2026-11-23, the sweep, before accounts were read as a whole',
    machine: 'two cores shared with other work, Node.js 20.20',
  },
  {
    command: 'npm run load -- --findings 1000 --accounts 10 --concurrency 8 --lost 0.98',
    date: '2026-11-24, the sweep',
    machine: 'two cores, Node.js 20.20',
  },
  {
    command: 'npm run load -- --findings 1000 --accounts 10 --concurrency 8',
    date: '2026-11-24, the sweep',
    machine: 'two cores, Node.js 20.20',
  },
];

/** A finding whose proposal is new: it is refined, and its files are written. */
export const FIRST: PerFinding = {
  iamCalls: 6.25,
  otherReads: 1.21,
  s3Writes: 12.7,
  s3Reads: 2.28,
  cpuSeconds: 0.0546,
  kilobytesStored: 168,
  messages: 2.3,
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

/** A finding of an account that a sweep has read as a whole, and whose proposal is new. The sweep's small accounts are in it. */
export const WHOLE_FIRST: PerFinding = {
  iamCalls: 0.32,
  otherReads: 1.52,
  s3Writes: 12.5,
  s3Reads: 2.19,
  cpuSeconds: 0.075,
  kilobytesStored: 165,
  messages: 1.1,
};

/** The same, met again. */
export const WHOLE_AGAIN: PerFinding = {
  iamCalls: 0.24,
  otherReads: 1.73,
  s3Writes: 1.58,
  s3Reads: 0.25,
  cpuSeconds: 0.036,
  kilobytesStored: 0,
  messages: 0.1,
};
