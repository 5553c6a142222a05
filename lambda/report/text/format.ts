import { count } from '../../core/model/wording.ts';

/** `1 action`, `2 actions`, `1,200 actions`. */
export function counted(value: number, singular: string, plural = `${singular}s`): string {
  return `${count(value)} ${value === 1 ? singular : plural}`;
}

/** A share in per cent. It is 0% only for nothing and 100% only for everything. */
export function share(part: number, whole: number): string {
  if (whole <= 0 || part <= 0) return '0%';
  if (part >= whole) return '100%';
  const percent = Math.round((part / whole) * 100);
  if (percent < 1) return '<1%';
  return percent > 99 ? '>99%' : `${String(percent)}%`;
}

/** The date of an ISO 8601 time; any other text as it is. */
export function day(time: string): string {
  return /^\d{4}-\d{2}-\d{2}T/.test(time) ? time.slice(0, 10) : time;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} and ${last}`;
}

/** Characters that start a new line, control a terminal or change the writing direction. */
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
const INVISIBLES = new RegExp(`${INVISIBLE.source}+`, 'g');

/** For data in a text of several lines: each character that starts a new line or is invisible becomes a question mark. */
export function oneLine(text: string): string {
  return text.replace(INVISIBLE, '?');
}

/** For a comment or a terminal: a run of such characters becomes one space, so that the text stays on one line. */
export function onOneLine(text: string): string {
  return text.replace(INVISIBLES, ' ');
}

/** Bytes of a text in UTF-8. A lone surrogate counts as the replacement character, 3 bytes. */
export function utf8Bytes(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code < 0x80) bytes += 1;
    else if (code < 0x800) bytes += 2;
    else if (isPair(code, text.charCodeAt(i + 1))) {
      bytes += 4;
      i += 1;
    } else bytes += 3;
  }
  return bytes;
}

function isPair(first: number, second: number): boolean {
  return first >= 0xd800 && first < 0xdc00 && second >= 0xdc00 && second < 0xe000;
}
