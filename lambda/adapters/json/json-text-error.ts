/** A text is no JSON, or has a fault that concerns all of it. The message says what and where; the file is not in it. */
export class JsonTextError extends Error {
  override readonly name = 'JsonTextError';
}
