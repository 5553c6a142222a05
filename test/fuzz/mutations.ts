import { gzipSync } from 'node:zlib';
import type { Account, Chance, Json, JsonObject } from './world.ts';

/*
 * What real tools do to the files on the way: each mutation says what it makes of the truth. One that changes nothing in what
 * the files say must change nothing in what comes out, or be refused; one that loses a part may lose it from the result, if
 * that is said.
 */

/** The files of a run before they are written: values one after the other, or bytes. */
export interface Files {
  export: Json[];
  findings: Json[];
  reports: { [principal: string]: Json[] };
  /** How the files are written, from values to bytes; the last one is the outermost. */
  readonly forms: { export: Form[]; findings: Form[] };
  /** Findings in a file of JSON Lines, or in one that holds an array. */
  isArray: boolean;
  /** Principals of which the files tell another truth by now: a recheck may judge them otherwise. */
  readonly changed: Set<string>;
  /** Pages of the findings that are not in the files any more: nothing need be said of these principals. */
  readonly dropped: Set<string>;
}

export type Form = (text: string) => string | Buffer;

export type Mutation = readonly [name: string, apply: (files: Files, chance: Chance) => void];

export function filesOf(accounts: readonly Account[]): Files {
  const lists = ['UserDetailList', 'GroupDetailList', 'RoleDetailList', 'Policies'];
  const whole = Object.fromEntries(
    lists.map((list) => [list, accounts.flatMap((account) => account.export[list] ?? [])]),
  );
  const copy = structuredClone({
    whole,
    findings: accounts.flatMap(({ findings }) => findings),
    reports: accounts.map(({ id, reports }) => [id, reports] as const),
  });
  return {
    export: [copy.whole],
    findings: copy.findings,
    reports: Object.fromEntries(
      copy.reports.flatMap(([id, reports]) =>
        Object.entries(reports).map(([place, report]) => [
          accounts.length > 1 ? `${id}/${place}` : place,
          [report as Json],
        ]),
      ),
    ),
    forms: { export: [], findings: [] },
    isArray: false,
    changed: new Set(),
    dropped: new Set(),
  };
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Every object within a value, with the one that holds it last. */
function objectsIn(value: Json): JsonObject[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn);
  if (!isObject(value)) return [];
  return [value, ...Object.values(value).flatMap(objectsIn)];
}

/** The same value, each object and array made anew by `change`. */
function rebuilt(value: Json, change: (value: Json) => Json): Json {
  if (Array.isArray(value)) return change(value.map((item) => rebuilt(item, change)));
  if (!isObject(value)) return change(value);
  return change(Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rebuilt(item, change)])));
}

const LISTS = ['UserDetailList', 'GroupDetailList', 'RoleDetailList', 'Policies'];

/** The entries of an export's lists, wherever its pages stand. */
function listsIn(files: Files): (readonly [string, Json[]])[] {
  return objectsIn(files.export).flatMap((page) =>
    LISTS.flatMap((name) => {
      const list = page[name];
      return Array.isArray(list) ? [[name, list] as const] : [];
    }),
  );
}

function findingsIn(files: Files): JsonObject[] {
  return objectsIn(files.findings).filter((value) => typeof value['resource'] === 'string');
}

const WRONG: readonly Json[] = [7, true, 'System.Object[]', '@{a=1}', [], {}, [[]], null];

/** Documents of policies are the author's: a fault in one is judged there. */
function membersOf(value: JsonObject): string[] {
  return Object.keys(value).filter(
    (key) => key !== 'PolicyDocument' && key !== 'Document' && !key.startsWith('AssumeRole'),
  );
}

/** An object outside of documents. */
function anyObject(values: Json[], chance: Chance): JsonObject | undefined {
  const inside = (value: Json): JsonObject[] => {
    if (Array.isArray(value)) return value.flatMap(inside);
    if (!isObject(value)) return [];
    return [value, ...membersOf(value).flatMap((key) => inside(value[key] ?? null))];
  };
  const all = inside(values);
  return all.length === 0 ? undefined : chance.of(all);
}

