import type { GrantDocument } from '../core/model/principal.ts';
import { readTrust } from '../core/model/trust.ts';
import { readJson } from './read-json.ts';

/**
 * A policy document as IAM's API returns it: percent-encoded after RFC 3986, so `+` is a plus sign. A text that starts
 * with a brace is not encoded (emulators answer like that), and decoding it would damage a `%` that the author wrote.
 * A document that cannot be read is returned as unreadable with the reason, never thrown: one broken policy must not
 * keep the others from being refined.
 * Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html
 */
export function readPolicyText(text: string | undefined): GrantDocument {
  if (text === undefined)
    return { readable: false, text: '', problem: 'IAM returned no document for this policy' };
  const plain = text.trimStart().startsWith('{') ? text : decode(text);
  if (plain === undefined) {
    return {
      readable: false,
      text,
      problem: 'the policy document is not percent-encoded as IAM documents it',
    };
  }
  const json = readJson(plain);
  return json.ok
    ? { readable: true, value: json.value }
    : { readable: false, text: plain, problem: `the policy document is not JSON: ${json.problem}` };
}

/** Who may assume a role, in words, from its trust policy as IAM's API returns it; undefined if it cannot be read. */
export function readTrustText(text: string | undefined): readonly string[] | undefined {
  const document = readPolicyText(text);
  return document.readable ? readTrust(document.value) : undefined;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
