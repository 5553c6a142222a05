import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { DEFERRALS_ATTRIBUTE } from '../../../contract/message-attributes.ts';
import type { DeferredMessage, DeferredMessages } from '../../../ports/findings.ts';
import { attempt } from '../sdk/errors.ts';

/**
 * Messages that wait in the queue they came from: the same body as a new message, delayed. A new message has all its
 * attempts before it; how often it has waited stands in an attribute, since the body may be EventBridge's.
 */
export class SqsDeferredMessages implements DeferredMessages {
  readonly #client: SQSClient;
  readonly #queueUrl: string;
  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  /** @throws AdapterError when it is not certain that the queue has it */
  async sendLater({ body, accountId, deferrals }: DeferredMessage, seconds: number): Promise<void> {
    await attempt(`defer a finding of account ${accountId} in ${this.#queueUrl}`, () =>
      this.#client.send(
        new SendMessageCommand({
          QueueUrl: this.#queueUrl,
          MessageBody: body,
          MessageGroupId: accountId,
          DelaySeconds: seconds,
          MessageAttributes: {
            [DEFERRALS_ATTRIBUTE]: { DataType: 'Number', StringValue: String(deferrals) },
          },
        }),
      ),
    );
  }
}
