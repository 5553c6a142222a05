import { AwsIamWriter } from '../../../lambda/adapters/iam-writer/iam-writer.ts';
import type { AccountQuotas } from '../../../lambda/ports/apply.ts';

/**
 * The writer for moto, whose account summary still says that a role takes ten managed policies (AWS gives it 20). It
 * enforces no quota, and the random users have longer inline policies than AWS would take.
 */
export class MotoWriter extends AwsIamWriter {
  override async quotas(): Promise<AccountQuotas> {
    const { holders, ...rest } = await super.quotas();
    return {
      ...rest,
      holders: {
        ...holders,
        role: { ...holders.role, attachments: 20 },
        user: { ...holders.user, inlineCharacters: 10_240 },
      },
    };
  }
}
