import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SweepContinuation, SweepQueue } from '../../../ports/sweep.ts';
import { attempt } from '../sdk/errors.ts';

export class SqsSweepQueue implements SweepQueue {
  readonly #client: SQSClient;
  readonly #queueUrl: string;
  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  async continueLater({ analyzerArn, sweepId, restarts, position }: SweepContinuation): Promise<void> {
    const { phase, listed } = position;
    const where = phase === 'list' ? { nextToken: position.nextToken ?? null } : { offset: position.offset };
    await attempt(`send the rest of the sweep to ${this.#queueUrl}`, () =>
      this.#client.send(
        new SendMessageCommand({
          QueueUrl: this.#queueUrl,
          MessageBody: JSON.stringify({ analyzerArn, sweepId, phase, ...where, restarts, listed }),
        }),
      ),
    );
  }
}
