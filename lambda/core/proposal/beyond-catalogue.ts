import { firstOf } from '../model/wording.ts';
import type { CatalogueOrigin } from '../catalogue/catalogue.ts';
import type { JsonValue } from '../model/json.ts';
import { parsePolicy } from '../model/policy.ts';
import type { PatternChange, ProposedPolicy } from '../model/proposed-policy.ts';

/** Names that a sentence lists; further ones are only counted. */
const MOST_NAMES = 5;

/** The beginning of the sentence about a `*`. */
export const STAR_NOTE = 'A list replaces "*"';

/** The relevant parts of a policy; `name` is empty if there is only one policy. */
interface DocumentChange {
  readonly name: string;
  readonly before: JsonValue;
  readonly after: readonly JsonValue[];
  readonly changes: readonly PatternChange[];
}

/**
 * What is no longer granted although it is not reported unused, because it is unknown: services under a `*` that
 * became a list, and actions under a `svc:*` that was split. One sentence for each; empty if there is none.
 */
export function beyondCatalogue(
  policies: readonly DocumentChange[],
  { source, version, date }: CatalogueOrigin,
): readonly string[] {
  const catalogue = `the catalogue (${source} ${version}${date === '' ? '' : ` of ${date}`})`;
  const lists = policies.filter(({ before, after }) => isOpen(before) && !after.some(isOpen));
  const split = policies.flatMap(({ changes }) =>
    changes.flatMap(({ pattern, outcome, element }) =>
      element === 'Action' && outcome === 'narrowed' && /^[^*]+:\*+$/.test(pattern) ? [pattern] : [],
    ),
  );
  const notes: string[] = [];
  if (lists.length > 0) {
    const where = lists.flatMap(({ name }) => (name === '' ? [] : [name]));
    const of = where.length === 0 ? '' : ` of ${firstOf(where, MOST_NAMES)}`;
    notes.push(
      `${STAR_NOTE}${of}: services that neither ${catalogue} nor the principal's policies nor the finding names are no longer granted. With star: not-action, nothing else is removed.`,
    );
  }
  if (split.length > 0) {
    notes.push(
      `${firstOf([...new Set(split)], MOST_NAMES)} ${split.length === 1 ? 'is' : 'are'} split: actions that ${catalogue} does not know are no longer granted, unless a new pattern matches them.`,
    );
  }
  return notes;
}

/** The policies that are changed for the subject itself. */
export function ownDocuments(policies: readonly ProposedPolicy[]): readonly DocumentChange[] {
  return policies
    .filter(({ disposition }) => disposition !== 'inherited' && disposition !== 'refused')
    .map(({ name, before, after, changes }) => ({
      name,
      before,
      after: after.map(({ document }) => document),
      changes,
    }));
}

/** Whether an Allow statement grants services that nobody names. */
function isOpen(document: JsonValue): boolean {
  const policy = parsePolicy(document);
  return (
    policy.ok &&
    policy.value.statements.some(
      ({ effect, element, patterns }) =>
        effect === 'Allow' &&
        (element === 'NotAction') !== patterns.some(({ kind }) => kind === 'everything'),
    )
  );
}
