import { AccountClient, GetAlternateContactCommand } from '@aws-sdk/client-account';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test } from 'vitest';
import { AlternateContacts } from '../../../../lambda/adapters/aws/organizations/alternate-contacts.ts';
import type { AdapterError } from '../../../../lambda/ports/system.ts';
import { rejection, serviceError } from '../support.ts';

const mock = mockClient(AccountClient);
let refused: AdapterError[];
let contacts: AlternateContacts;
let now: number;

function email(address: string | undefined) {
  return { kind: 'known', email: address };
}

beforeEach(() => {
  mock.reset();
  refused = [];
  now = 1_000_000;
  contacts = new AlternateContacts(
    new AccountClient({ region: 'eu-west-1' }),
    { contact: 'security', homeAccountId: '111122223333', refused: (error) => refused.push(error) },
    () => now,
  );
});

function asked() {
  return mock.commandCalls(GetAlternateContactCommand).map(({ args }) => args[0].input);
}

test('the contact of an account is its e-mail address, which is read once', async () => {
  mock
    .on(GetAlternateContactCommand)
    .resolves({ AlternateContact: { EmailAddress: 'security@example.org', Name: 'Security' } });
  expect(await contacts.contactOf('444455556666')).toEqual(email('security@example.org'));
  expect(await contacts.contactOf('444455556666')).toEqual(email('security@example.org'));
  expect(asked()).toEqual([{ AlternateContactType: 'SECURITY', AccountId: '444455556666' }]);
});

test("the caller's own contact is read without its account id, which the API refuses", async () => {
  mock.on(GetAlternateContactCommand).resolves({ AlternateContact: { EmailAddress: 'a@example.org' } });
  expect(await contacts.contactOf('111122223333')).toEqual(email('a@example.org'));
  expect(asked()).toEqual([{ AlternateContactType: 'SECURITY' }]);
});

test('an account without such a contact has none, and nothing is reported', async () => {
  mock.on(GetAlternateContactCommand).rejects(serviceError('ResourceNotFoundException', 404));
  expect(await contacts.contactOf('444455556666')).toEqual(email(undefined));
  expect(await contacts.contactOf('444455556666')).toEqual(email(undefined));
  expect(asked()).toHaveLength(1);
  expect(refused).toEqual([]);
});

test('a contact that may not be read differs from no contact, and is reported once', async () => {
  mock.on(GetAlternateContactCommand).rejects(serviceError('AccessDeniedException', 403));
  expect(await contacts.contactOf('444455556666')).toEqual({ kind: 'refused' });
  expect(await contacts.contactOf('777788889999')).toEqual({ kind: 'refused' });
  expect(await contacts.contactOf('777788889999')).toEqual({ kind: 'refused' });
  expect(asked()).toHaveLength(2);
  expect(refused.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^cannot read the security contact of account 444455556666: AccessDeniedException/),
  ]);
});

test('a new permission takes effect within five minutes, and a lasting refusal is reported again', async () => {
  mock.on(GetAlternateContactCommand).rejects(serviceError('AccessDeniedException', 403));
  await contacts.contactOf('444455556666');
  now += 5 * 60_000;
  await contacts.contactOf('777788889999');
  expect(refused).toHaveLength(2);
  mock.on(GetAlternateContactCommand).resolves({ AlternateContact: { EmailAddress: 'a@example.org' } });
  expect(await contacts.contactOf('444455556666')).toEqual(email('a@example.org'));
  expect(await contacts.contactOf('777788889999')).toEqual({ kind: 'refused' });
});

test('a temporary failure is thrown and not cached', async () => {
  mock
    .on(GetAlternateContactCommand)
    .rejectsOnce(serviceError('TooManyRequestsException', 429))
    .resolves({ AlternateContact: { EmailAddress: 'a@example.org' } });
  expect(await rejection(contacts.contactOf('444455556666'))).toMatchObject({ decision: 'retry' });
  expect(await contacts.contactOf('444455556666')).toEqual(email('a@example.org'));
});
