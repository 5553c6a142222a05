import { S3Decisions, S3DecisionStore } from '../../../lambda/adapters/aws/s3/decisions.ts';
import type { Put } from '../../../lambda/adapters/aws/s3/objects.ts';
import type { Catalogue } from '../../../lambda/core/catalogue/catalogue.ts';
import { type Decision, levelsIn } from '../../../lambda/core/decision/decision.ts';
import type { Result } from '../../../lambda/core/pattern/result.ts';
import type { Proposal } from '../../../lambda/core/proposal/schema.ts';
import type { DecisionSource } from '../../../lambda/ports/decisions.ts';
import type { Finding, FindingReference } from '../../../lambda/ports/findings.ts';
import type { LastAccessAnswer } from '../../../lambda/ports/policies.ts';
import { isAboutPrincipal } from '../../../lambda/ports/proposals.ts';
import { recordDecision } from '../../../lambda/use-cases/decisions/record-decision.ts';
import {
  ACCOUNT,
  ANALYZER,
  CATALOGUES,
  findingOf,
  type FindingState,
  type Policies,
  REMOVED,
  resourceOf,
  SHARED_ARN,
  type Type,
  TYPES,
  VARIANTS,
} from './simulated-account.ts';
import { History, type Setting } from './simulated-setting.ts';

/** The shared policy, as IAM knows it: one that is made again under its ARN has another id, and begins at `v1`. */
interface SharedPolicy {
  readonly id: string;
  /** The documents of its versions; the last one is in force. */
  readonly versions: readonly Policies['shared'][];
}

/** Milliseconds for which a worker that has read decisions works by them. */
export const DECISIONS_AGE = 60_000;
const DAY = 24 * 60 * 60_000;
/** Milliseconds for which a new finding is not found by whoever asks the wrong host of Access Analyzer. */
const UNSETTLED = 40_000;

export interface WorldParts {
  readonly setting: Setting;
  /** Whether findings alone change, and each change is told by an event. */
  readonly isFaithful: boolean;
  /** Called with each event about a finding that is not lost. */
  readonly tell: (reference: FindingReference) => void;
}

/** What is so: findings, policies, the catalogue that is known, and what people decided. */
export class World {
  readonly #setting: Setting;
  readonly #isFaithful: boolean;
  readonly #tell: WorldParts['tell'];
  readonly policies = new History<Policies>({
    orders: 0,
    isMoved: false,
    shared: 0,
    holders: 2,
    isQuarantined: false,
  });
  readonly active: Readonly<Record<Type, History<FindingState>>> = {
    orders: new History<FindingState>(undefined),
    web: new History<FindingState>(undefined),
    idle: new History<FindingState>(undefined),
    password: new History<FindingState>(undefined),
    keys: new History<FindingState>(undefined),
  };
  readonly #findings = new Map<string, Finding>();
  /** By id of a new finding: until when it may not be found. */
  readonly #unsettled = new Map<string, number>();
  /** Active findings about a role that is no longer there. */
  readonly left = new History<readonly NonNullable<FindingState>[]>([]);
  shared: SharedPolicy = { id: 'policy-0', versions: [0] };
  /** By principal: when it used what its finding reports as unused, ISO 8601. */
  readonly used = new Map<string, string>();
  /** When the newer catalogue was stored. */
  grownAt: number | undefined;
  /** What was decided and not lost, and what of it holds. */
  recorded: readonly Decision[] = [];
  readonly inForce = new History<readonly Decision[]>([]);
  #days = 0;
  /** `decisions/<accountId>.json` in the bucket. */
  #decisions: { readonly text: string; readonly etag: string } | undefined;
  /** What the processes of one function keep: each reads decisions for itself. */
  readonly #readers: readonly DecisionSource[];

  constructor({ setting, isFaithful, tell }: WorldParts) {
    this.#setting = setting;
    this.#isFaithful = isFaithful;
    this.#tell = tell;
    this.#readers = [1, 2].map(() => this.#decisionSource());
  }

  get catalogue(): Catalogue {
    return this.grownAt === undefined ? CATALOGUES.older : CATALOGUES.newer;
  }

  /** The findings that are active, as they are listed. */
  listed(): readonly FindingReference[] {
    return [...this.#findings.values()].flatMap(({ id: findingId, status, resource }) =>
      status === 'ACTIVE' ? [{ analyzerArn: ANALYZER, findingId, accountId: ACCOUNT, resource }] : [],
    );
  }

