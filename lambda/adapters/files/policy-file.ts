import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../core/model/json.ts';
import { readPolicyText } from '../../json/policy-text.ts';
import { readJson } from '../../json/read-json.ts';
import { InputError } from './input-error.ts';
import { kindOfInput } from './input-kind.ts';
import { nameOf, readText, type TextFile } from './read-text.ts';

/** A policy document in a file. */
export interface PolicyFile {
  readonly text: string;
  readonly document: JsonValue;
  /** Names of the members that lead to the document; empty if it is the whole file. */
  readonly path: readonly string[];
}

/**
 * The members that the AWS CLI prints around a document, for `get-policy-version`, `get-role-policy` and similar
 * commands.
 */
const ENVELOPES: readonly (readonly string[])[] = [
  ['PolicyVersion', 'Document'],
  ['PolicyDocument'],
  ['Document'],
  ['policyDocument'],
  ['Policy', 'PolicyDocument'],
  ['Policy', 'Document'],
  ['Policy'],
];

/**
 * Reads a policy document, or the AWS CLI's output that contains one.
 * @throws InputError that names the file, and says what it is if it is not a policy
 */
export function readPolicyFile(file: TextFile): PolicyFile {
  const text = readText(file);
  const json = readJson(text);
  if (!json.ok) throw new InputError(`${nameOf(file)}: ${json.problem}`);
  const { value } = json;
  if (!isJsonObject(value) || Object.hasOwn(value, 'Statement')) return { text, document: value, path: [] };
  for (const path of ENVELOPES) {
    const found = path.reduce<JsonValue | undefined>(
      (at, name) => (isJsonObject(at) ? at[name] : undefined),
      value,
    );
    const document = typeof found === 'string' ? fromText(found) : found;
    if (isJsonObject(document) && Object.hasOwn(document, 'Statement')) return { text, document, path };
  }
  throw new InputError(`${nameOf(file)}: ${problemOf(value)}`);
}

function fromText(text: string): JsonValue | undefined {
  const read = readPolicyText(text);
  return read.readable ? read.value : undefined;
}

function problemOf(value: JsonObject): string {
  const policy = value['Policy'];
  if (isJsonObject(policy) && Object.hasOwn(policy, 'DefaultVersionId')) {
    return 'what get-policy prints, which lacks the document; give what aws iam get-policy-version prints';
  }
  if (isJsonArray(value['PolicyNames']) || isJsonArray(value['AttachedPolicies'])) {
    return 'a list of policies, which lacks their documents; give what aws iam get-role-policy or get-policy-version prints';
  }
  const kind = kindOfInput(value);
  return kind === undefined ? 'the policy has no Statement' : `${kind}; expected a policy document`;
}
