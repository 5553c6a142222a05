import { isJsonArray, isJsonObject, type JsonValue, renderJson } from '../../core/model/json.ts';

/** Words that YAML 1.1 or 1.2 reads as something else than text; `Null` is also the name of a condition operator. */
const RESERVED = /^(null|true|false|yes|no|on|off|y|n)$/i;

/**
 * A JSON value as block YAML, indented by so many spaces. Every text is double-quoted, where YAML's escapes are JSON's:
 * so nothing in a policy can be taken for another type, a reference or a comment.
 * Source: https://yaml.org/spec/1.2.2/#731-double-quoted-style
 */
export function renderYaml(value: JsonValue, indent: number): string {
  const pad = ' '.repeat(indent);
  if (isJsonArray(value)) {
    if (value.length === 0) return `${pad}[]\n`;
    return value.map((item) => `${pad}- ${renderYaml(item, indent + 2).trimStart()}`).join('');
  }
  if (isJsonObject(value)) {
    const keys = Object.keys(value);
    if (keys.length === 0) return `${pad}{}\n`;
    return keys.map((key) => pad + member(key, value[key] ?? null, indent)).join('');
  }
  return `${pad}${scalar(value)}\n`;
}

function member(key: string, value: JsonValue, indent: number): string {
  const name = /^[A-Za-z][A-Za-z0-9_]*$/.test(key) && !RESERVED.test(key) ? key : scalar(key);
  const nested =
    (isJsonArray(value) && value.length > 0) || (isJsonObject(value) && Object.keys(value).length > 0);
  return nested ? `${name}:\n${renderYaml(value, indent + 2)}` : `${name}: ${renderYaml(value, 0)}`;
}

function scalar(value: JsonValue): string {
  return renderJson(value, 0).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
