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

/** {@link CLIENT_SETTINGS} with what an S3 client has of its own. */
export type S3ClientSettings = Omit<typeof CLIENT_SETTINGS, 'retryMode'> & {
  readonly retryMode: 'standard';
  readonly forcePathStyle: boolean;
};

/**
 * Settings of the S3 client. S3 limits a prefix and not a caller, so one refused call says nothing about the next:
 * it is repeated with back-off, and the client is not slowed down as adaptive retries would. An endpoint of one's own (an emulator, a gateway) has no DNS name per bucket, so the
 * bucket then goes into the path.
 * Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html,
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export function s3ClientSettings(
  environment: Readonly<Record<string, string | undefined>>,
): S3ClientSettings {
  const ignored = environment['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] === 'true';
  const endpoint = environment['AWS_ENDPOINT_URL_S3'] ?? environment['AWS_ENDPOINT_URL'] ?? '';
  return { ...CLIENT_SETTINGS, retryMode: 'standard', forcePathStyle: endpoint !== '' && !ignored };
}
