import { expect, test } from 'vitest';

import { OPINIONS } from '../../lambda/contract/settings.ts';
import { ConfigError } from '../../lib/config/config.ts';
import { mainTemplate, ORGANISATION } from './synth.ts';

const EXISTING = {
  ...ORGANISATION,
  analyzerArn: 'arn:aws-us-gov:access-analyzer:us-gov-west-1:123456789012:analyzer/unused',
  analyzerType: undefined,
  unusedAccessAge: undefined,
  excludeResourceTags: undefined,
  secondOpinions: [...OPINIONS],
};
const accounts = (count: number) =>
  Array.from({ length: count }, (_, index) => String(100_000_000_000 + index));

/** What a person reads who asks for this. */
function complaint(options: Record<string, unknown>): string {
  try {
    mainTemplate(options);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'nothing';
}

test('a list that does not fit into the environment of a function is named at synthesis', () => {
  expect(complaint({ ...EXISTING, excludeAccounts: accounts(150) })).toBe('nothing');
  expect(complaint({ ...EXISTING, excludeAccounts: accounts(200) })).toMatch(
    /^option excludeAccounts \(2999 bytes\) is too long: the environment of refine-account would take \d{4} bytes of the 4096 that Lambda has; use fewer, wider patterns, and organisational units instead of accounts$/,
  );
});

test('so is whatever else is long, the largest first', () => {
  const keep = Array.from({ length: 100 }, (_, index) => `service${index}:Action*`);
  expect(complaint({ ...ORGANISATION, memberExternalId: 'x'.repeat(1224), keep })).toMatch(
    /^option keep \(1989 bytes\), then memberExternalId \(1226 bytes\) is too long: /,
  );
});
