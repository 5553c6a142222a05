import { JsonDefect, JsonNumber, jsonObject, type JsonValue, plainJson, renderJson } from '../model/json.ts';
import type { Proposal } from './schema.ts';

/** Plain data as a JSON value, without undefined members. Numbers in policy documents keep the author's spelling. */
export function toJson(value: unknown): JsonValue {
  if (value instanceof JsonNumber || value instanceof JsonDefect) return value;
  if (
    value === null ||
    typeof value === 'string' ||
    typeof value === 'number' ||
    typeof value === 'boolean'
  ) {
    return value;
  }
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== 'object') throw new TypeError(`a ${typeof value} cannot stand in JSON`);
  return jsonObject(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([key, member]) => [key, toJson(member)]),
  );
}

/**
 * JSON text of plain data, two spaces for each level: the same as `renderJson(toJson(…))`, without the copy if
 * possible.
 */
export function renderData(value: object): string {
  return plainJson(value, 2) ?? renderJson(toJson(value));
}

/** Text of `proposal.json`: the same proposal, the same bytes. */
export function renderProposal(proposal: Proposal): string {
  return `${renderData(proposal)}\n`;
}