const MORE: readonly ((page: JsonObject) => void)[] = [
  (page) => Object.assign(page, { IsTruncated: true, Marker: 'AAE' }),
  (page) => Object.assign(page, { IsTruncated: true }),
  (page) => Object.assign(page, { isTruncated: 'true' }),
  (page) => Object.assign(page, { Marker: 'AAE' }),
  (page) => Object.assign(page, { marker: 'AAE' }),
  (page) => Object.assign(page, { NextToken: 'eyJ' }),
  (page) => Object.assign(page, { nextToken: 'eyJ' }),
  (page) => Object.assign(page, { next_token: 'eyJ' }),
  (page) => Object.assign(page, { NextMarker: 'AAE' }),
  (page) => Object.assign(page, { HasMore: true }),
  (page) => Object.assign(page, { ResponseMetadata: { NextToken: 'eyJ' } }),
  (page) => Object.assign(page, { Pagination: { 'next-token': 'eyJ' } }),
];

const NO_MORE: readonly JsonObject[] = [
  { IsTruncated: false },
  { IsTruncated: false, Marker: '' },
  { Marker: null, NextToken: null },
  { nextToken: '' },
  { ResponseMetadata: { RequestId: 'x', HTTPStatusCode: 200, RetryAttempts: 0 } },
  { $metadata: { httpStatusCode: 200, attempts: 1 } },
  { IsTruncated: 'False' },
];

function reordered(value: Json, chance: Chance): Json {
  return rebuilt(value, (one) => {
    if (!isObject(one)) return one;
    return Object.fromEntries(chance.shuffled(Object.entries(one)));
  });
}

function isWhole(page: JsonObject): boolean {
  return LISTS.some((name) => Object.hasOwn(page, name)) && !MARKED.some((name) => Object.hasOwn(page, name));
}

/** The pages of an export that was cut into several. */
function pagesOf(whole: JsonObject, chance: Chance): JsonObject[] {
  const count = 2 + chance.below(2);
  const pages: JsonObject[] = Array.from({ length: count }, () => ({}));
  for (const name of Object.keys(whole)) {
    const list = whole[name];
    if (!Array.isArray(list)) continue;
    for (const page of pages) page[name] = [];
    for (const entry of list) {
      const page = chance.of(pages)[name];
      if (Array.isArray(page)) page.push(entry);
    }
  }
  pages.forEach((page, index) => {
    page['IsTruncated'] = index < count - 1;
    if (index < count - 1) page['Marker'] = `m${String(index)}`;
  });
  return pages;
}

const upperFirst = (key: string): string => key.charAt(0).toUpperCase() + key.slice(1);
const lowerFirst = (key: string): string => key.charAt(0).toLowerCase() + key.slice(1);
const snake = (key: string): string =>
  lowerFirst(key).replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function renamed(value: Json, rename: (key: string) => string): Json {
  return rebuilt(value, (one) => {
    if (!isObject(one)) return one;
    return Object.fromEntries(Object.entries(one).map(([key, item]) => [rename(key), item]));
  });
}

