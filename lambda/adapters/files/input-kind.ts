import { isJsonArray, isJsonObject, type JsonValue } from '../../core/model/json.ts';

type Test = (has: (...names: readonly string[]) => boolean) => boolean;

/** What users give by mistake. The first that matches counts. */
const KINDS: readonly (readonly [kind: string, test: Test])[] = [
  ['an EventBridge event', (has) => has('detail-type') || has('detail', 'source')],
  [
    'the detail of an EventBridge event',
    (has) => has('numberOfUnusedServices') || has('findingDetailsCount') || has('isDeleted'),
  ],
  [
    'an export of Security Hub',
    (has) => has('Findings') || has('ProductArn') || has('SchemaVersion', 'AwsAccountId'),
  ],
  ['what get-finding prints, which is about external access', (has) => has('finding')],
  ['a list of findings, which lacks their details', (has) => has('findings')],
  [
    "an account's export (get-account-authorization-details)",
    (has) => has('RoleDetailList') || has('UserDetailList') || has('GroupDetailList'),
  ],
  ['a report on last use', (has) => has('JobStatus')],
  ['a policy document', (has) => has('Statement')],
  ['a stored proposal', (has) => has('proposalId', 'schemaVersion')],
  ['a list of analyzers', (has) => has('analyzers')],
  ['a finding (get-finding-v2)', (has) => has('findingDetails')],
  [
    'the summary of a finding, which lacks its details (findingDetails)',
    (has) => has('findingType', 'resource'),
  ],
  ['a role, a user or a group', (has) => has('RoleName') || has('UserName') || has('GroupName')],
];

/** The kind of a JSON value, for a message about what was expected; undefined if unknown. */
export function kindOfInput(value: JsonValue): string | undefined {
  if (isJsonArray(value)) {
    const [first] = value;
    const kind = first !== undefined && !isJsonArray(first) ? kindOfInput(first) : undefined;
    return kind === undefined ? undefined : `an array, its first element ${kind}`;
  }
  if (!isJsonObject(value)) return undefined;
  return KINDS.find(([, test]) =>
    test((...names) => names.every((name) => (value[name] ?? null) !== null)),
  )?.[0];
}
