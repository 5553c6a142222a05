/**
 * What all clients share. The time limits keep a dead connection from eating a function's whole time. Endpoints follow
 * `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>` by the SDK itself.
 *
 * Retries are the standard ones, with back-off. The adaptive ones never let a client call much faster than it just did: where one
 * call in twenty was throttled, whatever the rate, a client made 8 calls a second instead of 42 (docs/scale.md). The services that limit a
 * caller, IAM and Access Analyzer, are called at a pace of our own, which falls and recovers.
 * Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
export const CLIENT_SETTINGS = {
  retryMode: 'standard',
  maxAttempts: 6,
  /** Milliseconds. */
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 15_000, throwOnRequestTimeout: true },
} as const;

/** {@link CLIENT_SETTINGS} with what an S3 client has of its own. */
export type S3ClientSettings = typeof CLIENT_SETTINGS & { readonly forcePathStyle: boolean };

/**
 * Settings of the S3 client. An endpoint of one's own (an emulator, a gateway) has no DNS name per bucket, so the bucket
 * then goes into the path.
 * Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export function s3ClientSettings(
  environment: Readonly<Record<string, string | undefined>>,
): S3ClientSettings {
  const ignored = environment['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] === 'true';
  const endpoint = environment['AWS_ENDPOINT_URL_S3'] ?? environment['AWS_ENDPOINT_URL'] ?? '';
  return { ...CLIENT_SETTINGS, forcePathStyle: endpoint !== '' && !ignored };
}