export const MUTATIONS: readonly Mutation[] = [
  [
    'reorder members',
    (files, chance) => {
      files.export = files.export.map((value) => reordered(value, chance));
      files.findings = files.findings.map((value) => reordered(value, chance));
    },
  ],
  [
    'reorder entries and pages',
    (files, chance) => {
      for (const [, list] of listsIn(files)) list.splice(0, list.length, ...chance.shuffled(list));
      files.findings = chance.shuffled(files.findings);
    },
  ],
  [
    'null for what is not there',
    (files) => {
      const absent = [
        'PermissionsBoundary',
        'Tags',
        'PolicyId',
        'NextToken',
        'Marker',
        'error',
        'nextToken',
        'RoleLastUsed',
      ];
      const nullify = (value: Json): void => {
        if (Array.isArray(value)) value.forEach(nullify);
        else if (isObject(value)) {
          for (const key of membersOf(value)) nullify(value[key] ?? null);
          for (const key of membersOf(value)) {
            const member = value[key];
            if (Array.isArray(member) && member.length === 0 && key !== 'findingDetails') value[key] = null;
          }
          for (const key of absent) value[key] ??= null;
        }
      };
      nullify(files.export);
      for (const page of findingsIn(files)) nullify(page);
    },
  ],
  [
    "null for IAM's own counts",
    (files) => {
      for (const [name, list] of listsIn(files)) {
        if (name !== 'Policies') continue;
        for (const policy of list) {
          if (isObject(policy))
            Object.assign(policy, { PermissionsBoundaryUsageCount: null, AttachmentCount: null });
        }
      }
    },
  ],
  [
    'a member of a wrong kind',
    (files, chance) => {
      const object = anyObject(chance.is(0.5) ? files.export : files.findings, chance);
      if (!object) return;
      const keys = membersOf(object);
      // Without actions an entry means the whole service, and no reader can know what was lost; an empty list is as good.
      const safe = keys.filter(
        (key) =>
          key !== 'actions' &&
          key !== 'AttachmentCount' &&
          key !== 'PermissionsBoundaryUsageCount' &&
          !MARKER.test(key),
      );
      if (safe.length === 0) return;
      const key = chance.of(safe);
      const wrong = chance.of(WRONG);
      if (!Array.isArray(object[key]) || !(wrong === null || Array.isArray(wrong))) object[key] = wrong;
    },
  ],
  [
    'a member that is missing',
    (files, chance) => {
      const object = anyObject(chance.is(0.5) ? files.export : files.findings, chance);
      // A list that is missing is an empty one: that is how some SDKs write those.
      const keys = object
        ? membersOf(object).filter((key) => !Array.isArray(object[key]) && !MARKER.test(key))
        : [];
      if (object && keys.length > 0) Reflect.deleteProperty(object, chance.of(keys));
    },
  ],
  [
    'an entry of a wrong kind',
    (files, chance) => {
      const [, list] = chance.of(listsIn(files).length > 0 ? listsIn(files) : [['', []] as const]);
      if (list.length > 0) list[chance.below(list.length)] = chance.of(WRONG);
    },
  ],
  [
    'an entry twice',
    (files, chance) => {
      const [, list] = chance.of(listsIn(files).length > 0 ? listsIn(files) : [['', []] as const]);
      if (list.length > 0) list.push(structuredClone(chance.of(list)));
    },
  ],
  [
    'an inline policy or an attachment twice',
    (files, chance) => {
      const arrays = listsIn(files).flatMap(([, list]) =>
        list.filter(isObject).flatMap((entry) => Object.values(entry).filter(Array.isArray)),
      );
      const full = arrays.filter(({ length }) => length > 0);
      if (full.length === 0) return;
      const list = chance.of(full);
      list.push(structuredClone(chance.of(list)));
    },
  ],
  [
    'a page of a finding twice',
    (files, chance) => {
      if (files.findings.length > 0) files.findings.push(structuredClone(chance.of(files.findings)));
    },
  ],
  [
    'all findings twice',
    (files) => {
      files.findings.push(...structuredClone(files.findings));
    },
  ],
  [
    'details in another order and twice',
    (files, chance) => {
      for (const page of findingsIn(files)) {
        const details = page['findingDetails'];
        if (Array.isArray(details))
          page['findingDetails'] = chance.shuffled([...details, ...structuredClone(details)]);
      }
    },
  ],
  [
    'findings that are lost',
    (files, chance) => {
      const kept: Json[] = [];
      for (const value of files.findings) {
        const page = isObject(value) ? value : undefined;
        if (chance.is(0.7) || typeof page?.['resource'] !== 'string') kept.push(value);
        else files.dropped.add(page['resource']);
      }
      // Of a finding with several pages all go, or one would not know.
      files.findings = kept.filter(
        (value) => !isObject(value) || !files.dropped.has(String(value['resource'])),
      );
    },
  ],
  [
    'the last page of a finding is lost',
    (files, chance) => {
      const pages = findingsIn(files).filter((page) => page['nextToken'] !== undefined);
      if (pages.length === 0) return;
      const { id } = chance.of(pages);
      files.findings = files.findings.filter(
        (value) => !isObject(value) || value['id'] !== id || value['nextToken'] !== undefined,
      );
    },
  ],
  [
    'a page that says that more is to come',
    (files, chance) => {
      const page = findingsIn(files);
      if (page.length > 0) chance.of(MORE)(chance.of(page));
    },
  ],
  [
    'an export that says that more is to come',
    (files, chance) => {
      const pages = objectsIn(files.export).filter((value) =>
        LISTS.some((name) => Object.hasOwn(value, name)),
      );
      if (pages.length > 0) chance.of(MORE)(chance.of(pages));
    },
  ],
  [
    'markers that say that this is all',
    (files, chance) => {
      for (const page of objectsIn(files.export)) {
        if (
          !LISTS.some((name) => Object.hasOwn(page, name)) ||
          MARKED.some((name) => Object.hasOwn(page, name))
        )
          continue;
        Object.assign(page, structuredClone(chance.of(NO_MORE)));
      }
      for (const page of findingsIn(files)) {
        if (!MARKED.some((name) => Object.hasOwn(page, name)))
          Object.assign(page, structuredClone(chance.of(NO_MORE)));
      }
    },
  ],
  [
    'an export in pages',
    (files, chance) => {
      files.export = files.export.flatMap((value) =>
        isObject(value) && isWhole(value) ? pagesOf(value, chance) : [value],
      );
    },
  ],
  [
    'an export in pages, the last of which is lost',
    (files, chance) => {
      const [whole] = files.export;
      if (!isObject(whole) || !isWhole(whole)) return;
      files.export = pagesOf(whole, chance).slice(0, -1);
    },
  ],
  [
    'pages slurped into an array',
    (files) => {
      files.export = [files.export];
      files.findings = [files.findings];
    },
  ],
  [
    'an envelope around everything',
    (files, chance) => {
      const name = chance.of(['data', 'Response', 'result', 'output', 'body']);
      if (chance.is(0.5)) files.export = files.export.map((value) => ({ [name]: value, StatusCode: 200 }));
      else files.findings = files.findings.map((value) => ({ [name]: value, StatusCode: 200 }));
    },
  ],
  [
    'whole findings in a list',
    (files) => {
      files.findings = [{ findings: files.findings }];
    },
  ],
  [
    'findings by their id',
    (files) => {
      if (!files.findings.every(isObject)) return;
      files.findings = [Object.fromEntries(files.findings.map((value, index) => [String(index), value]))];
    },
  ],
  [
    'an array of findings',
    (files) => {
      files.isArray = true;
    },
  ],
  [
    'other things among findings',
    (files, chance) => {
      const other: Json = chance.of<Json>([
        {
          version: '0',
          'detail-type': 'Unused Access Finding',
          source: 'aws.access-analyzer',
          detail: { id: 'x' },
        },
        { SchemaVersion: '2018-10-08', AwsAccountId: '1', ProductArn: 'arn' },
        { finding: { id: 'x' } },
        null,
        'throttled',
        {},
        [],
        42,
      ]);
      files.findings.splice(chance.below(files.findings.length + 1), 0, other);
    },
  ],
  [
    'a list of findings beside them',
    (files) => {
      const known = new Map(findingsIn(files).map((page) => [String(page['id']), page]));
      const summaries = [...known.values()].map((page) => {
        const copy = structuredClone(page);
        delete copy['findingDetails'];
        delete copy['nextToken'];
        return copy;
      });
      // A list of a part proves nothing of who is not in it.
      files.findings.unshift({ findings: summaries, nextToken: 'more' });
    },
  ],
  [
    'an older state of a finding',
    (files, chance) => {
      withState(files, chance, { updatedAt: '2026-11-10T08:00:00Z', analyzedAt: '2026-11-10T08:00:00Z' });
    },
  ],
  [
    'an older analysis of a finding',
    (files, chance) => {
      withState(files, chance, { analyzedAt: '2026-11-10T08:00:00Z' });
    },
  ],
  [
    'a newer state of a finding without its last page',
    (files, chance) => {
      const page = withState(files, chance, {
        updatedAt: '2026-11-25T08:00:00Z',
        analyzedAt: '2026-11-25T08:00:00Z',
      });
      if (!page) return;
      page['nextToken'] = 'more';
      files.changed.add(String(page['resource']));
    },
  ],
  [
    'a newer state of a finding that is resolved',
    (files, chance) => {
      const page = withState(files, chance, { updatedAt: '2026-11-25T08:00:00Z', status: 'RESOLVED' });
      if (page) files.changed.add(String(page['resource']));
    },
  ],
  [
    'a newer state of a finding in a list only',
    (files, chance) => {
      const page = withState(files, chance, {
        updatedAt: '2026-11-25T08:00:00Z',
        analyzedAt: '2026-11-25T08:00:00Z',
      });
      if (!page) return;
      files.findings = files.findings.filter((value) => value !== page);
      delete page['findingDetails'];
      files.findings.push({ findings: [page], nextToken: 'more' });
    },
  ],
  [
    'times spelt otherwise',
    (files, chance) => {
      for (const page of findingsIn(files)) {
        for (const member of ['updatedAt', 'analyzedAt']) {
          const time = page[member];
          if (typeof time !== 'string') continue;
          const moment = Date.parse(time);
          if (Number.isNaN(moment)) continue;
          page[member] = chance.of<Json>([
            time,
            moment / 1000,
            new Date(moment).toISOString(),
            `${new Date(moment + 3_600_000).toISOString().slice(0, 19)}+01:00`,
          ]);
        }
      }
    },
  ],
  [
    'documents as the API returns them',
    (files) => {
      for (const value of objectsIn(files.export)) {
        for (const member of ['PolicyDocument', 'Document']) {
          const document = value[member];
          if (isObject(document)) value[member] = encodeURIComponent(JSON.stringify(document));
        }
      }
    },
  ],
  [
    'documents as texts',
    (files) => {
      for (const value of objectsIn(files.export)) {
        for (const member of ['PolicyDocument', 'Document']) {
          const document = value[member];
          if (isObject(document)) value[member] = JSON.stringify(document, null, 1);
        }
      }
    },
  ],
  [
    'documents that are lost',
    (files, chance) => {
      const holders = objectsIn(files.export).filter(
        (value) => value['PolicyDocument'] !== undefined || value['Document'] !== undefined,
      );
      if (holders.length === 0) return;
      const holder = chance.of(holders);
      const member = holder['PolicyDocument'] === undefined ? 'Document' : 'PolicyDocument';
      if (chance.is(0.5)) Reflect.deleteProperty(holder, member);
      else holder[member] = chance.of<Json>([null, '', {}, '%7B', 'System.Object', [], { Statement: [] }]);
    },
  ],
  [
    'lists that a filter leaves out',
    (files, chance) => {
      const name = chance.of(LISTS);
      for (const page of objectsIn(files.export))
        if (Array.isArray(page[name])) Reflect.deleteProperty(page, name);
    },
  ],
  [
    'an entry that is lost',
    (files, chance) => {
      const lists = listsIn(files).filter(([, list]) => list.length > 0);
      if (lists.length === 0) return;
      const [name, list] = chance.of(lists);
      const [gone] = list.splice(chance.below(list.length), 1);
      // A whole export proves that somebody is gone.
      if (isObject(gone)) files.changed.add(String(gone['Arn']));
      if (name === 'GroupDetailList' || name === 'Policies') files.changed.add('*');
    },
  ],
  [
    'names of members in another case',
    (files, chance) => {
      const rename = chance.of([upperFirst, lowerFirst, snake]);
      if (chance.is(0.5)) files.export = files.export.map((value) => renamed(value, rename));
      else files.findings = files.findings.map((value) => renamed(value, rename));
    },
  ],
  [
    'names of members in another case within one entry',
    (files, chance) => {
      const rename = chance.of([upperFirst, lowerFirst, snake]);
      const lists = listsIn(files).filter(([, list]) => list.length > 0);
      if (chance.is(0.5) && lists.length > 0) {
        const [, list] = chance.of(lists);
        const at = chance.below(list.length);
        list[at] = renamed(list[at] ?? null, rename);
      } else if (files.findings.length > 0) {
        const at = chance.below(files.findings.length);
        files.findings[at] = renamed(files.findings[at] ?? null, rename);
      }
    },
  ],
  [
    'reports of last use that say less',
    (files, chance) => {
      for (const place of Object.keys(files.reports)) {
        const [report] = files.reports[place] ?? [];
        if (!isObject(report)) continue;
        const services = report['ServicesLastAccessed'];
        const change = chance.below(9);
        if (change === 0) report['JobStatus'] = 'IN_PROGRESS';
        else if (change === 1) chance.of(MORE)(report);
        else if (change === 2) report['ServicesLastAccessed'] = null;
        else if (change === 3) files.reports[place] = [[report]];
        else if (change === 4) files.reports[place] = ['throttled'];
        else if (change === 5) report['JobType'] = 'SERVICE_LEVEL';
        else if (Array.isArray(services)) {
          const one = services[chance.below(services.length)];
          if (!isObject(one)) continue;
          if (change === 6) one['LastAuthenticated'] = 'yesterday';
          else if (change === 7) delete one['ServiceNamespace'];
          else one['TrackedActionsLastAccessed'] = 'System.Object[]';
        }
      }
    },
  ],
  ...forms(),
];

