import type { Tag } from '../model/principal.ts';

/**
 * What to say of a principal that CloudFormation made: changing it by hand would drift from the template. Undefined
 * where the tags say nothing of a stack.
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
 */
export function cloudFormationWarning(tags: readonly Tag[]): string | undefined {
  const value = (key: string): string | undefined =>
    tags.find((tag) => tag.key === `aws:cloudformation:${key}`)?.value;
  const stack = value('stack-name') ?? stackOfId(value('stack-id'));
  const logicalId = value('logical-id');
  if (stack === undefined && logicalId === undefined) return undefined;
  const where = [
    stack === undefined ? 'a CloudFormation stack' : `the CloudFormation stack ${stack}`,
    ...(logicalId === undefined ? [] : [`as its resource ${logicalId}`]),
  ].join(' ');
  return (
    `managed by ${where}: applying this proposal by hand would drift from the template, and the next deployment ` +
    'could undo it; change the template instead (see show --format cloudformation)'
  );
}

/** `arn:aws:cloudformation:eu-west-1:123456789012:stack/orders/51af3dc0` is the stack `orders`. */
function stackOfId(id: string | undefined): string | undefined {
  return id?.split('/')[1];
}
