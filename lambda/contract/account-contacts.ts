/**
 * The alternate contacts that an account may have, in the words of the option and in those of the API.
 * Source: https://docs.aws.amazon.com/accounts/latest/reference/API_GetAlternateContact.html
 */
export const ACCOUNT_CONTACTS = {
  security: 'SECURITY',
  operations: 'OPERATIONS',
  billing: 'BILLING',
} as const;

export type AccountContact = keyof typeof ACCOUNT_CONTACTS;
