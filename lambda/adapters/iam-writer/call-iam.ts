import { AdapterError } from '../../ports/system.ts';
import { translateError } from '../aws/sdk/errors.ts';

/**
 * Makes one call to IAM.
 * @param doing what the call is for, in words that follow "cannot": `attach arn:…`
 * @throws AdapterError with advice for a person at a terminal
 */
export async function callIam<T>(doing: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof AdapterError) throw error;
    const { decision, code } = translateError(error, doing);
    throw new AdapterError(
      `cannot ${doing}: ${nameOf(error)}${textOf(error)}${ADVICE[code]}`,
      decision,
      code,
      {
        cause: error,
      },
    );
  }
}

/** Like {@link callIam}, but returns undefined for errors with one of these names. */
export async function callIamUnless<T>(
  doing: string,
  outcomes: readonly string[],
  call: () => Promise<T>,
): Promise<T | undefined> {
  return callIam(doing, async () => {
    try {
      return await call();
    } catch (error) {
      if (error instanceof Error && outcomes.includes(error.name)) return undefined;
      throw error;
    }
  });
}

const ADVICE: Readonly<Record<AdapterError['code'], string>> = {
  throttled: '; run the command again in a minute, it continues where it stopped',
  unavailable: '; check the credentials and the network, then run the command again',
  'access-denied': '; use credentials that may make this call',
  invalid: '',
  malformed: '; the answer is not what the service documents',
};

function nameOf(error: unknown): string {
  return error instanceof Error && error.name !== 'Error' ? `${error.name}: ` : '';
}

function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, ' ').trim().slice(0, 500);
}
