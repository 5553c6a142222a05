import { afterEach, describe, expect, test, vi } from 'vitest';
import { entry } from '../../lambda/runtime/invocation.ts';
import { invocation } from './captured-output.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('the entry of a function', () => {
  test('is wired at start-up in Lambda, so that a wrong environment fails the start', () => {
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'refine-finding');
    const wire = (): never => {
      throw new Error('PARTITION is missing');
    };
    expect(() => entry(wire)).toThrow('PARTITION is missing');
  });

  test('is wired by its first call elsewhere, and only then', async () => {
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', undefined);
    const wire = vi.fn(() => (event: unknown) => Promise.resolve(event));
    const handler = entry(wire);
    expect(wire).not.toHaveBeenCalled();
    expect(await handler('one', invocation())).toBe('one');
    expect(await handler('two', invocation())).toBe('two');
    expect(wire).toHaveBeenCalledTimes(1);
  });
});
