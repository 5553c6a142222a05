/**
 * A text as one word of a POSIX shell. Everything but a few harmless characters is put between single quotes, within
 * which the shell gives no character a meaning; a single quote itself is written as `'\''`.
 */
export function shellQuote(text: string): string {
  return /^[A-Za-z0-9_/:.@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** An option of the AWS command line with its value. IAM takes names that begin with a dash; those would pass for options. */
export function shellOption(option: string, value: string): string {
  return `${option}${value.startsWith('-') ? '=' : ' '}${shellQuote(value)}`;
}
