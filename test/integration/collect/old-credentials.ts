import type { Interceptor } from '../harness/proxy.ts';

/** What IAM says of a user's one access key and password, which the emulator makes today only. */
export interface Credentials {
  readonly userName: string;
  readonly arn: string;
  readonly accessKeyId: string;
  /** ISO 8601, of both. */
  readonly createdAt: string;
  /** Of both; undefined where they never were. */
  readonly lastUsedAt?: string;
}

const SPACE = 'https://iam.amazonaws.com/doc/2010-05-08/';

/** Answers the calls that tell when keys and passwords were made and used, of this user. */
export function credentialsOf(current: () => Credentials): Interceptor {
  return ({ service, operation, parameters }) => {
    const { userName, arn, accessKeyId, createdAt, lastUsedAt } = current();
    const isMeant = [userName, accessKeyId].some((name) =>
      [parameters.get('UserName'), parameters.get('AccessKeyId')].includes(name),
    );
    if (service !== 'iam' || !isMeant) return undefined;
    const used = (member: string): string =>
      lastUsedAt === undefined ? '' : `<${member}>${lastUsedAt}</${member}>`;
    switch (operation) {
      case 'ListAccessKeys':
        return answer(
          operation,
          `<AccessKeyMetadata><member><UserName>${userName}</UserName><AccessKeyId>${accessKeyId}</AccessKeyId><Status>Active</Status><CreateDate>${createdAt}</CreateDate></member></AccessKeyMetadata><IsTruncated>false</IsTruncated>`,
        );
      case 'GetAccessKeyLastUsed':
        return answer(
          operation,
          `<UserName>${userName}</UserName><AccessKeyLastUsed>${used('LastUsedDate')}<ServiceName>s3</ServiceName><Region>us-east-1</Region></AccessKeyLastUsed>`,
        );
      case 'GetLoginProfile':
        return answer(
          operation,
          `<LoginProfile><UserName>${userName}</UserName><CreateDate>${createdAt}</CreateDate></LoginProfile>`,
        );
      case 'GetUser':
        return answer(
          operation,
          `<User><Path>/</Path><UserName>${userName}</UserName><UserId>AIDAEXAMPLE</UserId><Arn>${arn}</Arn><CreateDate>${createdAt}</CreateDate>${used('PasswordLastUsed')}</User>`,
        );
      default:
        return undefined;
    }
  };
}

function answer(operation: string, result: string) {
  const body = `<${operation}Response xmlns="${SPACE}"><${operation}Result>${result}</${operation}Result></${operation}Response>`;
  return { answer: { status: 200, contentType: 'text/xml', body } };
}
