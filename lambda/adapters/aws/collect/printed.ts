import { isJsonObject, jsonObject, type JsonValue } from '../../../core/model/json.ts';
import { readPolicyText } from '../../../json/policy-text.ts';

/** Members that the API returns percent-encoded and the AWS CLI prints as objects. */
const DOCUMENTS = new Set(['PolicyDocument', 'Document', 'AssumeRolePolicyDocument']);

/**
 * Converts an answer of the SDK to what the AWS CLI prints: times as ISO 8601 with an offset, policy documents as
 * objects, and no `$metadata`. A document that is not JSON remains the text that the API returned.
 */
export function asPrinted(value: unknown): JsonValue {
  if (value instanceof Date) return printedTime(value);
  if (Array.isArray(value)) return value.map(asPrinted);
  if (typeof value === 'object' && value !== null) {
    return jsonObject(
      Object.entries(value).flatMap(([key, member]: [string, unknown]) =>
        member === undefined || key === '$metadata' ? [] : [[key, printedMember(key, member)] as const],
      ),
    );
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

function printedMember(key: string, member: unknown): JsonValue {
  if (!DOCUMENTS.has(key) || typeof member !== 'string') return asPrinted(member);
  const document = readPolicyText(member);
  return document.readable && isJsonObject(document.value) ? document.value : member;
}

/** `2026-11-02T10:00:00+00:00`, with microseconds only if there are any. */
export function printedTime(date: Date): string {
  if (Number.isNaN(date.getTime())) return '';
  const [seconds = '', fraction = ''] = date.toISOString().replace('Z', '').split('.');
  return `${seconds}${fraction === '000' ? '' : `.${fraction}000`}+00:00`;
}
