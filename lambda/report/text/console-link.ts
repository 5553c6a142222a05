/** An object in a bucket, as the S3 console addresses it. */
export interface ConsoleObject {
  /** `aws`, `aws-cn`, `aws-us-gov` */
  readonly partition: string;
  readonly region: string;
  readonly bucket: string;
  readonly key: string;
}

const DOMAINS: Readonly<Record<string, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
};

/**
 * The S3 console's page of an object: it asks the reader to sign in, needs no public access and does not expire, as a
 * presigned URL in a mail box would.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-overview.html
 */
export function consoleLink({ partition, region, bucket, key }: ConsoleObject): string {
  return `${consoleOf(partition, region)}/s3/object/${bucket}?region=${region}&prefix=${encodeKey(key)}`;
}

/** The S3 console's page of all objects whose keys begin with `key`. */
export function consoleFolderLink({ partition, region, bucket, key }: ConsoleObject): string {
  return `${consoleOf(partition, region)}/s3/buckets/${bucket}?region=${region}&prefix=${encodeKey(key)}`;
}

/**
 * The IAM console's page of a role, user, customer managed policy or group. IAM has no Region.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/console.html
 */
export function iamConsoleLink({
  arn,
  type,
  name,
}: {
  readonly arn: string;
  readonly type: 'role' | 'user' | 'policy' | 'group';
  readonly name: string;
}): string {
  const [, partition = 'aws'] = arn.split(':');
  const pages = { role: 'roles', user: 'users', policy: 'policies', group: 'groups' } as const;
  const which = type === 'policy' ? arn : name;
  return `https://${DOMAINS[partition] ?? 'console.aws.amazon.com'}/iam/home#/${pages[type]}/details/${encodeURIComponent(which)}`;
}

/** Access Analyzer's page of a finding; undefined for one that no analyzer made. */
export function findingConsoleLink({
  id,
  analyzerArn,
}: {
  readonly id: string;
  readonly analyzerArn: string | null;
}): string | undefined {
  const [, partition = 'aws', , region = ''] = (analyzerArn ?? '').split(':');
  if (region === '') return undefined;
  return `${consoleOf(partition, region)}/access-analyzer/home?region=${region}#/findings/details/${encodeURIComponent(id)}`;
}

function consoleOf(partition: string, region: string): string {
  return `https://${region}.${DOMAINS[partition] ?? 'console.aws.amazon.com'}`;
}

/**
 * Everything but letters, digits, `-_.~` and slashes is percent-encoded: in a query, `+` means a space, and a mail
 * program ends a link at a bracket, an exclamation mark or an apostrophe.
 */
function encodeKey(key: string): string {
  return key
    .split('/')
    .map((part) =>
      encodeURIComponent(part).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`),
    )
    .join('/');
}
