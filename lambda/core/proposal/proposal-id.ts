import { jsonObject, type JsonValue, renderJson } from '../model/json.ts';
import type { PrincipalRef } from '../model/principal.ts';
import { canonicalDocument } from '../model/canonical-document.ts';
import { toJson } from './to-json.ts';

const DIGITS = 32;

/** What makes a proposal the one it is. Findings, catalogues and times are left out on purpose. */
export interface ProposalIdentity {
  readonly kind: string;
  readonly principal: PrincipalRef;
  /** The access key of a `remove-access-key`; empty otherwise. */
  readonly subject: string;
  readonly policies: readonly {
    readonly source: string;
    readonly name: string;
    /** The same document as a new version for everybody is another outcome than as a copy for one. */
    readonly disposition: string;
    readonly before: JsonValue;
    readonly after: readonly JsonValue[];
  }[];
}

/**
 * The first 32 hexadecimal digits of a SHA-256 over the canonical content: who the principal is, the documents before
 * and after, the kind. The same outcome has the same id whenever it is computed.
 */
export function proposalId(identity: ProposalIdentity, digest: (text: string) => string): string {
  const content = jsonObject([
    ['kind', identity.kind],
    ['principal', toJson(identity.principal)],
    ['subject', identity.subject],
    [
      'policies',
      identity.policies.map(({ source, name, disposition, before, after }) =>
        jsonObject([
          ['source', source],
          ['name', name],
          ['disposition', disposition],
          ['before', canonicalDocument(before)],
          ['after', after.map(canonicalDocument)],
        ]),
      ),
    ],
  ]);
  return digest(renderJson(content, 0)).slice(0, DIGITS);
}
