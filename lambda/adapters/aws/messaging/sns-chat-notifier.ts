import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { ChatNotifier } from '../../../ports/notify.ts';
import { attempt } from '../sdk/errors.ts';

/** A topic of its own, because its JSON would be unreadable in an e-mail. */
export class SnsChatNotifier implements ChatNotifier {
  readonly #client: SNSClient;
  readonly #topicArn: string;
  constructor(client: SNSClient, topicArn: string) {
    this.#client = client;
    this.#topicArn = topicArn;
  }

  async publish(message: string): Promise<void> {
    await attempt(`publish to ${this.#topicArn}`, () =>
      this.#client.send(new PublishCommand({ TopicArn: this.#topicArn, Message: message })),
    );
  }
}
