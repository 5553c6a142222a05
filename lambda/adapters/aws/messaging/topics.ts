import type { Notice, Notifier, ChatNotifier } from '../../../ports/notify.ts';
import { AdapterError } from '../../../ports/system.ts';
import { attempt } from '../sdk/errors.ts';
import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';

/**
 * The most bytes of message and attributes together. Source:
 * https://docs.aws.amazon.com/sns/latest/dg/large-message-payloads.html
 */
const LIMIT = 262_144;

/** Publishes one SNS message for each notice: text for people, and the same facts as JSON for programs. */
export class SnsNotifier implements Notifier {
  readonly #client: SNSClient;
  readonly #topicArn: string;
  constructor(client: SNSClient, topicArn: string) {
    this.#client = client;
    this.#topicArn = topicArn;
  }

  async publish(notice: Notice): Promise<void> {
    const message = envelope(notice);
    const attributes = messageAttributes(notice);
    const bytes = Buffer.byteLength(message) + Buffer.byteLength(JSON.stringify(attributes));
    if (bytes > LIMIT) {
      throw new AdapterError(
        `cannot publish to ${this.#topicArn}: the message has ${String(bytes)} bytes, SNS takes ${String(LIMIT)}; list fewer proposals`,
        'permanent',
        'invalid',
      );
    }
    await attempt(`publish to ${this.#topicArn}`, () =>
      this.#client.send(
        new PublishCommand({
          TopicArn: this.#topicArn,
          Subject: notice.subject,
          Message: message,
          MessageStructure: 'json',
          MessageAttributes: attributes,
        }),
      ),
    );
  }
}

/** The SNS message structure. `http` and `firehose` subscribers, for which we document no format, get the text. */
function envelope({ text, json }: Notice): string {
  return JSON.stringify({ default: text, sqs: json, lambda: json, https: json });
}

function messageAttributes({
  attributes,
}: Notice): Record<string, { DataType: string; StringValue: string }> {
  return {
    accountIds: { DataType: 'String.Array', StringValue: JSON.stringify(attributes.accountIds) },
    kinds: { DataType: 'String.Array', StringValue: JSON.stringify(attributes.kinds) },
    proposalCount: { DataType: 'Number', StringValue: String(attributes.proposalCount) },
    ...(attributes.owner === undefined
      ? {}
      : { owner: { DataType: 'String', StringValue: attributes.owner } }),
    ...(attributes.overview === undefined ? {} : { overview: { DataType: 'String', StringValue: 'true' } }),
  };
}

/** Publishes to a separate topic, because the chat's JSON would be unreadable in an e-mail. */
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
