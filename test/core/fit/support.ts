import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type Catalogue, matchingActions } from '../../../lambda/core/catalogue/catalogue.ts';
import { type JsonValue, countCharacters } from '../../../lambda/core/model/json.ts';
import { parsePolicy, type Policy } from '../../../lambda/core/model/policy.ts';
import {
  readUnusedAccess,
  type UnusedAccess,
  type UnusedEntry,
} from '../../../lambda/core/model/unused-access.ts';
import type { Generalize } from '../../../lambda/core/model/proposed-policy.ts';
import { makeContext } from '../../../lambda/core/refine/context.ts';
import { readKeepList } from '../../../lambda/core/refine/keep-list.ts';
import { refinePolicy } from '../../../lambda/core/refine/refine-policy.ts';
import { refinedPolicy } from '../../../lambda/core/fit/document-draft.ts';
import { fitPolicies } from '../../../lambda/core/fit/fit.ts';
import type { FitResult } from '../../../lambda/core/fit/fit-result.ts';
import { DEFAULT_QUOTAS, type IamQuotas } from '../../../lambda/core/fit/quotas.ts';
import { verifyPolicy } from '../../../lambda/core/verify/verify-policy.ts';

export interface NamedPolicy {
  readonly name: string;
  readonly document: JsonValue;
}

/** Every AWS managed policy of the fixture. */
export function awsManagedPolicies(): readonly NamedPolicy[] {
  const file = new URL(
    '../../laws/fixtures/aws-managed-policies/aws-managed-policies.jsonl.gz',
    import.meta.url,
  );
  const lines = gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as NamedPolicy);
}

export function policyOf(document: JsonValue): Policy {
  const parsed = parsePolicy(document);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.value;
}

export function unusedOf(entries: readonly UnusedEntry[]): UnusedAccess {
  const read = readUnusedAccess(entries);
  if (!read.ok) throw new Error(read.problem);
  return read.value;
}

/**
 * What a finding could report of a policy: each service that it grants is wholly unused with half the chance `share`;
 * of the others each granted action is unused with the chance `share`.
 */
export function unusedShareOf(
  policy: Policy,
  catalogue: Catalogue,
  share: number,
  random: () => number,
): readonly UnusedEntry[] {
  const entries: UnusedEntry[] = [];
  const granted = new Map<string, Set<number>>();
  for (const statement of policy.statements.filter(({ effect }) => effect === 'Allow')) {
    for (const [key, service] of catalogue.services) {
      const matched = new Set<number>();
      for (const pattern of statement.patterns) {
        if (pattern.kind === 'everything') service.actions.forEach((_, position) => matched.add(position));
        else if (pattern.service === key) {
          for (const position of matchingActions(service, pattern.action)) matched.add(position);
        }
      }
      const all = service.actions.map((_, position) => position);
      const added =
        statement.element === 'Action' ? [...matched] : all.filter((position) => !matched.has(position));
      if (added.length > 0) granted.set(key, new Set([...(granted.get(key) ?? []), ...added]));
    }
  }
  for (const [key, positions] of granted) {
    const service = catalogue.services.get(key);
    if (!service) continue;
    if (random() < share / 2) {
      entries.push({ serviceNamespace: service.name });
      continue;
    }
    const actions = [...positions]
      .sort((a, b) => a - b)
      .flatMap((position) => (random() < share ? [{ action: service.actions[position] ?? '' }] : []));
    if (actions.length > 0) entries.push({ serviceNamespace: service.name, actions });
  }
  return entries;
}

export interface FitCase {
  readonly documents: readonly { readonly container: 'inline' | 'managed'; readonly document: JsonValue }[];
  readonly unused: readonly UnusedEntry[];
  readonly catalogue: Catalogue;
  readonly generalize?: Generalize;
  readonly quotas?: IamQuotas;
}

/** Refines the documents of one principal and fits the results, as the pipeline does. Policies left empty are gone. */
export function refineAndFit(fitCase: FitCase): readonly (FitResult | { readonly kind: 'gone' })[] {
  const { catalogue, generalize = 'shortest', quotas = DEFAULT_QUOTAS.role } = fitCase;
  const unused = unusedOf(fitCase.unused);
  const keep = readKeepList([]);
  if (!keep.ok) throw new Error(keep.problem);
  const documents = fitCase.documents.map(({ document }) => document);
  const context = makeContext(catalogue, unused, { keep: keep.value, generalize, documents });
  const refinements = fitCase.documents.map(({ container, document }) => {
    const refinement = refinePolicy(policyOf(document), context);
    return { container, document, refinement };
  });
  const left = refinements.filter(({ refinement }) => refinement.document !== null);
  const fitted = fitPolicies({
    generalize,
    quotas,
    universe: context.universe,
    policies: left.map(({ container, document, refinement }) => ({
      container,
      charactersBefore: countCharacters(document),
      refined: refinement.isChanged ? refinedPolicy(refinement) : null,
    })),
  });
  return refinements.map((entry) => fitted[left.indexOf(entry)] ?? { kind: 'gone' });
}

/** What the project's verifier has against a result; empty when it is exact. */
export function problemsOf(before: JsonValue, result: FitResult, fitCase: FitCase): readonly string[] {
  if (result.kind !== 'fits') return [];
  const verdict = verifyPolicy({
    before,
    after: result.documents,
    unused: unusedOf(fitCase.unused),
    keep: [],
    catalogue: fitCase.catalogue,
    strict: false,
    isEnumerating: fitCase.generalize === 'enumerate',
    documents: fitCase.documents.map(({ document }) => document),
  });
  return verdict.ok ? [] : verdict.problems;
}

/** A seed that depends on a policy's name and the share, so that each case can be repeated alone. */
export function seedOf(name: string, share: number): number {
  return [...name].reduce(
    (seed, letter) => (Math.imul(seed, 31) + letter.charCodeAt(0)) | 0,
    Math.round(share * 100),
  );
}
