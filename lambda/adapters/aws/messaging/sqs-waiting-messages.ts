import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { WAITS_ATTRIBUTE } from '../../../contract/message-attributes.ts';
import type { WaitingMessage, WaitingMessages } from '../../../ports/findings.ts';
import { attempt } from '../sdk/errors.ts';

/**
 * Messages that wait in the queue they came from: the same body as a new message, delayed. A new message has all its
 * attempts before it; how often it has waited stands in an attribute, since the body may be EventBridge's.
 */
export class SqsWaitingMessages implements WaitingMessages {
  readonly #client: SQSClient;
  readonly #queueUrl: string;
  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  /** @throws AdapterError when it is not certain that the queue has it */
  async sendLater({ body, accountId, waits }: WaitingMessage, seconds: number): Promise<void> {
    await attempt(`put off a finding of account ${accountId} in ${this.#queueUrl}`, () =>
      this.#client.send(
        new SendMessageCommand({
          QueueUrl: this.#queueUrl,
          MessageBody: body,
          MessageGroupId: accountId,
          DelaySeconds: seconds,
          MessageAttributes: { [WAITS_ATTRIBUTE]: { DataType: 'Number', StringValue: String(waits) } },
        }),
      ),
    );
  }
}
