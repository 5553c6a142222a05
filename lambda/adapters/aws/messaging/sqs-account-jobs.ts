import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { AccountJob, AccountJobQueue } from '../../../ports/account.ts';
import { attempt } from '../sdk/errors.ts';

export class SqsAccountJobs implements AccountJobQueue {
  readonly #client: SQSClient;
  readonly #queueUrl: string;
  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  async send(
    { analyzerArn, sweepId, accountId, next, parts, shared, deferrals }: AccountJob,
    delaySeconds = 0,
  ): Promise<void> {
    await attempt(`send the job of account ${accountId} to ${this.#queueUrl}`, () =>
      this.#client.send(
        new SendMessageCommand({
          QueueUrl: this.#queueUrl,
          MessageBody: JSON.stringify({ analyzerArn, sweepId, accountId, next, parts, shared, deferrals }),
          DelaySeconds: delaySeconds,
        }),
      ),
    );
  }
}
