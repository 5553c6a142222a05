import { AccountClient, GetAlternateContactCommand } from '@aws-sdk/client-account';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test } from 'vitest';
import { AlternateContacts } from '../../../../lambda/adapters/aws/organizations/alternate-contacts.ts';
import type { AdapterError } from '../../../../lambda/ports/system.ts';
import { rejection, serviceError } from '../support.ts';

const mock = mockClient(AccountClient);
let refused: AdapterError[];
let contacts: AlternateContacts;

beforeEach(() => {
  mock.reset();
  refused = [];
  contacts = new AlternateContacts(new AccountClient({ region: 'eu-west-1' }), {
    contact: 'security',
    homeAccountId: '111122223333',
    refused: (error) => refused.push(error),
  });
});

function asked() {
  return mock.commandCalls(GetAlternateContactCommand).map(({ args }) => args[0].input);
}

test('the contact of an account is its e-mail address, asked for once', async () => {
  mock
    .on(GetAlternateContactCommand)
    .resolves({ AlternateContact: { EmailAddress: 'security@example.org', Name: 'Security' } });
  expect(await contacts.contactOf('444455556666')).toBe('security@example.org');
  expect(await contacts.contactOf('444455556666')).toBe('security@example.org');
  expect(asked()).toEqual([{ AlternateContactType: 'SECURITY', AccountId: '444455556666' }]);
});

test('the own account is asked for without its id, which the API refuses', async () => {
  mock.on(GetAlternateContactCommand).resolves({ AlternateContact: { EmailAddress: 'a@example.org' } });
  expect(await contacts.contactOf('111122223333')).toBe('a@example.org');
  expect(asked()).toEqual([{ AlternateContactType: 'SECURITY' }]);
});

test('an account without such a contact has none, which is nothing to report', async () => {
  mock.on(GetAlternateContactCommand).rejects(serviceError('ResourceNotFoundException', 404));
  expect(await contacts.contactOf('444455556666')).toBeUndefined();
  expect(await contacts.contactOf('444455556666')).toBeUndefined();
  expect(asked()).toHaveLength(1);
  expect(refused).toEqual([]);
});

test('accounts whose contact may not be read have none, which is said once', async () => {
  mock.on(GetAlternateContactCommand).rejects(serviceError('AccessDeniedException', 403));
  expect(await contacts.contactOf('444455556666')).toBeUndefined();
  expect(await contacts.contactOf('777788889999')).toBeUndefined();
  expect(refused.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^cannot read the security contact of account 444455556666: AccessDeniedException/),
  ]);
});

test('that nobody answers for now is passed on and not remembered', async () => {
  mock
    .on(GetAlternateContactCommand)
    .rejectsOnce(serviceError('TooManyRequestsException', 429))
    .resolves({ AlternateContact: { EmailAddress: 'a@example.org' } });
  expect(await rejection(contacts.contactOf('444455556666'))).toMatchObject({ decision: 'retry' });
  expect(await contacts.contactOf('444455556666')).toBe('a@example.org');
});
