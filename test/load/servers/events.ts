import { type Answer, type Request, type Service, unknownOperation } from './answer.ts';

/** PutEvents: every event is taken, and nobody hears it. */
export function eventsService(): Service {
  return (request: Request): Answer => {
    if (request.call.operation !== 'PutEvents') throw unknownOperation(request);
    const { Entries = [] } = JSON.parse(request.body.toString('utf8')) as {
      readonly Entries?: readonly unknown[];
    };
    const answers = Entries.map((_, place) => ({ EventId: `event-${String(place)}` }));
    return { status: 200, body: JSON.stringify({ FailedEntryCount: 0, Entries: answers }) };
  };
}
