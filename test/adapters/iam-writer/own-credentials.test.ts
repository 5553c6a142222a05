import { IAMClient } from '@aws-sdk/client-iam';
import { afterEach, expect, test, vi } from 'vitest';
import { writerWithOwnCredentials } from '../../../lambda/adapters/iam-writer/iam-writer.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

interface Signed {
  readonly hostname: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Host and signing Region of a request for the proposal about `arn`, by somebody whose settings name `region`. */
async function requestOf(
  arn: string,
  region: string | undefined,
): Promise<readonly [host: string, scope: string]> {
  vi.stubEnv('AWS_REGION', region);
  for (const name of ['AWS_DEFAULT_REGION', 'AWS_PROFILE', 'AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_IAM']) {
    vi.stubEnv(name, undefined);
  }
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAIOSFODNN7EXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'none');
  const writer = writerWithOwnCredentials(arn);
  const client: unknown = Reflect.get(writer, 'client');
  if (!(client instanceof IAMClient)) throw new TypeError('the writer has no client of IAM');
  let signed: Signed | undefined;
  client.config.requestHandler.handle = (request: Signed) => {
    signed = request;
    return Promise.reject(new Error('enough was seen'));
  };
  await expect(writer.subject({ type: 'role', name: 'app' })).rejects.toThrow('enough was seen');
  const [, scope = ''] =
    /Credential=[^/]+\/\d+\/([^/]+)\/iam\//.exec(signed?.headers['authorization'] ?? '') ?? [];
  return [signed?.hostname ?? '', scope];
}

test.each([
  ['aws', 'iam.amazonaws.com', 'us-east-1'],
  ['aws-cn', 'iam.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
  ['aws-us-gov', 'iam.us-gov.amazonaws.com', 'us-gov-west-1'],
])(
  'in the partition %s, IAM is called in that partition, whatever Region the settings name',
  async (partition, host, scope) => {
    const arn = `arn:${partition}:iam::123456789012:role/app`;
    for (const region of ['eu-west-1', 'cn-northwest-1', 'us-gov-east-1', undefined]) {
      expect(await requestOf(arn, region), region).toEqual([host, scope]);
    }
  },
);
