import { jsonObject, renderJson } from '../model/json.ts';
import { canonicalDocument } from '../model/canonical-document.ts';
import { toJson } from '../proposal/to-json.ts';
import type { SharedProposal } from './schema.ts';

const DIGITS = 32;

/**
 * The first 32 hexadecimal digits of a SHA-256 over the canonical content: what is refined, who has it, the documents
 * before and after, the kind. Findings, catalogues and times are left out, as in the proposals about principals; the
 * holders are not, because with one more of them it is a proposal about other people.
 */
export function sharedId(
  { kind, subject, holders, policies }: Pick<SharedProposal, 'kind' | 'subject' | 'holders' | 'policies'>,
  digest: (text: string) => string,
): string {
  const content = jsonObject([
    ['kind', kind],
    ['subject', toJson(subject)],
    ['holders', toJson(holders)],
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