  /** The finding as it is answered. One that a listing showed is there for whoever asks. */
  answerTo({ findingId, activeAt }: FindingReference): Finding | undefined {
    const { now } = this.#setting;
    const mayBeMissing = activeAt !== undefined && now < (this.#unsettled.get(findingId) ?? 0);
    return mayBeMissing && this.#setting.trouble(0.5) ? undefined : this.#findings.get(findingId);
  }

  change(): void {
    const { now: policies } = this.policies;
    const type = this.#setting.oneOf(TYPES) ?? 'keys';
    if (!this.#isFaithful && this.#setting.chance(0.35)) this.#changePolicies(policies);
    const now = this.active[type].now;
    if (now === undefined) this.begin(type);
    else if (this.#setting.chance(0.35)) this.#vary(type, now);
    else if (this.#setting.chance(0.4)) {
      // The analyzer is made again: mostly the same finding, under another id.
      this.#findings.delete(now.id);
      if (this.#isFaithful) this.#event(now, false);
      this.begin(type, this.#setting.chance(0.7) ? now.variant : undefined);
    } else this.#end(type, now);
  }

  #changePolicies(now: Policies): void {
    const which = this.#setting.below(5);
    const shift = (value: number, count: number): number =>
      (value + 1 + this.#setting.below(count - 1)) % count;
    const orders = ([0, 1, 2] as const)[shift(now.orders, 3)] ?? 0;
    const shared = now.shared === 0 ? 1 : 0;
    if (which === 1) this.endLeft();
    if (which === 2) {
      const { id, versions } = this.shared;
      this.shared = this.#setting.chance(0.5)
        ? { id, versions: [...versions, shared] }
        : { id: this.#setting.next('policy'), versions: [shared] };
    }
    this.policies.add(this.#setting.now, {
      orders: which === 0 ? orders : now.orders,
      isMoved: which === 1 ? !now.isMoved : now.isMoved,
      shared: which === 2 ? shared : now.shared,
      holders: which === 3 ? (now.holders === 1 ? 2 : 1) : now.holders,
      isQuarantined: which === 4 ? !now.isQuarantined : now.isQuarantined,
    });
    const active = this.active.orders.now;
    if (which !== 1 || !active) return;
    // A role that is made again has a finding of its own; that about the other one ends, sooner or later.
    if (this.#setting.chance(0.3)) this.#end('orders', active);
    else {
      this.left.add(this.#setting.now, [active]);
      this.active.orders.add(this.#setting.now, undefined);
      this.#event(active, true);
    }
    this.begin('orders');
  }

  endLeft(): void {
    for (const left of this.left.now) {
      this.#close(left.id);
      this.#event(left, false);
    }
    this.left.add(this.#setting.now, []);
  }

  endAll(): void {
    for (const type of TYPES) {
      const { now } = this.active[type];
      if (now) this.#end(type, now);
    }
  }

  begin(type: Type, variant = this.#setting.below(VARIANTS[type])): void {
    const id = this.#setting.next(type);
    if (this.#setting.chance(0.3))
      this.#unsettled.set(id, this.#setting.now + this.#setting.below(UNSETTLED));
    this.#set(type, { id, variant, resource: resourceOf(type, this.policies.now) });
  }

  #vary(type: Type, now: NonNullable<FindingState>): void {
    this.#set(type, { ...now, variant: this.#setting.below(VARIANTS[type]) });
  }

  #set(type: Type, state: NonNullable<FindingState>): void {
    const { id, variant, resource } = state;
    this.#findings.set(id, { ...findingOf(type, id, variant, this.policies.now), resource });
    this.active[type].add(this.#setting.now, state);
    this.#event(state, true);
  }

  #end(type: Type, state: NonNullable<FindingState>): void {
    this.#close(state.id);
    this.active[type].add(this.#setting.now, undefined);
    this.#event(state, false);
  }

  #close(id: string): void {
    const old = this.#findings.get(id);
    if (old && this.#setting.chance(0.5)) this.#findings.set(id, { ...old, status: 'RESOLVED' });
    else this.#findings.delete(id);
  }

  /** An event may be lost; the next sweep makes it good. */
  #event({ id: findingId, resource }: NonNullable<FindingState>, isActive: boolean): void {
    if (!this.#isFaithful && this.#setting.chance(0.25)) return;
    const activeAt = isActive ? this.#setting.moment() : undefined;
    this.#tell({ analyzerArn: ANALYZER, findingId, accountId: ACCOUNT, resource, activeAt });
  }

  /** One of two roles uses what its finding reports as unused. */
  use(): void {
    const type = this.#setting.oneOf(['orders', 'web'] as const) ?? 'web';
    this.used.set(resourceOf(type, this.policies.now), this.#setting.moment());
  }

  /** IAM's report of last use, as of now. */
  lastAccess(arn: string): LastAccessAnswer {
    const date = this.used.get(arn);
    const actions = new Map([[REMOVED.action.toLowerCase(), date]]);
    const lastAccess = new Map([[REMOVED.service, { ...(date && { lastUsed: date }), actions }]]);
    return { kind: 'known', lastAccess, completedAt: this.#setting.moment() };
  }

  /* What people decide. */

  /**
   * A day passes, decisions are lost, or somebody decides.
   * @param proposals about which that may be
   */
  decide(proposals: readonly Proposal[]): Decision | undefined {
    if (this.#setting.chance(0.2)) {
      this.#days += 1;
      this.#note();
      return undefined;
    }
    if (this.#setting.chance(0.05)) {
      this.#decisions = undefined;
      this.recorded = [];
      this.#note();
      return undefined;
    }
    return this.#someDecision(this.#setting.oneOf(proposals));
  }

  #someDecision(proposal: Proposal | undefined): Decision {
    const by = this.#setting.next('person');
    const until = this.#setting.chance(0.5) ? { until: this.#day(this.#setting.below(3)) } : {};
    const common = { reason: by, by, on: this.#day(0), ...until };
    if (!proposal || this.#setting.chance(0.5)) {
      const abouts = [
        ...[resourceOf('orders', this.policies.now), resourceOf('web', this.policies.now)],
        ...[SHARED_ARN, ACCOUNT],
      ];
      const about = this.#setting.oneOf(abouts) ?? ACCOUNT;
      const pattern = this.#setting.oneOf(['s3:PutObject', 's3:*', 'sqs:PurgeQueue']) ?? '';
      return { ...common, about, decision: 'keep', keep: [pattern] };
    }
    const { proposalId, kind, risk } = proposal;
    const about = isAboutPrincipal(proposal) ? proposal.principal.arn : proposal.subject.arn;
    const levels = risk ? levelsIn(risk.removed.levels) : [];
    const meant = { proposalId, kind, levels, highImpact: risk?.removed.highImpact ?? [] };
    if (this.#setting.chance(0.2)) return { ...common, about, decision: 'accept', proposal: meant };
    const unless = this.#setting.oneOf(['changed', 'riskier', undefined] as const);
    return { ...common, about, decision: 'reject', proposal: meant, ...(unless && { unless }) };
  }

  #day(ahead: number): string {
    return this.#setting.moment((this.#days + ahead) * DAY).slice(0, 10);
  }

  #note(): void {
    this.inForce.add(
      this.#setting.now,
      this.recorded.filter(({ until }) => until === undefined || until >= this.#day(0)),
    );
  }

  /** The bucket's object about decisions, with the conditional writes of S3. */
  #decisionObjects(wait: () => Promise<void>, written: () => void) {
    return {
      read: async <T>(_: string, parse: (text: string) => Result<T>) => {
        await wait();
        const there = this.#decisions;
        const parsed = there && parse(there.text);
        if (parsed?.ok === false) throw new RangeError(parsed.problem);
        return parsed && { value: parsed.value, etag: there?.etag ?? '', storedAt: undefined };
      },
      put: async (_: string, text: string, { onlyIf }: Put = {}) => {
        await wait();
        const holds = onlyIf === 'absent' ? !this.#decisions : this.#decisions?.etag === onlyIf?.etag;
        if (!holds) return undefined;
        const etag = this.#setting.next('etag');
        this.#decisions = { text, etag };
        written();
        await wait();
        return { etag };
      },
    };
  }

  #decisionSource(): DecisionSource {
    const now = (): string => this.#setting.moment(this.#days * DAY);
    const objects = this.#decisionObjects(
      () => Promise.resolve(),
      () => undefined,
    );
    return new S3Decisions(objects, { now, remainingMillis: () => 0 });
  }

  /** @param wait before it is read */
  decisions(wait: () => Promise<void>): DecisionSource {
    return {
      inForce: async (accountId) => {
        await wait();
        return this.#setting.oneOf(this.#readers)?.inForce(accountId) ?? [];
      },
    };
  }

  /** What was decided before stays, but for what it takes the place of. */
  async record(decision: Decision, wait: () => Promise<void>): Promise<void> {
    const objects = this.#decisionObjects(wait, () => {
      this.recorded = [...this.recorded.filter((one) => !isSameQuestion(one, decision)), decision];
      this.#note();
    });
    await recordDecision(new S3DecisionStore(objects, ACCOUNT), decision);
  }

  /** What the bucket holds of what was decided. */
  async kept(): Promise<readonly Decision[]> {
    const objects = this.#decisionObjects(
      () => Promise.resolve(),
      () => undefined,
    );
    return (await new S3DecisionStore(objects, ACCOUNT).read()).decisions;
  }
}

/** Whether a decision is the later word about the same. */
function isSameQuestion(a: Decision, b: Decision): boolean {
  if (a.about !== b.about) return false;
  if (a.decision === 'keep' || b.decision === 'keep') {
    return a.decision === 'keep' && b.decision === 'keep' && a.keep.join() === b.keep.join();
  }
  const isKey = a.proposal?.kind === 'remove-access-key';
  return (
    a.proposal?.kind === b.proposal?.kind && (!isKey || a.proposal?.proposalId === b.proposal?.proposalId)
  );
}
