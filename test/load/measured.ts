import type { PerFinding } from './cost-model.ts';

const LARGE =
  'NODE24=… npm run load -- --findings 100000 --accounts 2000 --latency 20 --context concurrency=16 --context accountCallsPerSecond=450 --context analyzerCallsPerSecond=50 --account-rate 500 --account-burst 500';
const SMALL =
  'NODE24=… npm run load -- --findings 1000 --accounts 10 --latency 20 --context concurrency=8 --context accountCallsPerSecond=450 --context analyzerCallsPerSecond=50 --account-rate 500 --account-burst 500';
const MACHINE = 'two cores, the functions on Node.js 24.21';

/** The runs whose counts the model takes, in the order of the columns in docs/scale.md. */
export const MEASURED_BY = [
  { command: LARGE, date: '2026-11-29, the events', machine: MACHINE },
  {
    command: `${SMALL} --context bulkThreshold=1000000`,
    date: '2026-11-29, the sweep',
    machine: MACHINE,
  },
  { command: `${SMALL} --lost 0.98`, date: '2026-11-29, the sweep', machine: MACHINE },
  {
    command: LARGE,
    date: '2026-11-29, the sweep: `refine-account` by its 86,651 findings, what sweeps and tells by all 100,000',
    machine: MACHINE,
  },
];

/** A finding whose proposal is new: it is refined, and its files are written. */
export const FIRST: PerFinding = {
  iamCalls: 6.22,
  otherReads: 1.19,
  s3Writes: 12.71,
  s3Reads: 2.22,
  cpuSeconds: 0.0421,
  kilobytesStored: 168,
  messages: 2.2,
};

/** A finding that a sweep meets again: it is refined, and found to be there. */
export const AGAIN: PerFinding = {
  iamCalls: 6.23,
  otherReads: 1.46,
  s3Writes: 1.22,
  s3Reads: 0.03,
  cpuSeconds: 0.0202,
  kilobytesStored: 0,
  messages: 1,
};

/** A finding of an account that a sweep has read as a whole, and whose proposal is new. */
export const WHOLE_FIRST: PerFinding = {
  iamCalls: 0.103,
  otherReads: 1.36,
  s3Writes: 12.53,
  s3Reads: 2.19,
  cpuSeconds: 0.0336,
  kilobytesStored: 165,
  messages: 1,
};

/** The same, met again. */
export const WHOLE_AGAIN: PerFinding = {
  iamCalls: 0.051,
  otherReads: 1.11,
  s3Writes: 1.19,
  s3Reads: 0.06,
  cpuSeconds: 0.0081,
  kilobytesStored: 0,
  messages: 0.01,
};
