import { proposalPrefix } from '../../../lambda/contract/object-keys.ts';
import { makeCatalogue } from '../../../lambda/core/catalogue/catalogue.ts';
import type { ProposalState } from '../../../lambda/core/lifecycle/proposal-state.ts';
import type { JsonValue } from '../../../lambda/core/model/json.ts';
import type { PrincipalRef } from '../../../lambda/core/model/principal.ts';
import type { PrincipalProposal } from '../../../lambda/core/proposal/schema.ts';
import { sha256 } from '../../../lambda/adapters/node.ts';
import type { Finding, FindingDetails, FindingReference } from '../../../lambda/ports/findings.ts';
import type { ProposalFacts } from '../../../lambda/ports/proposals.ts';
import { principalFacts } from '../../../lambda/stored/proposal.ts';
import { ProposalLifecycle } from '../../../lambda/use-cases/lifecycle/proposal-lifecycle.ts';
import { notifyProposals } from '../../../lambda/use-cases/notify/notify-proposals.ts';
import { proposeRefinement } from '../../../lambda/use-cases/propose/propose-refinement.ts';
import { newSweep, sweepFindings } from '../../../lambda/use-cases/sweep/sweep-findings.ts';
import { KeptSweeps } from '../kept-sweeps.ts';

/*
 * Workers, account jobs, notifiers and sweeps as steps that a seed interleaves, over a store with conditional writes,
 * listings and times, while findings come, change, end and come again, policies change, processes die between two
 * awaits, and messages come twice, late and out of order. At the end everything that is under way is done, one quiet
 * sweep follows, and then what is stored, shown and told has to be what is so.
 */

const ANALYZER = 'arn:analyzer';
const ACCOUNT = '111122223333';
const ROLE: PrincipalRef = ref('role', 'Orders');
const USER: PrincipalRef = ref('user', 'ana');
const CATALOGUE = makeCatalogue({ source: 't', version: '1', date: '2026-01-01' }, [
  ['s3', ['GetObject', 'PutObject', 'DeleteObject']],
]);
/** What the role's policy allows, by turns; the last leaves nothing to propose. */
const POLICIES = [['s3:GetObject', 's3:PutObject'], ['s3:GetObject', 's3:DeleteObject'], ['s3:GetObject']];
const KEYS = ['AKIAEXAMPLE1', 'AKIAEXAMPLE2'];

function ref(type: 'role' | 'user', name: string): PrincipalRef {
  return { arn: `arn:aws:iam::${ACCOUNT}:${type}/${name}`, type, name, path: '/', accountId: ACCOUNT };
}

function document(actions: readonly string[]): JsonValue {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: [...actions], Resource: '*' }] };
}

type Type = 'permissions' | 'password' | 'keys';
interface Running {
  isDead: boolean;
  readonly onDeath: () => void;
}
type Message =
  | { readonly kind: 'finding'; readonly reference: FindingReference }
  | { readonly kind: 'job'; readonly references: readonly FindingReference[]; readonly since: number }
  | { readonly kind: 'notice'; readonly key: string; readonly isNews: boolean }
  | { readonly kind: 'sweep'; readonly id: string };

