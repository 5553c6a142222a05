import { type Answer, type Request, type Service, unknownOperation } from './answer.ts';
import { queryAnswer } from './xml.ts';

/** Publish: the message is counted and given to `onMessage`. */
export function snsService(
  onMessage: (message: string, attributes: ReadonlyMap<string, string>) => void,
): Service {
  return (request: Request): Answer => {
    const { operation, parameters } = request.call;
    if (operation !== 'Publish') throw unknownOperation(request);
    onMessage(parameters.get('Message') ?? '', parameters);
    return {
      status: 200,
      body: queryAnswer('Publish', { MessageId: '11111111-0000-4000-8000-000000000000' }),
    };
  };
}
