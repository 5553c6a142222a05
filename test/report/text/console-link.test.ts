import { describe, expect, it } from 'vitest';
import { consoleFolderLink, consoleLink } from '../../../lambda/report/text/console-link.ts';

describe('links to the S3 console', () => {
  it.each([
    ['aws', 'us-east-1', 'https://us-east-1.console.aws.amazon.com/s3/object/b?region=us-east-1&prefix=k'],
    [
      'aws-cn',
      'cn-north-1',
      'https://cn-north-1.console.amazonaws.cn/s3/object/b?region=cn-north-1&prefix=k',
    ],
    [
      'aws-us-gov',
      'us-gov-west-1',
      'https://us-gov-west-1.console.amazonaws-us-gov.com/s3/object/b?region=us-gov-west-1&prefix=k',
    ],
  ])('are right in the partition %s', (partition, region, link) => {
    expect(consoleLink({ partition, region, bucket: 'b', key: 'k' })).toBe(link);
  });

  it('encode every character of IAM names that a query or a mail program would misread', () => {
    const key = "proposals/123456789012/role/+=,.@-_'()!*/report.html";
    const link = consoleLink({ partition: 'aws', region: 'us-east-1', bucket: 'b', key });
    expect(link).toBe(
      'https://us-east-1.console.aws.amazon.com/s3/object/b?region=us-east-1&prefix=proposals/123456789012/role/%2B%3D%2C.%40-_%27%28%29%21%2A/report.html',
    );
    expect(new URL(link).searchParams.get('prefix')).toBe(key);
  });

  it('open a folder if no single object is given', () => {
    expect(consoleFolderLink({ partition: 'aws', region: 'us-east-1', bucket: 'b', key: 'proposals/' })).toBe(
      'https://us-east-1.console.aws.amazon.com/s3/buckets/b?region=us-east-1&prefix=proposals/',
    );
  });
});
