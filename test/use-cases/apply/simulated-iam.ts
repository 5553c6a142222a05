import type { JsonValue } from '../../../lambda/core/model/json.ts';
import type { HolderRef } from '../../../lambda/core/model/subject.ts';
import type { CreatePolicyAction } from '../../../lambda/core/plan/schema.ts';
import type { ManagedPolicyState } from '../../../lambda/ports/apply.ts';
import { AdapterError } from '../../../lambda/ports/system.ts';
import { FakeIam } from './fake-iam.ts';
import { Killed } from './killed.ts';
import type { Random } from '../../random.ts';

/** How badly IAM, the network and the machine behave. All are probabilities for one call. */
export interface Weather {
  readonly throttled: number;
  /** The request never arrived. */
  readonly lostBefore: number;
  /** It took effect, and no answer came back. */
  readonly lostAfter: number;
  /** It took effect, no answer came back, and the SDK asked again: IAM answers about the second request. */
  readonly repeated: number;
  /** A read shows what was before our own last change. */
  readonly stale: number;
  readonly killed: number;
}

export const FAIR: Weather = { throttled: 0, lostBefore: 0, lostAfter: 0, repeated: 0, stale: 0, killed: 0 };

/** Longest time that IAM shows an old state, in milliseconds: well within the half minute that is waited for. */
const LONGEST_DELAY = 6_000;

/**
 * IAM with what its documentation warns of: reads that come late, requests and answers that are lost, throttling; and a
 * process that can die at any call. Time passes by `pause` and a little with every call.
 */
export class SimulatedIam extends FakeIam {
  weather: Weather = FAIR;
  random: Random | undefined;
  /** Milliseconds. */
  time = Date.parse('2026-11-23T12:00:00.000Z');
  /** Runs before and after each change that takes effect; what it throws is thrown on. */
  beforeEffect: () => void = () => undefined;
  afterEffect: () => void = () => undefined;
  /** Writes of the command, counted; others do not come through here. */
  effects = 0;
  readonly #late = new Map<string, { readonly value: unknown; readonly until: number }>();

  pause(millis: number): Promise<void> {
    this.time += millis;
    return Promise.resolve();
  }

  /** What somebody else does is seen at once: that it is not, nothing can help. */
  seenAtOnce(): void {
    this.#late.clear();
  }

