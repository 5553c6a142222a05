import { afterEach, expect } from 'vitest';
import { takeRefusedCalls } from './gatekeeper.ts';

/** A call that the synthesised policies do not allow fails the test in which it is made, whatever else the test says. */
afterEach(() => {
  expect(takeRefusedCalls()).toEqual([]);
});
