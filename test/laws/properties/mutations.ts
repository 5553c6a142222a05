import { lower, quickMatch } from '../oracle/matcher.ts';
import { member, strings, withMember, type Plain, type PlainObject } from '../oracle/json.ts';
import type { World } from '../oracle/world.ts';

/*
 * Ways to be wrong. Each takes a correct answer and spoils one thing, or returns undefined where it has nothing to spoil.
 * Whether the result is really wrong is not decided here: the reference evaluator decides.
 */

/** A document as statements with the places they came from. */
export interface Claim {
  readonly frame: PlainObject;
  readonly statements: readonly PlainObject[];
  readonly origins: readonly number[];
}

export interface Scene {
  /** The statements before. */
  readonly before: readonly PlainObject[];
  readonly world: World;
  /** A number in [0, 1), the next at each call. */
  readonly random: () => number;
}

export type Mutation = (claim: Claim, scene: Scene) => Claim | undefined;

function pick<T>(items: readonly T[], { random }: Scene): T | undefined {
  return items[Math.floor(random() * items.length)];
}

/** Spoils one statement among those that `fits` names. */
function statement(
  fits: (one: PlainObject) => boolean,
  spoil: (one: PlainObject, scene: Scene, old: PlainObject) => PlainObject | undefined,
): Mutation {
  return (claim, scene) => {
    const at = pick(
      [...claim.statements.keys()].filter((index) => fits(claim.statements[index] ?? {})),
      scene,
    );
    const one = claim.statements[at ?? -1];
    const old = scene.before[claim.origins[at ?? -1] ?? -1];
    const spoilt = one && old ? spoil(one, scene, old) : undefined;
    return (
      spoilt && { ...claim, statements: claim.statements.map((s, index) => (index === at ? spoilt : s)) }
    );
  };
}

const isAllow = (one: PlainObject): boolean => member(one, 'Effect') === 'Allow';
const hasActions = (one: PlainObject): boolean => isAllow(one) && member(one, 'Action') !== undefined;
const hasExceptions = (one: PlainObject): boolean => isAllow(one) && member(one, 'NotAction') !== undefined;
const isDeny = (one: PlainObject): boolean => member(one, 'Effect') === 'Deny';
const has = (key: string) => (one: PlainObject) => member(one, key) !== undefined;

/** Spoils the list of actions of an Allow statement. */
function actions(
  spoil: (list: readonly string[], scene: Scene, old: readonly string[]) => readonly string[] | undefined,
): Mutation {
  return statement(hasActions, (one, scene, old) => {
    const list = spoil(strings(member(one, 'Action')), scene, strings(member(old, 'Action')));
    return list && withMember(one, 'Action', [...list]);
  });
}

/** Replaces one entry of the list. */
function entry(
  fits: (text: string, old: readonly string[]) => boolean,
  spoil: (text: string, scene: Scene) => string | undefined,
): Mutation {
  return actions((list, scene, old) => {
    const chosen = pick(
      list.filter((text) => fits(text, old)),
      scene,
    );
    const spoilt = chosen === undefined ? undefined : spoil(chosen, scene);
    return spoilt === undefined ? undefined : list.map((text) => (text === chosen ? spoilt : text));
  });
}

function frame(key: string, value: (old: Plain | undefined) => Plain | undefined): Mutation {
  return (claim) => ({ ...claim, frame: withMember(claim.frame, key, value(member(claim.frame, key))) });
}

const isWild = (text: string): boolean => /[*?]/.test(text);
const isLiteral = (text: string): boolean => !isWild(text);
const serviceOf = (text: string): string => text.slice(0, text.indexOf(':') + 1);

function unusedNames({ world }: Scene): string[] {
  return [...world.services].flatMap(([key, { actions: all }]) =>
    all.filter(({ removed }) => removed).map(({ name }) => `${key}:${name}`),
  );
}

/** Known actions of a service that stay, with it. */
function keptNames(service: string, { world }: Scene): string[] {
  const all = world.services.get(service)?.actions ?? [];
  return all.filter(({ removed }) => !removed).map(({ name }) => `${service}:${name}`);
}

const keyOf = (text: string): string => lower(text.slice(0, text.indexOf(':')));

/** A statement that nobody wrote, behind the others, with an origin that is none. */
function smuggle(origin: number): Mutation {
  return (claim) => ({
    ...claim,
    statements: [...claim.statements, { Effect: 'Allow', Action: '*', Resource: '*' }],
    origins: [...claim.origins, origin],
  });
}

