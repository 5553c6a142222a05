/**
 * The settings of all clients. The timeouts keep a dead connection from using up a function's time. The SDK itself
 * reads endpoints from `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>`.
 *
 * Retries are the standard ones, with back-off. Adaptive retries never let a client call much faster than it just did:
 * with one call in twenty throttled, at any rate, a client made 8 calls a second instead of 42 (docs/scale.md). Calls
 * to the services with tight limits, IAM and Access Analyzer, are paced by this project, with a rate that falls and
 * recovers.
 * Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
export const CLIENT_SETTINGS = {
  retryMode: 'standard',
  maxAttempts: 6,
  /** Milliseconds. */
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 15_000, throwOnRequestTimeout: true },
} as const;

/** {@link CLIENT_SETTINGS} and the settings of S3 clients only. */
type S3ClientSettings = typeof CLIENT_SETTINGS & { readonly forcePathStyle: boolean };

/**
 * Settings of the S3 client. A custom endpoint (an emulator, a gateway) has no DNS name for each bucket, so the
 * bucket is then part of the path.
 * Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export function s3ClientSettings(
  environment: Readonly<Record<string, string | undefined>>,
): S3ClientSettings {
  const ignored = environment['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] === 'true';
  const endpoint = environment['AWS_ENDPOINT_URL_S3'] ?? environment['AWS_ENDPOINT_URL'] ?? '';
  return { ...CLIENT_SETTINGS, forcePathStyle: endpoint !== '' && !ignored };
}
