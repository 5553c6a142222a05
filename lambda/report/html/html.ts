/** Text that is already HTML. {@link html} and {@link joinHtml} make it, so that data is always escaped. */
export class Html {
  readonly #text: string;
  private constructor(text: string) {
    this.#text = text;
  }
  /** For text of this project: style sheets, the index page's script. Never for data. */
  static ofOwnText(text: string): Html {
    return new Html(text);
  }
  toString(): string {
    return this.#text;
  }
}

/** A value in a template: text is escaped, HTML is not; `undefined`, `null` and `false` give nothing. */
export type HtmlValue = string | number | Html | readonly Html[] | undefined | null | false;

/**
 * A template whose values are escaped for both places in which data is allowed: the content of an element, and an
 * attribute in double quotes. Never put data anywhere else (unquoted attributes, scripts, style sheets, `javascript:` URLs).
 */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const own = withoutIndentation(parts);
  let text = own[0] ?? '';
  for (let i = 0; i < values.length; i += 1) text += render(values[i]) + (own[i + 1] ?? '');
  return Html.ofOwnText(text);
}

const remembered = new WeakMap<TemplateStringsArray, readonly string[]>();

/** Removes the indentation of the source, because a page may have thousands of rows. */
function withoutIndentation(parts: TemplateStringsArray): readonly string[] {
  const known = remembered.get(parts);
  if (known) return known;
  const trimmed = parts.map((part) => part.replace(/\s*\n\s*(\/?>)/g, '$1').replace(/\n\s*/g, '\n'));
  remembered.set(parts, trimmed);
  return trimmed;
}

/** One piece of HTML from many. */
export function joinHtml(pieces: readonly Html[], separator = ''): Html {
  return Html.ofOwnText(pieces.join(separator));
}

/** Text that may break after a slash or a colon, so that no name within it breaks. */
export function breakable(text: string): Html {
  return joinHtml(
    text.split(/(?<=[/:])/).map((part) => html`${part}`),
    '<wbr>',
  );
}

function render(value: HtmlValue): string {
  if (value === undefined || value === null || value === false) return '';
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  if (value instanceof Html) return value.toString();
  return value.join('');
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Escapes text for element content and quoted attributes. Characters that HTML does not allow, or that would reorder the
 * text around them (right-to-left overrides, which make one policy look like another), are shown by their code.
 */
export function escapeHtml(text: string): string {
  const escaped = /[&<>"']/.test(text) ? text.replace(/[&<>"']/g, (c) => ESCAPES[c] ?? c) : text;
  return UNSEEN.test(escaped) ? escaped.replace(new RegExp(UNSEEN, 'gu'), visibleCode) : escaped;
}

const UNSEEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufffe\uffff]/u;

function visibleCode(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `[U+${code}]`;
}
