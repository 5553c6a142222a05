import { isJsonArray, isJsonObject, type JsonValue, renderJson } from '../../core/model/json.ts';

/**
 * A JSON value as an HCL expression, to stand after `jsonencode(`. HCL knows JSON's escapes but for `\b` and `\f`, and
 * takes `${` and `%{` in a text for templates, so that IAM's own `${aws:username}` has to be written `$${aws:username}`.
 * Source: https://developer.hashicorp.com/terraform/language/expressions/strings
 */
export function renderHcl(value: JsonValue, indent: number): string {
  const pad = ' '.repeat(indent + 2);
  const end = ' '.repeat(indent);
  if (isJsonArray(value)) {
    if (value.length === 0) return '[]';
    return `[\n${value.map((item) => `${pad}${renderHcl(item, indent + 2)},\n`).join('')}${end}]`;
  }
  if (isJsonObject(value)) {
    const keys = Object.keys(value);
    if (keys.length === 0) return '{}';
    const members = keys.map(
      (key) => `${pad}${hclKey(key)} = ${renderHcl(value[key] ?? null, indent + 2)}\n`,
    );
    return `{\n${members.join('')}${end}}`;
  }
  return typeof value === 'string' ? hclString(value) : renderJson(value, 0);
}

/** The elements of a policy are names that HCL takes bare; any other key is a text. */
function hclKey(key: string): string {
  return /^[A-Z][A-Za-z]*$/.test(key) ? key : hclString(key);
}

/** A text as an HCL string that stands for itself. */
export function hclString(text: string): string {
  const quoted = JSON.stringify(text);
  if (!/[\\$%]/.test(quoted)) return quoted;
  return quoted
    .replaceAll('\\b', '\\u0008')
    .replaceAll('\\f', '\\u000c')
    .replace(/[$%]+\{/g, (run) => {
      // Of several marks only the last begins the template; those before would be read as its escape.
      const marks = [...run.slice(0, -2)].map((mark) => (mark === '$' ? '\\u0024' : '\\u0025')).join('');
      const last = run.slice(-2, -1);
      return `${marks}${last}${last}{`;
    });
}
