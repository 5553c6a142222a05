import type { Tag } from '../../../core/model/principal.ts';
import type { PolicyTags } from '../../../ports/policies.ts';
import { attemptUnless } from '../sdk/errors.ts';
import type { IamClients } from './clients.ts';
import { NO_SUCH_ENTITY, vanished } from './marker-pages.ts';
import { type Tag as SdkTag, GetPolicyCommand } from '@aws-sdk/client-iam';

export function readTags(tags: readonly SdkTag[] | undefined): readonly Tag[] {
  return (tags ?? []).map(({ Key, Value }) => ({ key: Key ?? '', value: Value ?? '' }));
}

/** Tags of managed policies, which `GetAccountAuthorizationDetails` leaves out. */
export class IamPolicyTags implements PolicyTags {
  readonly #clients: Pick<IamClients, 'forAccount'>;
  constructor(clients: Pick<IamClients, 'forAccount'>) {
    this.#clients = clients;
  }

  async tagsOf(accountId: string, policyArn: string): Promise<readonly Tag[]> {
    const iam = await this.#clients.forAccount(accountId);
    const doing = `read the tags of the policy ${policyArn}`;
    const answer = await attemptUnless(doing, NO_SUCH_ENTITY, () =>
      iam.send(new GetPolicyCommand({ PolicyArn: policyArn })),
    );
    if (answer === undefined) throw vanished(doing);
    return readTags(answer.Policy?.Tags);
  }
}