  override inlinePolicy(holder: HolderRef, name: string): Promise<JsonValue | undefined> {
    return this.#read(`inline ${name}`, () => super.inlinePolicy(holder, name));
  }
  override attachedPolicies(holder: HolderRef): Promise<readonly string[]> {
    return this.#read(`attached ${holder.type} ${holder.name}`, () => super.attachedPolicies(holder));
  }
  override managedPolicy(arn: string): Promise<ManagedPolicyState | undefined> {
    return this.#read(`policy ${arn}`, () => super.managedPolicy(arn));
  }
  override policyVersions(arn: string): Promise<readonly string[]> {
    return this.#read(`versions ${arn}`, () =>
      this.policies.has(arn) ? super.policyVersions(arn) : Promise.resolve([]),
    );
  }
  override versionDocument(arn: string, id: string): Promise<JsonValue | undefined> {
    return this.#read(`version ${arn} ${id}`, () => super.versionDocument(arn, id));
  }
  override subject(holder: HolderRef) {
    return this.#read(`subject ${holder.name}`, () => super.subject(holder));
  }
  override accessKey(user: string, id: string) {
    return this.#read(`key ${id}`, () => super.accessKey(user, id));
  }
  override password() {
    return this.#read('password', () => super.password());
  }

  override putInlinePolicy(holder: HolderRef, name: string, document: JsonValue): Promise<void> {
    return this.#write([`inline ${name}`], () => super.putInlinePolicy(holder, name, document));
  }
  override deleteInlinePolicy(holder: HolderRef, name: string): Promise<void> {
    return this.#write([`inline ${name}`], () => super.deleteInlinePolicy(holder, name));
  }
  override createPolicy(policy: CreatePolicyAction, document: JsonValue): Promise<'created' | 'exists'> {
    const { policyArn: arn } = policy;
    return this.#write([`policy ${arn}`], () => super.createPolicy(policy, document));
  }
  override deletePolicy(arn: string): Promise<void> {
    return this.#write([`policy ${arn}`, `versions ${arn}`], () => super.deletePolicy(arn));
  }
  override attachPolicy(holder: HolderRef, arn: string): Promise<'attached' | 'missing'> {
    const keys = [`attached ${holder.type} ${holder.name}`, `policy ${arn}`];
    return this.#write(keys, () => super.attachPolicy(holder, arn));
  }
  override detachPolicy(holder: HolderRef, arn: string): Promise<void> {
    const keys = [`attached ${holder.type} ${holder.name}`, `policy ${arn}`];
    return this.#write(keys, () => super.detachPolicy(holder, arn));
  }
  override createDefaultVersion(arn: string, document: JsonValue): Promise<void> {
    return this.#write([`policy ${arn}`, `versions ${arn}`], () => super.createDefaultVersion(arn, document));
  }
  override setDefaultVersion(arn: string, id: string): Promise<void> {
    return this.#write([`policy ${arn}`], () => super.setDefaultVersion(arn, id));
  }
  override deleteVersion(arn: string, id: string): Promise<void> {
    return this.#write([`versions ${arn}`, `version ${arn} ${id}`], () => super.deleteVersion(arn, id));
  }
  override setAccessKeyStatus(user: string, id: string, status: 'Active' | 'Inactive'): Promise<void> {
    return this.#write([`key ${id}`], () => super.setAccessKeyStatus(user, id, status));
  }
  override deletePassword(): Promise<void> {
    return this.#write(['password'], () => super.deletePassword());
  }

  async #read<T>(key: string, now: () => Promise<T>): Promise<T> {
    this.time += 20;
    this.#mishap();
    const late = this.#late.get(key);
    if (late && this.time < late.until && this.random?.chance(this.weather.stale) === true) {
      // Trust boundary: it was read by the same method for the same key.
      return late.value as T;
    }
    return now();
  }

  async #write<T>(keys: readonly string[], change: () => Promise<T>): Promise<T> {
    this.time += 50;
    this.#mishap();
    const { random, weather } = this;
    const before = await this.#snapshot(keys);
    this.beforeEffect();
    const first = await change();
    this.effects += 1;
    // The SDK does not wait for anybody between its attempts.
    const second = random?.chance(weather.repeated) === true ? await outcomeOf(change) : undefined;
    for (const [key, value] of before) {
      const until = this.time + (random?.between(0, LONGEST_DELAY) ?? 0);
      // What was old already stays as old.
      if (!this.#late.has(key)) this.#late.set(key, { value, until });
    }
    this.afterEffect();
    if (random?.chance(weather.killed) === true) throw new Killed();
    if (random?.chance(weather.lostAfter) === true) throw lost();
    if (second && 'error' in second) throw second.error;
    return second ? second.answer : first;
  }

  async #snapshot(keys: readonly string[]): Promise<ReadonlyMap<string, unknown>> {
    const before = new Map<string, unknown>();
    for (const key of keys) {
      const old = this.#late.get(key);
      if (old && this.time >= old.until) this.#late.delete(key);
      const [kind, first = '', second = ''] = key.split(' ');
      if (kind === 'inline') before.set(key, this.inline.get(first));
      if (kind === 'attached' && (first === 'role' || first === 'user' || first === 'group')) {
        before.set(key, await super.attachedPolicies({ type: first, name: second }));
      }
      if (kind === 'policy') before.set(key, await super.managedPolicy(first));
      if (kind === 'versions') {
        before.set(key, this.policies.has(first) ? await super.policyVersions(first) : []);
      }
      if (kind === 'version') before.set(key, await super.versionDocument(first, second));
      if (kind === 'key') before.set(key, await super.accessKey('', first));
      if (kind === 'password') before.set(key, await super.password());
    }
    return before;
  }

  #mishap(): void {
    const { random, weather } = this;
    if (random === undefined) return;
    if (random.chance(weather.killed)) throw new Killed();
    if (random.chance(weather.throttled))
      throw new AdapterError('Throttling: Rate exceeded', 'retry', 'throttled');
    if (random.chance(weather.lostBefore)) throw lost();
  }
}

function lost(): AdapterError {
  return new AdapterError('socket hang up', 'retry', 'unavailable');
}

type Outcome<T> = { readonly answer: Awaited<T> } | { readonly error: unknown };

async function outcomeOf<T>(call: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { answer: await call() };
  } catch (error) {
    return { error };
  }
}