export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'replace a wildcard by the actions that are known under it': actions((list, scene) => {
    const wild = pick(
      list.filter((text) => isWild(text) && text.includes(':')),
      scene,
    );
    if (wild === undefined) return undefined;
    const pattern = lower(wild.slice(wild.indexOf(':') + 1));
    const names = keptNames(keyOf(wild), scene).filter((name) =>
      quickMatch(pattern, lower(name.slice(name.indexOf(':') + 1))),
    );
    return names.length === 0 ? undefined : list.flatMap((text) => (text === wild ? names : [text]));
  }),
  'replace a whole service by the actions that are known of it': actions((list, scene) => {
    const whole = pick(
      list.filter((text) => text.endsWith(':*') && keptNames(keyOf(text), scene).length > 0),
      scene,
    );
    return whole === undefined
      ? undefined
      : list.flatMap((text) => (text === whole ? keptNames(keyOf(text), scene) : [text]));
  }),
  'leave out a service of which no action is known': actions((list, scene) => {
    const { services } = scene.world;
    const unknown = list.filter((text) => text.endsWith(':*') && !services.get(keyOf(text))?.actions.length);
    const lost = pick(unknown, scene);
    return lost === undefined || list.length < 2 ? undefined : list.filter((text) => text !== lost);
  }),
  'list only the known actions of a wholly unused service in NotAction': statement(
    hasExceptions,
    (one, { world }) => {
      const list = strings(member(one, 'NotAction'));
      const whole = list.find(
        (text) => text.endsWith(':*') && world.services.get(keyOf(text))?.actions.length,
      );
      const names = world.services.get(keyOf(whole ?? ''))?.actions ?? [];
      return whole === undefined
        ? undefined
        : withMember(
            one,
            'NotAction',
            list.flatMap((text) =>
              text === whole ? names.map(({ name }) => `${keyOf(whole)}:${name}`) : [text],
            ),
          );
    },
  ),
  'list a whole service in NotAction of which all known actions are listed': statement(
    hasExceptions,
    (one, { world }) => {
      const list = strings(member(one, 'NotAction'));
      const listed = new Set(list.map(lower));
      const full = [...world.services].find(
        ([key, { actions: all }]) =>
          all.length > 0 &&
          !world.whollyUnused.has(key) &&
          all.every(({ folded }) => listed.has(`${key}:${folded}`)),
      );
      return full && withMember(one, 'NotAction', [...list, `${full[0]}:*`]);
    },
  ),
  'drop an Allow with NotAction': (claim) => {
    const lost = claim.statements.findIndex(hasExceptions);
    return lost < 0 || claim.statements.length < 2
      ? undefined
      : {
          ...claim,
          statements: claim.statements.filter((_, index) => index !== lost),
          origins: claim.origins.filter((_, index) => index !== lost),
        };
  },
  'write an action with a space': actions((list) => [...list, 's3:Get Object']),
  'write an action with two colons': actions((list) => [...list, 's3:object:Get']),
  'write an action outside ASCII': actions((list) => [...list, 's3:GetObje\u212at']),
  'write a wildcard in the service': actions((list) => [...list, 's?:GetObject']),
  'write an action without a name': actions((list) => [...list, 's3:']),
  'write an action without a service': actions((list) => [...list, 'GetObject']),
  'say again what a wildcard says': actions((list, scene) => {
    const wild = list.find((text) => isWild(text) && keptNames(keyOf(text), scene).length > 0);
    if (wild === undefined) return undefined;
    const pattern = lower(wild.slice(wild.indexOf(':') + 1));
    const said = keptNames(keyOf(wild), scene).find((name) =>
      quickMatch(pattern, lower(name.slice(name.indexOf(':') + 1))),
    );
    return said === undefined || list.includes(said) ? undefined : [...list, said];
  }),
  'say a new pattern twice': actions((list, _scene, old) => {
    const made = list.find((text) => !old.includes(text));
    return made === undefined ? undefined : [...list, made];
  }),
  'smuggle a statement in whose origin is not a number': smuggle(Number.NaN),
  'smuggle a statement in whose origin is between two places': smuggle(0.5),
  'smuggle a statement in whose origin is behind all': smuggle(Number.POSITIVE_INFINITY),
  'drop one action': actions((list, scene) => {
    const lost = Math.floor(scene.random() * list.length);
    return list.length > 1 ? list.filter((_, index) => index !== lost) : undefined;
  }),
  'add an unused action': actions((list, scene) => {
    const name = pick(unusedNames(scene), scene);
    return name === undefined ? undefined : [...list, name];
  }),
  'add an action that was never granted': actions((list) => [...list, 'nowhere:InventedAction']),
  'widen a literal to a prefix': entry(isLiteral, (text) => `${text.slice(0, -1)}*`),
  'widen a prefix by a letter': entry(
    (text) => /:[^*?]+\*$/.test(text),
    (text) => `${text.slice(0, -2)}*`,
  ),
  'widen one pattern to its whole service': entry(
    (text) => text.includes(':'),
    (text) => `${serviceOf(text)}*`,
  ),
  'widen a suffix pattern': entry(
    (text) => /\*[^*?]+$/.test(text),
    (text) => `${text}*`,
  ),
  'turn a star in the middle into a question mark': entry(
    (text) => text.includes('*'),
    (text) => text.replace('*', '?'),
  ),
  'turn the list into everything': actions(() => ['*']),
  'put the old patterns back': statement(hasActions, (one, _scene, old) =>
    withMember(one, 'Action', member(old, 'Action')),
  ),
  'narrow a surviving wildcard': entry(
    (text, old) => old.includes(text) && isWild(text) && text.includes(':'),
    (text) => text.replace('*', 'Q*').replace('?', 'Q'),
  ),
  'misspell a literal': entry(isLiteral, (text) => `${text}Q`),
  'move an action to another service': entry(
    isLiteral,
    (text) => `other:${text.slice(text.indexOf(':') + 1)}`,
  ),
  'change the case of a survivor': entry(
    (text, old) => old.includes(text),
    (text) => (text === text.toUpperCase() ? lower(text) : text.toUpperCase()),
  ),
  'reorder the survivors': actions((list) => (list.length > 1 ? [...list].reverse() : undefined)),
  'empty the list': actions(() => []),
  'turn Action into NotAction': statement(hasActions, (one) => {
    const list = member(one, 'Action');
    return list === undefined
      ? undefined
      : withMember(withMember(one, 'Action', undefined), 'NotAction', list);
  }),
  'shorten NotAction': statement(hasExceptions, (one, scene) => {
    const list = strings(member(one, 'NotAction'));
    const lost = Math.floor(scene.random() * list.length);
    return list.length > 1
      ? withMember(
          one,
          'NotAction',
          list.filter((_, index) => index !== lost),
        )
      : undefined;
  }),
  'list more in NotAction than is unused': statement(hasExceptions, (one, { world }) => {
    const kept = [...world.services].flatMap(([key, { actions: all }]) =>
      all.filter(({ removed }) => !removed).map(({ name }) => `${key}:${name}`),
    );
    return kept[0] === undefined
      ? undefined
      : withMember(one, 'NotAction', [...strings(member(one, 'NotAction')), kept[0]]);
  }),
  'list an unknown service in NotAction': statement(hasExceptions, (one) =>
    withMember(one, 'NotAction', [...strings(member(one, 'NotAction')), 'unheardof:*']),
  ),
  'turn Allow into Deny': statement(isAllow, (one) => withMember(one, 'Effect', 'Deny')),
  'turn Deny into Allow': statement(isDeny, (one) => withMember(one, 'Effect', 'Allow')),
  'change the Resource': statement(has('Resource'), (one) =>
    withMember(one, 'Resource', 'arn:aws:s3:::elsewhere/*'),
  ),
  'turn NotResource into Resource': statement(has('NotResource'), (one) => {
    const value = member(one, 'NotResource');
    return value === undefined
      ? undefined
      : withMember(withMember(one, 'NotResource', undefined), 'Resource', value);
  }),
  'drop the Condition': statement(has('Condition'), (one) => withMember(one, 'Condition', undefined)),
  'change a condition value': statement(has('Condition'), (one) =>
    withMember(one, 'Condition', {
      StringEquals: { 'aws:ResourceTag/constructor': ['a'], 'aws:RequestTag/__proto__': 'c' },
    }),
  ),
  'add a Condition': statement(
    (one) => !has('Condition')(one),
    (one) => withMember(one, 'Condition', { Bool: { 'aws:SecureTransport': 'true' } }),
  ),
  'change the Sid': statement(has('Sid'), (one) => withMember(one, 'Sid', 'Renamed')),
  'drop the Sid': statement(has('Sid'), (one) => withMember(one, 'Sid', undefined)),
  'add a Principal': statement(
    () => true,
    (one) => withMember(one, 'Principal', '*'),
  ),
  'edit a Deny': statement(isDeny, (one) => {
    const key = has('Action')(one) ? 'Action' : 'NotAction';
    return withMember(one, key, [...strings(member(one, key)), 's3:Extra']);
  }),
  'drop a statement': (claim, scene) => {
    const lost = Math.floor(scene.random() * claim.statements.length);
    return claim.statements.length < 2
      ? undefined
      : {
          ...claim,
          statements: claim.statements.filter((_, index) => index !== lost),
          origins: claim.origins.filter((_, index) => index !== lost),
        };
  },
  'drop a Deny': (claim) => {
    const lost = claim.statements.findIndex(isDeny);
    return lost < 0 || claim.statements.length < 2
      ? undefined
      : {
          ...claim,
          statements: claim.statements.filter((_, index) => index !== lost),
          origins: claim.origins.filter((_, index) => index !== lost),
        };
  },
  'swap statements': (claim) => ({
    ...claim,
    statements: [...claim.statements].reverse(),
    origins: [...claim.origins].reverse(),
  }),
  'swap statements and hide it': (claim) => ({ ...claim, statements: [...claim.statements].reverse() }),
  'repeat a statement': (claim) => {
    const [first] = claim.statements;
    const [origin] = claim.origins;
    return first === undefined || origin === undefined
      ? undefined
      : { ...claim, statements: [first, ...claim.statements], origins: [origin, ...claim.origins] };
  },
  'change the Version': frame('Version', (old) => (old === '2012-10-17' ? '2008-10-17' : '2012-10-17')),
  'drop the Version': frame('Version', () => undefined),
  'change the Id': frame('Id', () => 'written by somebody else'),
  'add an unknown member': frame('Comment', () => 'hello'),
};
