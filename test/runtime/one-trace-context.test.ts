import { expect, test } from 'vitest';
import { createNamespace, destroyNamespace, getNamespace } from '../../lambda/runtime/one-trace-context.ts';

test('a trace context keeps what was set last, whoever asks', () => {
  const namespace = createNamespace('AWSXRay');
  expect(namespace.get('segment')).toBeUndefined();
  namespace.run(() => namespace.set('segment', 'first'));
  expect(getNamespace('AWSXRay')?.get('segment')).toBe('first');
  namespace.set('segment', 'second');
  expect(namespace.get('segment')).toBe('second');
  destroyNamespace('AWSXRay');
  expect(getNamespace('AWSXRay')).toBeUndefined();
});
