import type { CatalogueService } from '../core/catalogue/catalogue.ts';
import { matchingActions } from '../core/catalogue/lookup.ts';
import type { Universe } from '../core/catalogue/universe.ts';
import type { JsonValue } from '../core/model/json.ts';
import { parsePolicy, type Statement } from '../core/model/policy.ts';
import { matchesPattern } from '../core/pattern/matches.ts';
import type { ProposedPolicy, RefineProposal } from '../core/proposal/schema.ts';

/** What the principal's own policies grant of one service, before and after. */
export interface ServiceAccess {
  readonly service: string;
  readonly before: number;
  readonly after: number;
  /** Names of the actions granted before and not after, without the service prefix, in the catalogue's order. */
  readonly removed: readonly string[];
}

/** Services of which something was granted: first those that vanish, then the largest reductions, then by name. */
export function accessByService(proposal: RefineProposal, universe: Universe): readonly ServiceAccess[] {
  const own = proposal.policies.filter((policy) => policy.disposition !== 'inherited');
  const before = granted(
    own.map((policy) => policy.before),
    universe,
  );
  const after = granted(own.flatMap(documentsAfter), universe);
  const rows: ServiceAccess[] = [];
  for (const [key, had] of before) {
    const service = universe.services.get(key);
    if (!service) continue;
    const has = after.get(key);
    const removed = service.actions.filter((_, i) => had[i] === 1 && has?.[i] !== 1);
    const total = sum(had);
    if (total > 0) rows.push({ service: service.name, before: total, after: has ? sum(has) : 0, removed });
  }
  return rows.sort(
    (a, b) =>
      Number(b.after === 0) - Number(a.after === 0) ||
      b.removed.length - a.removed.length ||
      (a.service < b.service ? -1 : 1),
  );
}

/** The documents that stand in a policy's place; the policy itself where nothing is proposed. */
export function documentsAfter(policy: ProposedPolicy): readonly JsonValue[] {
  return isUntouched(policy) ? [policy.before] : policy.after.map(({ document }) => document);
}

export function isUntouched(policy: ProposedPolicy): boolean {
  const { disposition } = policy;
  return disposition === 'unchanged' || disposition === 'inherited' || disposition === 'refused';
}

/** Marks (1) of the actions that the Allow statements match, by case-folded service. Unreadable documents grant nothing. */
function granted(documents: readonly JsonValue[], universe: Universe): Map<string, Uint8Array> {
  const marks = new Map<string, Uint8Array>();
  for (const document of documents) {
    const policy = parsePolicy(document);
    if (!policy.ok) continue;
    for (const statement of policy.value.statements) {
      if (statement.effect === 'Allow') markStatement(statement, universe, marks);
    }
  }
  return marks;
}

function markStatement(statement: Statement, universe: Universe, marks: Map<string, Uint8Array>): void {
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

function marksOf(marks: Map<string, Uint8Array>, key: string, service: CatalogueService): Uint8Array {
  const known = marks.get(key);
  if (known) return known;
  const fresh = new Uint8Array(service.actions.length);
  marks.set(key, fresh);
  return fresh;
}

function sum(marks: Uint8Array): number {
  let total = 0;
  for (const mark of marks) total += mark;
  return total;
}
