import { isJsonObject, type JsonValue, asArray } from './json.ts';
import { byCodeUnit } from './order.ts';

/**
 * Who may assume a role according to its trust policy, in words for people: a sorted phrase for each kind of
 * principal. For display only. What is not understood is quoted as written.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export function readTrust(document: JsonValue): readonly string[] {
  const element = isJsonObject(document) ? document['Statement'] : undefined;
  const phrases = new Set<string>();
  for (const statement of asArray(element)) {
    if (!isJsonObject(statement) || statement['Effect'] !== 'Allow') continue;
    const condition = statement['Condition'];
    const limit = isJsonObject(condition) && Object.keys(condition).length > 0 ? ', under a condition' : '';
    for (const phrase of principalsOf(statement)) phrases.add(phrase + limit);
  }
  return [...phrases].sort(byCodeUnit);
}

function principalsOf(statement: Readonly<Record<string, JsonValue>>): readonly string[] {
  if (statement['NotPrincipal'] !== undefined) return ['everybody but those that the policy names'];
  const principal = statement['Principal'];
  if (principal === '*') return ['anybody, of any account'];
  if (!isJsonObject(principal)) return [];
  return Object.entries(principal).flatMap(([kind, value]) =>
    asArray(value).flatMap((who) => (typeof who === 'string' ? [phraseOf(kind, who)] : [])),
  );
}

function phraseOf(kind: string, who: string): string {
  if (kind === 'Service') return `the service ${who}`;
  if (kind === 'Federated') {
    const [, provider = who] = /:(?:saml|oidc)-provider\/(.+)$/.exec(who) ?? [];
    return `sign-ins through ${provider}`;
  }
  if (kind !== 'AWS') return `${kind} ${who}`;
  if (who === '*') return 'anybody, of any account';
  if (/^\d{12}$/.test(who)) return `account ${who}`;
  const [, account, rest] = /^arn:[^:]*:(?:iam|sts)::(\d{12}):(.+)$/.exec(who) ?? [];
  if (account === undefined || rest === undefined) return who;
  if (rest === 'root') return `account ${account}`;
  const [, type, name] = /^(role|user|assumed-role)\/(.+)$/.exec(rest) ?? [];
  if (type === undefined || name === undefined) return who;
  return `${type === 'user' ? 'user' : 'role'} ${name.slice(type === 'assumed-role' ? 0 : name.lastIndexOf('/') + 1)} of account ${account}`;
}
