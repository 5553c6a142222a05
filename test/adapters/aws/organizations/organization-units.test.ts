import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { CLIENT_SETTINGS } from '../../../../lambda/adapters/aws/sdk/client-settings.ts';
import { OrganizationUnits } from '../../../../lambda/adapters/aws/organizations/organization-units.ts';
import { rejection } from '../support.ts';

/** Who lies in what: two accounts in one unit within another, a third account right under the root. */
const PARENT: Readonly<Record<string, string>> = {
  '111122223333': 'ou-ab12-11111111',
  '444455556666': 'ou-ab12-11111111',
  'ou-ab12-11111111': 'ou-ab12-22222222',
  'ou-ab12-22222222': 'r-ab12',
  '777788889999': 'r-ab12',
};

let server: Server;
let endpoint: string;
let asked: string[];
let refuse: string | undefined;
let now: number;

/** AWS Organizations on loopback, for ListParents; the first page of each answer is empty, as AWS says it may be. */
beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as { ChildId: string; NextToken?: string };
      expect(request.headers['x-amz-target']).toBe('AWSOrganizationsV20161128.ListParents');
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      const fail = (name: string): void => {
        response.writeHead(400);
        response.end(JSON.stringify({ __type: name, Message: 'the reason' }));
      };
      if (refuse !== undefined) {
        fail(refuse);
        return;
      }
      const parent = PARENT[body.ChildId];
      if (parent === undefined) {
        fail('ChildNotFoundException');
        return;
      }
      if (body.NextToken === undefined) {
        response.end(JSON.stringify({ Parents: [], NextToken: 'more' }));
        return;
      }
      asked.push(body.ChildId);
      response.end(JSON.stringify({ Parents: [{ Id: parent, Type: 'ORGANIZATIONAL_UNIT' }] }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked = [];
  refuse = undefined;
  now = 0;
});

function units(): OrganizationUnits {
  const credentials = { accessKeyId: 'a', secretAccessKey: 's' };
  const client = new OrganizationsClient({ ...CLIENT_SETTINGS, region: 'us-east-1', credentials, endpoint });
  return new OrganizationUnits(client, () => now);
}

test('the units above an account are read up to the root', async () => {
  expect(await units().ancestorsOf('111122223333')).toEqual([
    'ou-ab12-11111111',
    'ou-ab12-22222222',
    'r-ab12',
  ]);
  expect(asked).toEqual(['111122223333', 'ou-ab12-11111111', 'ou-ab12-22222222']);
});

test('units above two accounts are read once, even if both are requested at the same time', async () => {
  const organisation = units();
  await Promise.all(['111122223333', '444455556666'].map((account) => organisation.ancestorsOf(account)));
  await organisation.ancestorsOf('777788889999');
  expect(asked.sort()).toEqual([
    '111122223333',
    '444455556666',
    '777788889999',
    'ou-ab12-11111111',
    'ou-ab12-22222222',
  ]);
});

test('an answer is cached for an hour', async () => {
  const organisation = units();
  await organisation.ancestorsOf('777788889999');
  now = 3_599_999;
  await organisation.ancestorsOf('777788889999');
  expect(asked).toHaveLength(1);
  now = 3_600_000;
  await organisation.ancestorsOf('777788889999');
  expect(asked).toHaveLength(2);
});

test('an account outside the organisation is in no unit', async () => {
  expect(await units().ancestorsOf('000000000000')).toEqual([]);
});

test('an error for a caller that may not read units says who may, and is not cached', async () => {
  const organisation = units();
  refuse = 'AccessDeniedException';
  const error = await rejection(organisation.ancestorsOf('111122223333'));
  expect(error).toMatchObject({ code: 'access-denied', decision: 'permanent' });
  expect(error.message).toBe(
    "cannot read the organisational units of account 111122223333 (option excludeOrganizationalUnits works in the organisation's management account and in a delegated administrator's): AccessDeniedException: the reason; grant the permission to the role that makes the call",
  );
  refuse = undefined;
  expect(await organisation.ancestorsOf('777788889999')).toEqual(['r-ab12']);
  expect(await organisation.ancestorsOf('111122223333')).toHaveLength(3);
});
