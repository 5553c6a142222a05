import { describe, expect, test } from 'vitest';
import { embeddedCatalogue } from '../../../lambda/adapters/catalogue/embedded.ts';
import { countCharacters } from '../../../lambda/core/model/json.ts';
import {
  awsManagedPolicies,
  policyOf,
  problemsOf,
  refineAndFit,
  seedOf,
  unusedShareOf,
} from '../../core/fit/support.ts';
import { seededRandom } from '../../random.ts';

/*
 * Every AWS managed policy as a role's refined copy, at four shares of unused actions: it fits, or it is split so that
 * each part fits, or it is proven that nothing exact can fit. `docs/fitting.md` has the counts.
 */

const DENY_TOO_LONG = [
  'AmazonDataZoneSageMakerEnvironmentRolePermissionsBoundary',
  'SageMakerStudioProjectUserRolePermissionsBoundary',
];

describe('every AWS managed policy', () => {
  test.each([
    { share: 0.1, unfit: ['AWSSupportServiceRolePolicy', ...DENY_TOO_LONG] },
    { share: 0.3, unfit: DENY_TOO_LONG },
    { share: 0.6, unfit: DENY_TOO_LONG },
    { share: 0.9, unfit: DENY_TOO_LONG },
  ])('with a share of $share unused fits exactly, or provably not at all', ({ share, unfit }) => {
    const catalogue = embeddedCatalogue();
    const unfitFound: string[] = [];
    const problems: string[] = [];
    for (const { name, document } of awsManagedPolicies()) {
      const unused = unusedShareOf(policyOf(document), catalogue, share, seededRandom(seedOf(name, share)));
      const fitCase = { documents: [{ container: 'managed' as const, document }], unused, catalogue };
      const [result] = refineAndFit(fitCase);
      if (result?.kind === 'does-not-fit') {
        unfitFound.push(name);
        if (!result.isProven) problems.push(`${name}: not proven`);
      } else if (result?.kind === 'fits') {
        problems.push(...problemsOf(document, result, fitCase).map((problem) => `${name}: ${problem}`));
        const sizes = result.documents.map((part) => countCharacters(part.document));
        if (sizes.length > 20 || sizes.some((size) => size > 6144)) problems.push(`${name}: ${sizes.join()}`);
      }
    }
    expect(problems).toEqual([]);
    expect(unfitFound.sort()).toEqual(unfit);
  });
});
