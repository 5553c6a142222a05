/** The account in an ARN: twelve digits, `aws` for what is AWS's own, nothing for what is no ARN. */
export function accountOfArn(arn: string): string {
  return arn.split(':')[4] ?? '';
}
