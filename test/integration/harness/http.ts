import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';

/** A server on a free loopback port. */
export interface Listening {
  readonly port: number;
  /** By address: the S3 client then writes the bucket into the path, so that no name has to resolve. */
  readonly endpoint: string;
  stop(): Promise<void>;
}

export async function listen(server: Server): Promise<Listening> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('a server on a loopback port has no port');
  return {
    port: address.port,
    endpoint: `http://127.0.0.1:${String(address.port)}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export async function readBody(message: IncomingMessage): Promise<string> {
  return (await readBytes(message)).toString('utf8');
}

export async function readBytes(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
