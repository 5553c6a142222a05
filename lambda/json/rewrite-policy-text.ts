import { type Node, parseTree } from 'jsonc-parser';
import {
  equalJson,
  isJsonArray,
  isJsonObject,
  jsonObject,
  type JsonObject,
  type JsonValue,
  renderJson,
  asArray,
} from '../core/model/json.ts';
import { readJson } from './read-json.ts';

interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Edits the author's text of a policy so that it reads as `after`, and leaves every other character as it was: a diff
 * between the two shows only the changes, and applies to the author's file. If that is not possible, the document is
 * formatted from scratch.
 * @param path the path to the document, if the text contains more than the document
 */
export function rewritePolicyText(text: string, after: JsonObject, path: readonly string[] = []): string {
  if (path.length > 0) return rewriteWithin(text, after, path);
  const edited = editText(text, after);
  if (edited !== undefined) {
    const check = readJson(edited);
    if (check.ok && equalJson(check.value, after)) return edited;
  }
  const rendered = renderJson(after);
  return text.endsWith('\n') ? `${rendered}\n` : rendered;
}

/** The same if the document is a member of a larger value: an object, or a string that contains its text. */
function rewriteWithin(text: string, after: JsonObject, path: readonly string[]): string {
  const mark = text.startsWith('\uFEFF') ? 1 : 0;
  const source = text.slice(mark);
  const root = parseTree(source);
  const node = path.reduce<Node | undefined>((at, name) => at && memberOf(at, name)?.value, root);
  if (!node) throw new TypeError(`no member ${path.join('.')}`);
  const old = source.slice(node.offset, endOf(node));
  const now = node.type === 'string' ? JSON.stringify(renderJson(after, 0)) : rewritePolicyText(old, after);
  return text.slice(0, mark) + apply(source, [{ start: node.offset, end: endOf(node), text: now }]);
}

function editText(text: string, after: JsonObject): string | undefined {
  const mark = text.startsWith('\uFEFF') ? 1 : 0;
  const source = text.slice(mark);
  const before = readJson(source);
  const root = parseTree(source);
  const list = root && memberOf(root, 'Statement')?.value;
  if (!before.ok || !isJsonObject(before.value) || !list) return undefined;
  const old = asArray(before.value['Statement']);
  const nodes = list.type === 'array' ? (list.children ?? []) : [list];
  const origins = originsOf(old, asArray(after['Statement']));
  if (!origins) return undefined;
  const edits = [...removals(nodes, new Set(origins.keys()))];
  for (const [place, now] of origins) {
    const node = nodes[place];
    const statement = old[place];
    if (node && isJsonObject(statement)) edits.push(...statementEdits(source, node, statement, now));
  }
  return text.slice(0, mark) + apply(source, edits);
}

/** Finds the original of each remaining statement: the next one that differs only in its action element. */
function originsOf(
  before: readonly JsonValue[],
  after: readonly JsonValue[],
): ReadonlyMap<number, JsonObject> | undefined {
  const origins = new Map<number, JsonObject>();
  let next = 0;
  for (const statement of after) {
    if (!isJsonObject(statement)) return undefined;
    while (next < before.length && !equalJson(withoutActions(before[next]), withoutActions(statement)))
      next += 1;
    if (next === before.length) return undefined;
    origins.set(next, statement);
    next += 1;
  }
  return origins;
}

function withoutActions(statement: JsonValue | undefined): JsonValue | undefined {
  if (!isJsonObject(statement)) return statement;
  const keys = Object.keys(statement).filter((key) => key !== 'Action' && key !== 'NotAction');
  return jsonObject(keys.map((key) => [key, statement[key] ?? null]));
}

/** Removes elements from an array, each with an adjacent comma. */
function* removals(nodes: readonly Node[], kept: ReadonlySet<number>): Generator<TextEdit> {
  const first = nodes.findIndex((_, place) => kept.has(place));
  for (const [place, node] of nodes.entries()) {
    if (kept.has(place)) continue;
    const before = nodes[place - 1];
    const after = nodes[place + 1];
    if (place < first && after) yield { start: node.offset, end: after.offset, text: '' };
    else if (before) yield { start: endOf(before), end: endOf(node), text: '' };
  }
}

function* statementEdits(
  source: string,
  node: Node,
  before: JsonObject,
  after: JsonObject,
): Generator<TextEdit> {
  if (equalJson(before, after)) return;
  const element = Object.hasOwn(before, 'Action') ? 'Action' : 'NotAction';
  const now = Object.hasOwn(after, 'Action') ? 'Action' : 'NotAction';
  const member = memberOf(node, element);
  if (!member) return;
  if (now !== element) {
    yield { start: member.key.offset, end: endOf(member.key), text: JSON.stringify(now) };
  }
  const { value } = member;
  const text = valueText(source, value, after[now] ?? null);
  yield { start: value.offset, end: endOf(value), text };
}

/** Formats a list as the author did: on one line, or one element on each line with the author's indentation. */
function valueText(source: string, node: Node, value: JsonValue): string {
  const [first, second] = node.children ?? [];
  if (!isJsonArray(value)) return renderJson(value, 0);
  const items = value.map((item) => renderJson(item, 0));
  if (!first) return `[${items.join(', ')}]`;
  const opening = source.slice(node.offset + 1, first.offset);
  const last = node.children?.at(-1) ?? first;
  const closing = source.slice(endOf(last), endOf(node) - 1);
  const gap = second ? source.slice(endOf(first) + 1, second.offset) : opening === '' ? ' ' : opening;
  return `[${opening}${items.join(`,${gap}`)}${closing}]`;
}

function memberOf(node: Node, name: string): { readonly key: Node; readonly value: Node } | undefined {
  for (const property of node.children ?? []) {
    const [key, value] = property.children ?? [];
    if (property.type === 'property' && key?.value === name && value) return { key, value };
  }
  return undefined;
}

function endOf(node: Node): number {
  return node.offset + node.length;
}

function apply(text: string, edits: readonly TextEdit[]): string {
  let result = '';
  let position = 0;
  for (const { start, end, text: replacement } of [...edits].sort((a, b) => a.start - b.start)) {
    result += text.slice(position, start) + replacement;
    position = end;
  }
  return result + text.slice(position);
}