/** Numbers below 1 that follow from a seed (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

class Simulation {
  readonly #random: () => number;
  readonly #waiting: { readonly process: Running; readonly go: () => void }[] = [];
  readonly #running = new Set<Running>();
  #messages: Message[] = [];
  #now = 1_000_000;
  #isQuiet = false;
  // The store.
  readonly #proposals = new Map<string, { readonly proposal: PrincipalProposal; readonly at: number }>();
  readonly #states = new Map<string, { readonly state: ProposalState; readonly at: number }>();
  readonly #records = new KeptSweeps();
  #rows: readonly ProposalFacts[] = [];
  #version = 0;
  readonly #told = new Set<string>();
  // What is so.
  readonly #findings = new Map<string, Finding>();
  readonly #active = new Map<Type, string>();
  #policy = 0;
  #serial = 0;

  constructor(seed: number) {
    this.#random = numbers(seed);
  }

  /** @returns what is wrong at the end */
  async run(): Promise<readonly string[]> {
    for (let turn = 0; turn < 30; turn += 1) {
      if (this.#chance(0.45)) this.#change();
      if (this.#chance(0.1)) this.#messages.push({ kind: 'sweep', id: this.#next('sweep') });
      for (let n = this.#below(3); n > 0; n -= 1) this.#deliver();
      for (let n = this.#below(25); n > 0; n -= 1) await this.#step();
    }
    this.#isQuiet = true;
    await this.#drain();
    this.#now += 60_000;
    this.#messages.push({ kind: 'sweep', id: this.#next('sweep') });
    await this.#drain();
    return this.#wrong();
  }

  #chance(share: number): boolean {
    return this.#random() < share;
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  #next(name: string): string {
    this.#serial += 1;
    return `${name}-${String(this.#serial)}`;
  }

  async #drain(): Promise<void> {
    for (let turn = 0; turn < 20_000; turn += 1) {
      await settled();
      if (this.#waiting.length > 0) await this.#step();
      else if (this.#running.size > 0) continue;
      else if (this.#messages.length > 0) this.#deliver();
      else return;
    }
    throw new Error('the simulation does not come to an end');
  }

  /** Lets one process go on, or die. */
  async #step(): Promise<void> {
    await settled();
    const [one] = this.#waiting.splice(this.#below(this.#waiting.length), 1);
    this.#now += this.#below(1_500);
    if (!one) return;
    if (!this.#isQuiet && this.#chance(0.03)) {
      one.process.isDead = true;
      this.#running.delete(one.process);
      one.process.onDeath();
      return;
    }
    one.go();
    await settled();
  }

  /** Every await of a process is one of these: others may go on first, or it ends here. */
  #pause(process: Running): Promise<void> {
    if (process.isDead) return new Promise(() => undefined);
    return new Promise((go) => this.#waiting.push({ process, go }));
  }

  #change(): void {
    const type = (['permissions', 'password', 'keys'] as const)[this.#below(3)] ?? 'keys';
    const id = this.#active.get(type);
    if (this.#chance(0.3)) this.#policy = this.#below(POLICIES.length);
    else if (id === undefined) this.#begin(type);
    else if (type === 'keys' && this.#chance(0.5)) this.#findings.set(id, this.#finding(id, type));
    else if (this.#chance(0.5)) {
      // The analyzer is made again: the same finding under another id.
      this.#findings.delete(id);
      this.#begin(type);
    } else {
      const old = this.#findings.get(id);
      if (old && this.#chance(0.5)) this.#findings.set(id, { ...old, status: 'RESOLVED' });
      else this.#findings.delete(id);
      this.#active.delete(type);
      this.#event(id, type);
    }
    const now = this.#active.get(type);
    if (now !== undefined) this.#event(now, type);
  }

  #begin(type: Type): void {
    const id = this.#next(type);
    this.#findings.set(id, this.#finding(id, type));
    this.#active.set(type, id);
  }

  #finding(id: string, type: Type): Finding {
    const some = 1 + this.#below(3);
    const details: FindingDetails =
      type === 'permissions'
        ? {
            type: 'UnusedPermission',
            entries: [
              { serviceNamespace: 's3', actions: [{ action: 'PutObject' }, { action: 'DeleteObject' }] },
            ],
          }
        : type === 'password'
          ? { type: 'UnusedIAMUserPassword', lastAccessed: undefined }
          : {
              type: 'UnusedIAMUserAccessKey',
              keys: KEYS.filter((_, place) => (some & (1 << place)) > 0).map((accessKeyId) => ({
                accessKeyId,
                lastAccessed: undefined,
              })),
            };
    const { arn: resource } = type === 'permissions' ? ROLE : USER;
    const facts = { id, analyzerArn: ANALYZER, resource, accountId: ACCOUNT, updatedAt: null };
    return { ...facts, findingType: details.type, status: 'ACTIVE', details };
  }

  /** An event may be lost; the next sweep makes it good. */
  #event(findingId: string, type: Type): void {
    if (this.#chance(0.25)) return;
    const { arn: resource } = type === 'permissions' ? ROLE : USER;
    const reference = { analyzerArn: ANALYZER, findingId, accountId: ACCOUNT, resource };
    this.#messages.push({ kind: 'finding', reference });
  }

  #deliver(): void {
    const [message] = this.#messages.splice(this.#below(this.#messages.length), 1);
    if (!message) return;
    if (!this.#isQuiet && this.#chance(0.1)) this.#messages.push(message);
    const again = (): void => {
      this.#messages.push(message);
    };
    const process: Running = { isDead: false, onDeath: again };
    this.#running.add(process);
    const work = this.#work(message, process);
    work.then(
      () => this.#running.delete(process),
      () => {
        this.#running.delete(process);
        again();
      },
    );
  }

  async #work(message: Message, process: Running): Promise<void> {
    await this.#pause(process);
    switch (message.kind) {
      case 'finding':
        return this.#refine(message.reference, process, undefined, undefined);
      case 'job': {
        const policy = this.#policy;
        for (const reference of message.references) {
          await this.#refine(reference, process, message.since, policy);
        }
        return;
      }
      case 'notice':
        return this.#notify(message, process);
      case 'sweep':
        return this.#sweep(message.id, process);
      default:
        return message satisfies never;
    }
  }

  async #refine(
    reference: FindingReference,
    process: Running,
    since: number | undefined,
    read: number | undefined,
  ): Promise<void> {
    const policies = (policy: () => number) => ({
      getPrincipal: async (principal: PrincipalRef) => {
        await this.#pause(process);
        const actions = POLICIES[policy()] ?? [];
        const value = document(actions);
        const grants = [{ source: 'role-inline', name: 'P', document: { readable: true, value } }] as const;
        const found = { ref: principal, tags: [], boundaryArn: undefined };
        return {
          kind: 'found',
          principal: { ...found, grants: principal.type === 'role' ? grants : [] },
        } as const;
      },
    });
    const live = policies(() => this.#policy);
    const lifecycle = new ProposalLifecycle({
      store: {
        put: async (draft, finish) => {
          const { proposal } = await finish();
          await this.#pause(process);
          const prefix = proposalPrefix(draft.principal, draft.proposalId);
          if (this.#proposals.has(prefix)) return { prefix, outcome: 'exists' };
          this.#proposals.set(prefix, { proposal, at: this.#seconds() });
          this.#messages.push({ kind: 'notice', key: `${prefix}proposal.json`, isNews: true });
          await this.#pause(process);
          return { prefix, outcome: 'stored' };
        },
      },
      repository: {
        list: async (below) => {
          await this.#pause(process);
          const proposals = [...this.#proposals].flatMap(([prefix, { proposal, at }]) => {
            const said = this.#states.get(prefix);
            const stateVersion = said && JSON.stringify(said.state);
            const one = { prefix, proposalId: proposal.proposalId, storedAt: at, stateAt: said?.at };
            return prefix.startsWith(below) ? [{ ...one, hasState: said !== undefined, stateVersion }] : [];
          });
          return { proposals, leftOver: [], withheld: [] };
        },
        noteReopened: async (prefix) => {
          await this.#pause(process);
          this.#records.again.add(prefix);
        },
        read: async (prefix) => {
          await this.#pause(process);
          return this.#proposals.get(prefix)?.proposal;
        },
        readState: async (prefix) => {
          await this.#pause(process);
          return this.#states.get(prefix)?.state;
        },
        findingOf: async (prefix) => {
          await this.#pause(process);
          return this.#proposals.get(prefix)?.proposal.finding.id;
        },
        mark: async (prefix, state, version) => {
          await this.#pause(process);
          const there = this.#states.get(prefix);
          if ((there && JSON.stringify(there.state)) !== version) return undefined;
          this.#states.set(prefix, { state, at: this.#seconds() });
          // The notice of a state may be lost; the next sweep makes it good.
          const isLost = !this.#isQuiet && this.#chance(0.1);
          if (!isLost) this.#messages.push({ kind: 'notice', key: `${prefix}proposal.json`, isNews: false });
          await this.#pause(process);
          return JSON.stringify(state);
        },
        readWithheld: () => Promise.resolve(undefined),
        withhold: () => Promise.resolve(),
      },
      policies: live,
      opinions: [],
      noted: () => undefined,
    });
    await lifecycle.refine(reference, since, (store, isLive) =>
      proposeRefinement(reference, {
        findings: {
          getFinding: async ({ findingId }) => {
            await this.#pause(process);
            const finding = this.#findings.get(findingId);
            return finding ? { kind: 'found', finding } : { kind: 'gone' };
          },
        },
        policies: isLive || read === undefined ? live : policies(() => read),
        store,
        reports: { write: () => [] },
        catalogue: CATALOGUE,
        settings: {
          generalize: 'enumerate',
          keep: [],
          exclude: { names: [], paths: [], tags: [] },
          ownerTag: undefined,
          managedPolicies: {},
        },
        digest: sha256,
        clock: CLOCK,
        runId: 'r',
        engineVersion: '1',
      }),
    );
  }

  async #notify({ key, isNews }: { readonly key: string; readonly isNews: boolean }, process: Running) {
    const told: string[] = [];
    const outcome = await notifyProposals([{ messageId: 'm', key, isNews }], {
      reader: {
        read: async (asked) => {
          await this.#pause(process);
          const prefix = asked.slice(0, -'proposal.json'.length);
          const stored = this.#proposals.get(prefix);
          const state = this.#states.get(prefix)?.state;
          return stored
            ? { kind: 'found', facts: principalFacts(stored.proposal, state, '') }
            : { kind: 'gone' };
        },
      },
      overview: {
        read: async () => {
          await this.#pause(process);
          return { rows: this.#rows, version: String(this.#version) };
        },
        write: async (rows, _, version) => {
          await this.#pause(process);
          if (version !== String(this.#version)) return false;
          this.#rows = rows;
          this.#version += 1;
          await this.#pause(process);
          return true;
        },
      },
      page: () => '',
      notifier: {
        publish: async ({ text }) => {
          await this.#pause(process);
          if (!this.#isQuiet && this.#chance(0.1)) throw new Error('SNS does not answer');
          for (const prefix of text.split(' ')) this.#told.add(prefix);
          told.push(text);
        },
      },
      compose: (all) => ({
        subject: '',
        text: all.map(({ prefix }) => prefix).join(' '),
        json: '',
        attributes: { accountIds: [], kinds: [], proposalCount: all.length },
      }),
      chat: undefined,
      clock: CLOCK,
    });
    if (outcome.failed.length > 0) throw new Error('comes again');
  }

  async #sweep(id: string, process: Running): Promise<void> {
    const asJob = this.#chance(0.5);
    const kept = new Map<string, number>();
    await sweepFindings(newSweep(ANALYZER, id), {
      findings: {
        listActive: async () => {
          await this.#pause(process);
          const references = [...this.#findings.values()].flatMap(({ id: findingId, status, resource }) =>
            status === 'ACTIVE' ? [{ analyzerArn: ANALYZER, findingId, accountId: ACCOUNT, resource }] : [],
          );
          return { references, nextToken: undefined };
        },
      },
      records: {
        keepListing: (...of) => this.#records.keepListing(...of),
        listing: (...of) => this.#records.listing(...of),
        reopened: () => this.#records.reopened(),
        keepAccount: async (...of) => {
          await this.#pause(process);
          kept.set(id, this.#seconds());
          return this.#records.keepAccount(...of);
        },
      },
      bulkThreshold: asJob ? 1 : 1_000,
      jobs: {
        send: async ({ sweepId, accountId }) => {
          await this.#pause(process);
          const references = this.#records.accounts.get(`${sweepId}/${accountId}`)?.references ?? [];
          this.#messages.push({ kind: 'job', references, since: kept.get(id) ?? 0 });
        },
      },
      queue: {
        send: async (references) => {
          await this.#pause(process);
          for (const reference of references) this.#messages.push({ kind: 'finding', reference });
        },
      },
      proposals: {
        read: async (key) => {
          await this.#pause(process);
          const prefix = key.slice(0, -'proposal.json'.length);
          const stored = this.#proposals.get(prefix);
          const facts = stored && principalFacts(stored.proposal, this.#states.get(prefix)?.state, '');
          return facts ? { kind: 'found', facts } : { kind: 'gone' };
        },
      },
      rest: { continueLater: () => Promise.reject(new Error('the time is not short')) },
      overview: {
        read: async () => {
          await this.#pause(process);
          return { rows: this.#rows, version: undefined };
        },
      },
      clock: CLOCK,
    });
  }

  /** A store tells whole seconds. */
  #seconds(): number {
    return Math.floor(this.#now / 1_000) * 1_000;
  }

  #wrong(): readonly string[] {
    const wrong: string[] = [];
    const stateOf = (prefix: string): string => this.#states.get(prefix)?.state.state ?? 'current';
    const current = [...this.#proposals].filter(([prefix]) => stateOf(prefix) === 'current');
    const has = current.map(([, { proposal }]) => nameOf(proposal)).sort();
    const wants = this.#expected();
    if (has.join() !== wants.join()) wrong.push(`current is ${has.join()}, and should be ${wants.join()}`);
    const shown = this.#rows.filter(({ state }) => state === undefined).map(({ prefix }) => prefix);
    if (
      shown.sort().join() !==
      current
        .map(([prefix]) => prefix)
        .sort()
        .join()
    ) {
      wrong.push(`the overview shows ${String(shown.length)} of ${String(current.length)} as current`);
    }
    const active = new Set(this.#active.values());
    for (const row of this.#rows) {
      const state = row.state?.name ?? 'current';
      if (state !== stateOf(row.prefix))
        wrong.push(`a row is ${state}, and should be ${stateOf(row.prefix)}`);
      if (state === 'current' && 'findingId' in row && !active.has(row.findingId)) {
        wrong.push(`a row rests on ${row.findingId}, which is not active`);
      }
    }
    for (const [prefix] of current) if (!this.#told.has(prefix)) wrong.push(`nobody was told of ${prefix}`);
    return wrong;
  }

  /** One for each subject and kind with something to propose, by what it is made from. */
  #expected(): readonly string[] {
    const keys = this.#findings.get(this.#active.get('keys') ?? '')?.details;
    const actions = POLICIES[this.#policy] ?? [];
    return [
      ...(this.#active.has('permissions') && actions.length > 1 ? [`refine ${JSON.stringify(actions)}`] : []),
      ...(this.#active.has('password') ? ['remove-password '] : []),
      ...(keys?.type === 'UnusedIAMUserAccessKey'
        ? keys.keys.map((key) => `remove-access-key ${key.accessKeyId}`)
        : []),
    ].sort();
  }
}

const CLOCK = { now: () => '2026-11-29T00:00:00.000Z', remainingMillis: () => 600_000 };

function nameOf(proposal: PrincipalProposal): string {
  if (proposal.kind === 'remove-access-key') return `${proposal.kind} ${proposal.accessKeyId ?? ''}`;
  if (proposal.kind !== 'refine-permissions') return `${proposal.kind} `;
  const before = JSON.stringify(proposal.policies[0]?.before);
  const actions = POLICIES.find((one) => before === JSON.stringify(document(one)));
  return `refine ${JSON.stringify(actions)}`;
}

/** Everything that can go on without waiting has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** @returns what is wrong at the end of one seed's run; nothing where all is well */
export function simulate(seed: number): Promise<readonly string[]> {
  return new Simulation(seed).run();
}
