import { canonicalDocument, jsonObject, renderJson } from '../model/json.ts';
import type { ProposedPolicy } from '../model/proposed-policy.ts';
import { toJson } from './to-json.ts';

const DIGITS = 32;

/** What makes a proposal the one it is. Findings, catalogues and times are left out on purpose. */
export interface ProposalIdentity {
  readonly kind: string;
  /**
   * Whom it is about, member by member: a principal and, of `remove-access-key`, the key; or what is shared and who has
   * it, because with one more of them it is a proposal about other people.
   */
  readonly about: Readonly<Record<string, unknown>>;
  /** The same document as a new version for everybody is another outcome than as a copy for one. */
  readonly policies: readonly (Pick<ProposedPolicy, 'source' | 'name' | 'disposition' | 'before'> & {
    readonly after: readonly Pick<ProposedPolicy['after'][number], 'document'>[];
  })[];
}

/**
 * The first 32 hexadecimal digits of a SHA-256 over the canonical content: who the subject is, the documents before
 * and after, the kind. The same outcome has the same id whenever it is computed.
 */
export function proposalId(
  { kind, about, policies }: ProposalIdentity,
  digest: (text: string) => string,
): string {
  const content = jsonObject([
    ['kind', kind],
    ...Object.entries(about).map(([name, value]) => [name, toJson(value)] as const),
    [
      'policies',
      policies.map(({ source, name, disposition, before, after }) =>
        jsonObject([
          ['source', source],
          ['name', name],
          ['disposition', disposition],
          ['before', canonicalDocument(before)],
          ['after', after.map(({ document }) => canonicalDocument(document))],
        ]),
      ),
    ],
  ]);
  return digest(renderJson(content, 0)).slice(0, DIGITS);
}
