/** The account in an ARN: twelve digits; `aws` for AWS's own resources; empty if the text is not an ARN. */
export function accountOfArn(arn: string): string {
  return arn.split(':')[4] ?? '';
}
