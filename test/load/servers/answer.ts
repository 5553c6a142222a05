import type { IncomingHttpHeaders } from 'node:http';
import type { WireCall } from '../../integration/harness/wire-calls.ts';

/** A request as a service sees it. */
export interface Request {
  readonly call: WireCall;
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** One AWS service behind the loopback server; it throws {@link ServiceError} for what it refuses. */
export type Service = (request: Request) => Answer;

/** A refusal in the service's own words; the server writes it in the service's own format. */
export class ServiceError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export function unknownOperation({ call }: Request): ServiceError {
  return new ServiceError(400, 'InvalidAction', `${call.service}:${call.operation} is not simulated`);
}
