import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeCatalogue } from '../../../lambda/core/catalogue/catalogue.ts';
import { type JsonValue, countCharacters } from '../../../lambda/core/model/json.ts';
import type { IamQuotas } from '../../../lambda/core/fit/quotas.ts';
import type { Generalize } from '../../../lambda/core/model/proposed-policy.ts';
import type { UnusedEntry } from '../../../lambda/core/model/unused-access.ts';
import { type FitCase, policyOf, problemsOf, refineAndFit } from '../../core/fit/support.ts';
import { finding, mode, policyDocument, rawCatalogue } from './arbitraries.ts';
import { makesAllRuns, runs } from './runs.ts';

/*
 * The laws of fitting as theorems over random small worlds with quotas so tight that every step is needed.
 */

const RUNS = { numRuns: runs(1000), seed: 20261123 };

const quotas: fc.Arbitrary<IamQuotas> = fc
  .record({
    document: fc.integer({ min: 90, max: 700 }),
    inline: fc.integer({ min: 90, max: 900 }),
    slots: fc.nat(4),
  })
  .map(({ document, inline, slots }) => ({
    managedPolicyCharacters: document,
    inlineCharacters: inline,
    attachedManagedPolicies: slots,
  }));

const principal: fc.Arbitrary<FitCase & { readonly quotas: IamQuotas }> = rawCatalogue.chain((catalogue) =>
  fc.record({
    documents: fc.array(
      fc.record({
        container: fc.constantFrom('inline' as const, 'managed' as const),
        document: policyDocument(catalogue).map((document) => document as JsonValue),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    unused: finding(catalogue).map((entries) =>
      entries.map((entry): UnusedEntry => ({
        serviceNamespace: entry.serviceNamespace,
        actions: entry.actions?.map((action) => (typeof action === 'string' ? { action } : action)) ?? null,
      })),
    ),
    catalogue: fc.constant(makeCatalogue({ source: 'test', version: '1', date: '2026-01-01' }, catalogue)),
    generalize: mode.map((one) => one as Generalize),
    quotas,
  }),
);

function holds(property: (fitCase: FitCase & { readonly quotas: IamQuotas }) => void): void {
  fc.assert(fc.property(principal, property), RUNS);
}

describe('the laws of fitting', () => {
  test('the verifier accepts every fitted policy', () => {
    const seen = new Set<string>();
    holds((fitCase) => {
      for (const [place, result] of refineAndFit(fitCase).entries()) {
        const document = fitCase.documents[place]?.document;
        if (document === undefined || result.kind !== 'fits') continue;
        expect(problemsOf(document, result, fitCase)).toEqual([]);
        for (const step of result.steps) seen.add(step);
      }
    });
    const steps = [
      'abbreviations',
      'moved-to-managed',
      'patterns',
      'prefixes',
      'split',
      'without-redundancy',
    ];
    if (makesAllRuns) expect([...seen]).toEqual(expect.arrayContaining([...steps, 'word-patterns']));
  });

  test('the verifier accepts a split * that became NotAction', () => {
    let found = 0;
    holds((fitCase) => {
      const everything = { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
      const documents = [{ container: 'managed' as const, document: everything }];
      for (const managedPolicyCharacters of [84, 94, 104, 114, 124]) {
        const limits = { ...fitCase.quotas, managedPolicyCharacters };
        const [result] = refineAndFit({ ...fitCase, documents, quotas: limits });
        if (result?.kind !== 'fits' || !result.steps.includes('not-action')) continue;
        found += 1;
        expect(problemsOf(everything, result, fitCase)).toEqual([]);
      }
    });
    if (makesAllRuns) expect(found).toBeGreaterThan(30);
  });

  test('every document, the sum of the inline ones and the number of managed policies are within their limits', () => {
    holds((fitCase) => {
      const limits = fitCase.quotas;
      let inline = 0;
      let managed = 0;
      let hasNewInline = false;
      for (const [place, result] of refineAndFit(fitCase).entries()) {
        const policy = fitCase.documents[place];
        if (!policy || result.kind === 'gone') continue;
        if (result.kind !== 'fits') {
          if (policy.container === 'managed') managed += 1;
          else inline += countCharacters(policy.document);
          continue;
        }
        for (const { document, characters } of result.documents) {
          expect(characters).toBe(countCharacters(document));
          if (result.container === 'managed')
            expect(characters).toBeLessThanOrEqual(limits.managedPolicyCharacters);
          else inline += characters;
        }
        if (result.container === 'managed') managed += result.documents.length;
        else hasNewInline = true;
      }
      if (hasNewInline) expect(inline).toBeLessThanOrEqual(limits.inlineCharacters);
      const attached = fitCase.documents.filter(({ container }) => container === 'managed').length;
      expect(managed).toBeLessThanOrEqual(Math.max(attached, limits.attachedManagedPolicies));
    });
  });

  test('a policy that fits as refined is not changed', () => {
    holds((fitCase) => {
      const roomy: IamQuotas = {
        managedPolicyCharacters: 1_000_000,
        inlineCharacters: 1_000_000,
        attachedManagedPolicies: 20,
      };
      const results = refineAndFit({ ...fitCase, quotas: roomy });
      for (const result of results) {
        if (result.kind !== 'fits') continue;
        expect(result.steps).toEqual([]);
        expect(result.documents.map(({ characters }) => characters)).toEqual([result.figures.refined]);
      }
    });
  });

  test('refining a fitted policy again changes nothing', () => {
    holds((fitCase) => {
      for (const result of refineAndFit(fitCase)) {
        if (result.kind !== 'fits') continue;
        const documents = result.documents.map(({ document }) => ({
          container: 'managed' as const,
          document,
        }));
        const again = refineAndFit({ ...fitCase, documents });
        expect(again.map(({ kind }) => kind)).toEqual(documents.map(() => 'untouched'));
      }
    });
  });

  test('the same arguments give the same bytes', () => {
    holds((fitCase) => {
      expect(JSON.stringify(refineAndFit(fitCase))).toBe(JSON.stringify(refineAndFit(fitCase)));
    });
  });

  test('fitting writes no wildcard in mode enumerate', () => {
    holds((fitCase) => {
      const results = refineAndFit({ ...fitCase, generalize: 'enumerate' });
      for (const [place, result] of results.entries()) {
        if (result.kind !== 'fits') continue;
        const before = policyOf(fitCase.documents[place]?.document ?? null);
        const written = new Set(
          before.statements.flatMap(({ patterns }) => patterns.map(({ text }) => text)),
        );
        for (const { document } of result.documents) {
          for (const { element, patterns } of policyOf(document).statements) {
            if (element === 'NotAction') continue;
            const added = patterns.filter(({ kind, text }) => kind !== 'literal' && !written.has(text));
            // A wildcard over a service that no catalogue lists cannot be enumerated; refinement leaves it whole.
            const known = added.filter(
              (one) =>
                one.kind !== 'wildcard' ||
                (fitCase.catalogue.services.get(one.service)?.actions.length ?? 0) > 0,
            );
            expect(known).toEqual([]);
          }
        }
      }
    });
  });
});
