import fc from 'fast-check';
import type { Question } from '../oracle/judge.ts';
import { lower } from '../oracle/matcher.ts';
import type { Entry, RawCatalogue } from '../oracle/world.ts';

/*
 * Small worlds in which the traps are common: names that are prefixes of each other as words or only as strings, names
 * that differ in case, names that JavaScript's objects know, services that only a finding or only a policy knows.
 */

const SERVICES = ['s3', 'ec2', 'iam', 'sts', 'constructor', 'execute-api'];
const WORDS = [
  'Get',
  'Gets',
  'List',
  'Describe',
  'Vpc',
  'Vpcs',
  'VPCs',
  'DB',
  'Instances',
  'Object',
  'Objects',
  'Acl',
  'CORS',
  'For',
  'Tagging',
  'Policy',
  'V2',
  '-part',
  'lower',
  'A',
  'Ab',
];
const NAMED = ['PassRole', 'PassRoles', 'constructor', '__proto__', 'toString', 'describedbinstances', 'Get'];

const actionName = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 4 }).map((w) => w.join('')),
  },
  { weight: 1, arbitrary: fc.constantFrom(...NAMED) },
);

const actionNames = fc.uniqueArray(actionName, { maxLength: 12, selector: lower });

export const rawCatalogue: fc.Arbitrary<RawCatalogue> = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...SERVICES), actionNames), {
    minLength: 1,
    maxLength: 3,
    selector: ([s]) => s,
  })
  .map((entries): RawCatalogue => entries);

/** The same text in another case. */
const recased = (text: string): fc.Arbitrary<string> =>
  fc.constantFrom(
    text,
    text,
    text,
    text.toLowerCase(),
    text.toUpperCase(),
    text.charAt(0) + text.slice(1).toLowerCase(),
  );

/** An action of the catalogue, or now and then one that it lacks. */
function knownAction(catalogue: RawCatalogue): fc.Arbitrary<readonly [string, string]> {
  const known = catalogue.flatMap(([service, actions]) =>
    actions.map((action): [string, string] => [service, action]),
  );
  const strange = fc.oneof(
    fc.tuple(fc.constantFrom(...SERVICES, 'nowhere'), actionName),
    fc.constant<[string, string]>(['iam', 'PassRole']),
  );
  return known.length === 0
    ? strange
    : fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: strange });
}

/** A pattern made from an action: the action, a prefix of it, a suffix, its middle, or the action with holes. */
export function actionPattern(catalogue: RawCatalogue): fc.Arbitrary<string> {
  return knownAction(catalogue).chain(([service, action]) =>
    fc
      .tuple(fc.nat(action.length), fc.nat(action.length), fc.nat(11))
      .map(([a, b, kind]) => {
        const [from, to] = a < b ? [a, b] : [b, a];
        const head = action.slice(0, from);
        if (kind < 3) return `${service}:${action}`;
        if (kind < 7) return `${service}:${head}*`;
        if (kind < 8) return `${service}:*${action.slice(from)}`;
        if (kind < 9) return `${service}:${head}*${action.slice(to)}`;
        if (kind < 10) return `${service}:*${action.slice(from, to)}*`;
        if (kind < 11) return `${service}:${head}?${action.slice(from + 1)}`;
        return a % 4 === 0 ? '*' : `${service}:*`;
      })
      .filter((pattern) => !pattern.endsWith(':'))
      .chain(recased),
  );
}

function statement(catalogue: RawCatalogue): fc.Arbitrary<Record<string, unknown>> {
  const list = fc.array(actionPattern(catalogue), { minLength: 1, maxLength: 5 });
  return fc
    .record({
      effect: fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny'),
      element: fc.constantFrom('Action', 'Action', 'Action', 'Action', 'NotAction'),
      list,
      asString: fc.boolean(),
      resource: fc.constantFrom<[string, unknown]>(
        ['Resource', '*'],
        ['Resource', ['arn:aws:s3:::*', 'arn:aws:s3:::${aws:username}/*']],
        ['NotResource', 'arn:aws:s3:::secret/*'],
      ),
      condition: fc.constantFrom(undefined, {
        StringEquals: { 'aws:ResourceTag/constructor': ['a', 'b'], 'aws:RequestTag/__proto__': 'c' },
      }),
      actionFirst: fc.boolean(),
    })
    .map(({ effect, element, list: patterns, asString, resource, condition, actionFirst }) => {
      const value = asString && patterns.length === 1 ? patterns[0] : patterns;
      const front: Record<string, unknown> = actionFirst
        ? { [element]: value, Effect: effect }
        : { Effect: effect };
      front[element] = value;
      front[resource[0]] = resource[1];
      if (condition !== undefined) front['Condition'] = condition;
      return front;
    });
}

export function policyDocument(catalogue: RawCatalogue): fc.Arbitrary<Record<string, unknown>> {
  return fc
    .record({
      version: fc.constantFrom(undefined, '2012-10-17', '2008-10-17'),
      id: fc.constantFrom(undefined, 'written by hand'),
      statements: fc.array(statement(catalogue), { minLength: 1, maxLength: 4 }),
      sids: fc.boolean(),
      asObject: fc.boolean(),
    })
    .map(({ version, id, statements, sids, asObject }) => {
      const numbered = sids
        ? statements.map((one, index) => ({ Sid: `S${String(index)}`, ...one }))
        : statements;
      return {
        ...(version === undefined ? {} : { Version: version }),
        Statement: asObject && numbered.length === 1 ? numbered[0] : numbered,
        ...(id === undefined ? {} : { Id: id }),
      };
    });
}

/** Entries for whole services and for single actions, bare or prefixed, in any case. */
export function finding(catalogue: RawCatalogue): fc.Arbitrary<readonly Entry[]> {
  const whole = fc
    .constantFrom(...catalogue.map(([service]) => service), 'nowhere', 'iam')
    .chain(recased)
    .chain((serviceNamespace) =>
      fc.constantFrom<Entry>(
        { serviceNamespace },
        { serviceNamespace, actions: [] },
        { serviceNamespace, actions: null },
      ),
    );
  const part = fc
    .tuple(fc.array(knownAction(catalogue), { minLength: 1, maxLength: 8 }), fc.boolean())
    .chain(([actions, prefixed]) =>
      fc
        .tuple(...actions.map(([service, action]) => recased(prefixed ? `${service}:${action}` : action)))
        .map((names): Entry => ({ serviceNamespace: actions[0]?.[0] ?? 's3', actions: names })),
    );
  return fc.array(fc.oneof({ weight: 1, arbitrary: whole }, { weight: 4, arbitrary: part }), {
    maxLength: 4,
  });
}

export const mode = fc.constantFrom('shortest', 'least', 'enumerate');

/** A whole question; the keep-list is empty more often than not. */
export const question: fc.Arbitrary<Question> = rawCatalogue.chain((catalogue) =>
  fc.record({
    document: policyDocument(catalogue),
    unused: finding(catalogue),
    catalogue: fc.constant(catalogue),
    keep: fc.oneof(
      { weight: 3, arbitrary: fc.constant<string[]>([]) },
      { weight: 1, arbitrary: fc.array(actionPattern(catalogue), { minLength: 1, maxLength: 2 }) },
    ),
    generalize: mode,
  }),
) as fc.Arbitrary<Question>;
