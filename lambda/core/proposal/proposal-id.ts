import { canonicalDocument, jsonObject, renderJson } from '../model/json.ts';
import type { ProposedPolicy } from '../model/proposed-policy.ts';
import { toJson } from './to-json.ts';

const DIGITS = 32;

/** The identity of a proposal. Findings, catalogues and times are not part of it. */
export interface ProposalIdentity {
  readonly kind: string;
  /**
   * The subject, member by member: a principal and, for `remove-access-key`, the key; or a shared policy or group and
   * its holders, because with another holder it is another proposal.
   */
  readonly about: Readonly<Record<string, unknown>>;
  /** Included, because the same document as a new version for all holders is another outcome than as a copy for one. */
  readonly policies: readonly (Pick<ProposedPolicy, 'source' | 'name' | 'disposition' | 'before'> & {
    readonly after: readonly Pick<ProposedPolicy['after'][number], 'document'>[];
  })[];
}

/**
 * The first 32 hexadecimal digits of a SHA-256 of the canonical content: the subject, the documents before and after,
 * the kind. The same outcome always has the same id.
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
