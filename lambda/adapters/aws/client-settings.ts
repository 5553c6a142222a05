/**
 * What all clients share. Adaptive retries slow a client down when a service throttles it, which is what IAM does
 * under load; the time limits keep a dead connection from eating a function's whole time. Endpoints follow
 * `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>` by the SDK itself.
 * Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
export const CLIENT_SETTINGS = {
  retryMode: 'adaptive',
  maxAttempts: 6,
  /** Milliseconds. */
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 15_000, throwOnRequestTimeout: true },
} as const;

/**
 * Settings of the S3 client. An endpoint of one's own (an emulator, a gateway) has no DNS name per bucket, so the
 * bucket then goes into the path.
 * Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export function s3ClientSettings(
  environment: Readonly<Record<string, string | undefined>>,
): typeof CLIENT_SETTINGS & { readonly forcePathStyle: boolean } {
  const ignored = environment['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] === 'true';
  const endpoint = environment['AWS_ENDPOINT_URL_S3'] ?? environment['AWS_ENDPOINT_URL'] ?? '';
  return { ...CLIENT_SETTINGS, forcePathStyle: endpoint !== '' && !ignored };
}
