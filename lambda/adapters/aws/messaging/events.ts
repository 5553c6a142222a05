import { SERVICE_NAME } from '../../../contract/functions.ts';
import type { ProposalEvent, ProposalEvents } from '../../../ports/notify.ts';
import { attempt } from '../sdk/errors.ts';
import { type Pause, type Refused, sendInBatches } from './send-in-batches.ts';
import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';

/** `detail-type` of the events about proposals; their `source` is the name of the project. */
const PROPOSAL_EVENT_TYPE = 'Unused Access Proposal State Change';

/** Errors of EventBridge itself, worth a retry. Anything else would be rejected again. */
const PASSING = new Set(['InternalException', 'InternalFailure', 'ThrottlingException']);

/**
 * Sends events about proposals to an event bus.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 */
export class EventBridgeEvents implements ProposalEvents {
  readonly #client: EventBridgeClient;
  readonly #busArn: string;
  readonly #pause: Pause | undefined;
  constructor(client: EventBridgeClient, busArn: string, pause?: Pause) {
    this.#client = client;
    this.#busArn = busArn;
    this.#pause = pause;
  }

  async send(events: readonly ProposalEvent[]): Promise<void> {
    await sendInBatches(events, `events to ${this.#busArn}`, (batch) => this.#put(batch), this.#pause);
  }

  async #put(batch: readonly ProposalEvent[]): Promise<readonly Refused<ProposalEvent>[]> {
    const { Entries: answers = [] } = await attempt(`send events to ${this.#busArn}`, () =>
      this.#client.send(
        new PutEventsCommand({
          Entries: batch.map((event) => ({
            EventBusName: this.#busArn,
            Source: SERVICE_NAME,
            DetailType: PROPOSAL_EVENT_TYPE,
            Detail: JSON.stringify(event),
            Resources: event.subject.arn === undefined ? [] : [event.subject.arn],
          })),
        }),
      ),
    );
    return batch.flatMap((entry, place) => {
      const { ErrorCode: code, ErrorMessage: message } = answers[place] ?? {};
      return code === undefined ? [] : [{ entry, code, message, isFinal: !PASSING.has(code) }];
    });
  }
}
