import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import { InputError } from '../../files/input-error.ts';
import { errorWords } from './errors.ts';

/** The options of a command that choose credentials and Region. */
export interface CallerSettings {
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
}

/** Whose credentials are used, and in which Region. */
export interface Caller {
  readonly accountId: string;
  readonly arn: string;
  readonly partition: string;
  readonly region: string;
}

/** The part of the settings that SDK clients take. */
export function callerConfig({ profile, region }: CallerSettings): { profile?: string; region?: string } {
  return {
    ...(profile === undefined ? {} : { profile }),
    ...(region === undefined ? {} : { region }),
  };
}

/**
 * Determines whose credentials the SDK finds and which Region it would call, before any work begins.
 * @throws InputError with one sentence that says what to type
 */
export async function identifyCaller(sts: STSClient, { profile }: CallerSettings): Promise<Caller> {
  const named = profile ?? process.env['AWS_PROFILE'];
  const region = await sts.config.region().catch(() => '');
  if (region === '') {
    // A profile that does not exist has no Region either, so its name is the actual error.
    if (named !== undefined) {
      await sts.config.credentials().catch((error: unknown) => {
        throw sentenceOf(error, named) ?? NO_REGION;
      });
    }
    throw NO_REGION;
  }
  try {
    await sts.config.credentials();
    const { Account, Arn } = await sts.send(new GetCallerIdentityCommand({}));
    if (Account === undefined || Arn === undefined)
      throw new InputError('AWS does not say whose credentials these are');
    return { accountId: Account, arn: Arn, partition: Arn.split(':')[1] ?? 'aws', region };
  } catch (error) {
    throw (
      sentenceOf(error, named) ??
      new InputError(`cannot ask AWS whose credentials these are: ${errorWords(error)}`)
    );
  }
}

const NO_REGION = new InputError(
  'no Region is configured; add --region, such as --region eu-west-1, or set AWS_REGION',
);

const EXPIRED = new Set(['ExpiredToken', 'ExpiredTokenException', 'RequestExpired']);
const UNKNOWN = new Set([
  'InvalidClientTokenId',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
  'InvalidAccessKeyId',
]);

/** One sentence that says what to type; undefined for an error that is not about credentials. */
export function sentenceOf(error: unknown, profile: string | undefined): InputError | undefined {
  if (error instanceof InputError) return error;
  if (!(error instanceof Error)) return undefined;
  const at = profile === undefined ? '' : ` --profile ${profile}`;
  if (EXPIRED.has(error.name)) {
    return new InputError(
      `the credentials have expired; type aws sso login${at}, or get new ones, and run the same command again`,
    );
  }
  if (UNKNOWN.has(error.name)) {
    return new InputError(
      `AWS does not know these credentials (${error.name}); check the access key, or name a profile with --profile`,
    );
  }
  if (error.name !== 'CredentialsProviderError' && error.name !== 'TokenProviderError') return undefined;
  if (/\bsso\b|session token|aws login/i.test(error.message)) {
    const whose = profile === undefined ? '' : ` with the profile ${profile}`;
    return new InputError(`nobody is signed in${whose}; type aws sso login${at}`);
  }
  return new InputError(
    profile === undefined
      ? 'no AWS credentials were found; type aws configure sso, and then name that profile with --profile'
      : `the profile ${profile} gives no credentials (is it in ~/.aws/config?); type aws configure sso${at}, or name another`,
  );
}
