/**
 * The input or the usage is wrong. The message is one line that names the file and the position, and says what is
 * wrong and, if that helps, what to do.
 */
export class InputError extends Error {
  override readonly name = 'InputError';
}
