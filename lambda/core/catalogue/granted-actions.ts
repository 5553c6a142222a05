import type { JsonValue } from '../model/json.ts';
import { parsePolicy, type Statement } from '../model/policy.ts';
import { covers } from '../pattern/covers.ts';
import { matchesPattern } from '../pattern/matches.ts';
import { type CatalogueService, matchingActions } from './catalogue.ts';
import type { Universe } from './universe.ts';

/** 1 at the positions of granted actions in the universe, by case-folded service. */
export type GrantedMarks = Map<string, Uint8Array>;

/** The actions of the universe that the Allow statements match. Unreadable documents grant nothing. */
export function grantedActions(documents: readonly JsonValue[], universe: Universe): GrantedMarks {
  const marks: GrantedMarks = new Map();
  for (const statement of allowStatements(documents)) markStatement(statement, universe, marks);
  return marks;
}

/** The Allow statements of documents. Those of unreadable documents are left out. */
export function allowStatements(documents: readonly JsonValue[]): readonly Statement[] {
  return documents.flatMap((document) => {
    const policy = parsePolicy(document);
    return policy.ok ? policy.value.statements.filter(({ effect }) => effect === 'Allow') : [];
  });
}

/** Whether an Allow statement grants anything of the service (case-folded), known or not. */
export function grantsService({ element, patterns }: Statement, service: string): boolean {
  const own = patterns.filter((pattern) => pattern.kind === 'everything' || pattern.service === service);
  if (element === 'Action') return own.length > 0;
  return !own.some((pattern) => pattern.kind === 'everything' || covers(pattern.action, '*'));
}

function markStatement(statement: Statement, universe: Universe, marks: GrantedMarks): void {
  if (statement.element === 'NotAction') {
    for (const [key, service] of universe.services)
      markAllBut(statement, key, service, marksOf(marks, key, service));
    return;
  }
  for (const pattern of statement.patterns) {
    if (pattern.kind === 'everything') {
      for (const [key, service] of universe.services) marksOf(marks, key, service).fill(1);
      continue;
    }
    const service = universe.services.get(pattern.service);
    if (!service) continue;
    const mark = marksOf(marks, pattern.service, service);
    if (pattern.kind === 'wildcard') {
      for (const i of matchingActions(service, pattern.action)) mark[i] = 1;
    } else {
      const i = service.position.get(pattern.action);
      if (i !== undefined) mark[i] = 1;
    }
  }
}

function markAllBut(statement: Statement, key: string, service: CatalogueService, mark: Uint8Array): void {
  const excluded = statement.patterns.filter((p) => p.kind === 'everything' || p.service === key);
  for (const [i, name] of service.folded.entries()) {
    if (!excluded.some((p) => p.kind === 'everything' || matchesPattern(p.action, name))) mark[i] = 1;
  }
}

function marksOf(marks: GrantedMarks, key: string, service: CatalogueService): Uint8Array {
  const known = marks.get(key);
  if (known) return known;
  const fresh = new Uint8Array(service.actions.length);
  marks.set(key, fresh);
  return fresh;
}
