/** What starts a new line, steers a terminal or turns the direction of writing. */
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
const INVISIBLES = new RegExp(`${INVISIBLE.source}+`, 'g');

/** Data within a text of lines: each character that would start a new line or is invisible becomes a question mark. */
export function oneLine(text: string): string {
  return text.replace(INVISIBLE, '?');
}

/** A text for a comment or a terminal: such characters become one space, so that the line ends where it should. */
export function onOneLine(text: string): string {
  return text.replace(INVISIBLES, ' ');
}