const MARKER = /marker|token|truncated|hasmore/i;
const MARKED = [
  'IsTruncated',
  'Marker',
  'NextToken',
  'nextToken',
  'isTruncated',
  'marker',
  'next_token',
  'NextMarker',
  'HasMore',
  'ResponseMetadata',
  'Pagination',
  '$metadata',
];

/** A second state of one of the findings, which reports other things unused; it is added as one page. */
function withState(files: Files, chance: Chance, members: JsonObject): JsonObject | undefined {
  const pages = files.findings.filter(isObject).filter((page) => Array.isArray(page['findingDetails']));
  if (pages.length === 0) return undefined;
  const state = structuredClone(chance.of(pages));
  delete state['nextToken'];
  state['findingDetails'] = ['s3', 'sqs', 'ec2'].map((serviceNamespace) => ({
    unusedPermissionDetails: { serviceNamespace },
  }));
  Object.assign(state, members);
  files.findings.splice(chance.below(files.findings.length + 1), 0, state);
  return state;
}

/** What editors, shells and transports do to texts. */
function forms(): readonly Mutation[] {
  const all: readonly (readonly [string, (chance: Chance) => Form])[] = [
    ['a byte order mark', () => (text) => `\uFEFF${text}`],
    ['lines that end with CR LF', () => (text) => text.replaceAll('\n', '\r\n')],
    [
      'escapes for all but ASCII',
      () => (text) => text.replaceAll('a', '\\u0061').replaceAll('\\\\u0061', '\\\\\\u0061'),
    ],
    ['UTF-16', () => (text) => Buffer.from(`\uFEFF${text}`, 'utf16le')],
    ['UTF-16 without a mark', () => (text) => Buffer.from(text, 'utf16le')],
    ['gzip', () => (text) => gzipSync(text)],
    [
      'an end that is cut off',
      (chance) => {
        const share = chance.below(1000) / 1000;
        return (text) => text.slice(0, Math.floor(text.length * share));
      },
    ],
    [
      'something after it',
      (chance) => {
        const rest = chance.of(['\nDone.', ',', '}', '\n\n', '\u0000', '\nAn error occurred (Throttling)']);
        return (text) => text + rest;
      },
    ],
    [
      'something before it',
      (chance) => {
        const start = chance.of(['+ aws iam get\n', '\n\n', ',', '[', '// account\n']);
        return (text) => start + text;
      },
    ],
    [
      'a key twice',
      (chance) => {
        const key = chance.of([
          '"RoleName"',
          '"Arn"',
          '"id"',
          '"status"',
          '"serviceNamespace"',
          '"PolicyName"',
          '"Action"',
        ]);
        return (text) => text.replace(`${key}:`, `${key}:"other",${key}:`);
      },
    ],
    ['single quotes', () => (text) => text.replaceAll('"', "'")],
    ['the file after itself', () => (text) => `${text}\n${text}`],
  ];
  return all.map(([name, make]) => [
    name,
    (files, chance) => {
      files.forms[chance.is(0.5) ? 'export' : 'findings'].push(make(chance));
    },
  ]);
}
