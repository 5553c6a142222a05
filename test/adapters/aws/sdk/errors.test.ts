import { describe, expect, test } from 'vitest';
import { attempt, attemptUnless, translateError } from '../../../../lambda/adapters/aws/sdk/errors.ts';
import { AdapterError } from '../../../../lambda/ports/system.ts';
import { rejection, serviceError } from '../support.ts';

describe('an error of the SDK', () => {
  test.each([
    ['Throttling', 400, 'retry', 'throttled'],
    ['ThrottlingException', 429, 'retry', 'throttled'],
    ['SlowDown', 503, 'retry', 'throttled'],
    ['SomethingNew', 429, 'retry', 'throttled'],
    ['AccessDenied', 403, 'permanent', 'access-denied'],
    ['AccessDeniedException', 400, 'permanent', 'access-denied'],
    ['InvalidClientTokenId', 403, 'permanent', 'access-denied'],
    ['ExpiredToken', 403, 'retry', 'unavailable'],
    ['ConditionalRequestConflict', 409, 'retry', 'unavailable'],
    ['ValidationException', 400, 'permanent', 'invalid'],
    ['NoSuchBucket', 404, 'permanent', 'invalid'],
    ['InternalServerException', 500, 'retry', 'unavailable'],
    ['ServiceUnavailable', 503, 'retry', 'unavailable'],
  ])('%s with status %i has the decision %s and the code %s', (name, status, decision, code) => {
    const error = translateError(serviceError(name, status), 'read it');
    expect({ decision: error.decision, code: error.code }).toEqual({ decision, code });
  });

  test('that the SDK marks as throttling counts as throttling, whatever its name', () => {
    const error = Object.assign(serviceError('Odd', 400), { $retryable: { throttling: true } });
    expect(translateError(error, 'read it').code).toBe('throttled');
  });

  test('without an answer is retried', () => {
    const error = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
    expect(translateError(error, 'read it')).toMatchObject({ decision: 'retry', code: 'unavailable' });
  });

  test('becomes one line that says what could not be done, why, and what to do', () => {
    const error = translateError(
      serviceError('AccessDenied', 403, 'User is not\n authorized'),
      'read the role r',
    );
    expect(error.message).toBe(
      'cannot read the role r: AccessDenied: User is not authorized; grant the permission to the role that makes the call',
    );
  });

  test('keeps the cause', () => {
    const cause = serviceError('AccessDenied', 403);
    expect(translateError(cause, 'read it').cause).toBe(cause);
  });
});

test('an adapter error passes through attempts unchanged', async () => {
  const error = new AdapterError('mine', 'retry', 'malformed');
  expect(await rejection(attempt('do it', () => Promise.reject(error)))).toBe(error);
});

test('an error that is an expected outcome becomes undefined, and any other is thrown', async () => {
  const gone = serviceError('NoSuchEntityException', 404);
  expect(await attemptUnless('do it', ['NoSuchEntityException'], () => Promise.reject(gone))).toBeUndefined();
  const denied = serviceError('AccessDenied', 403);
  const thrown = await rejection(
    attemptUnless('do it', ['NoSuchEntityException'], () => Promise.reject(denied)),
  );
  expect(thrown.code).toBe('access-denied');
});
