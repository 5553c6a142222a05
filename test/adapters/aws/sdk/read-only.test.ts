import { IAMClient, GetUserCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { onlyOperations } from '../../../../lambda/adapters/aws/sdk/read-only.ts';
import { listen, type Listening } from '../../../integration/harness/http.ts';

let server: Listening;
let requests = 0;

beforeAll(async () => {
  server = await listen(
    createServer((_, response) => {
      requests += 1;
      response.writeHead(404, { 'content-type': 'text/xml' });
      response.end(
        '<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>none</Message></Error></ErrorResponse>',
      );
    }),
  );
});
afterAll(() => server.stop());

test('an operation that is not on the list is refused before anything is sent', async () => {
  const credentials = {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  };
  const client = new IAMClient({ endpoint: server.endpoint, region: 'us-east-1', credentials });
  const iam = onlyOperations(client, new Set(['GetUser']));
  const change = new PutRolePolicyCommand({ RoleName: 'R', PolicyName: 'P', PolicyDocument: '{}' });
  await expect(iam.send(change)).rejects.toThrow('PutRolePolicy is not among the calls of this command');
  expect(requests).toBe(0);
  await expect(iam.send(new GetUserCommand({}))).rejects.toThrow('none');
  expect(requests).toBe(1);
});
