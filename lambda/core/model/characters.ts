import { type JsonValue, renderJson } from './json.ts';

/**
 * Characters of a document as IAM counts them against its quotas: those of its JSON text without white space.
 *
 * AWS says only that "IAM does not count white space". Whether that includes white space within a string (a condition
 * value such as `"a b"`) is not documented, so it is counted here: the answer is never too small.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export function countCharacters(document: JsonValue): number {
  return renderJson(document, 0).length;
}
