/**
 * The verifier found a difference between what the law demands and what the refiner made: a bug of ours.
 * `replay` is JSON text that repeats the case offline; it holds policy documents, so it is stored and never logged.
 */
export class VerificationError extends Error {
  override readonly name = 'VerificationError';
  constructor(
    message: string,
    readonly replay: string,
  ) {
    super(message);
  }
}
