import { setTimeout as sleep } from 'node:timers/promises';
import type { AccountPauses } from '../../../ports/account.ts';

/** The clock that the pace needs, in milliseconds. */
interface PaceTime {
  now(): number;
  wait(millis: number): Promise<unknown>;
}

/** Calls that may be made at once: about those of one finding, so an account with few findings never waits. */
const BURST = 12;
/** The lowest rate, in calls a second. An account that is throttled even then pauses instead. */
const SLOWEST = 1;
/**
 * Milliseconds. Throttled calls within this time count once, because calls in flight together are throttled together.
 */
const ONE_SIGN = 1_000;
/** How many calls without throttling bring an account from the lowest rate back to its full rate. */
const RECOVERY = 50;
/** Milliseconds of the first pause, and of the longest. */
const FIRST_PAUSE = 30_000;
const LONGEST_PAUSE = 15 * 60_000;

interface Account {
  /** Calls a second at present. */
  rate: number;
  /** Calls that may be made at once. A negative number counts the calls that are waiting. */
  tokens: number;
  /** The time to which `tokens` refers. */
  at: number;
  slowedAt: number;
  /** The length of the last pause in milliseconds, and its end. */
  pause: number;
  until: number;
}

/**
 * The pace of calls for each account: a token bucket whose rate halves when the account is throttled and rises slowly
 * while it is not, and a pause for an account that stays throttled. IAM's limits apply to each account and are not
 * published, and the account's own people and tools share them.
 *
 * In any t seconds, an account gets at most 12 + t × rate calls from this process. Other processes pace themselves.
 * One small entry is kept for each account.
 */
export class AccountPace implements AccountPauses {
  readonly #rate: number;
  readonly #time: PaceTime;
  readonly #accounts = new Map<string, Account>();

  /** @param rate calls a second that this process may make in one account, more than 0 */
  constructor(rate: number, time: PaceTime = { now: Date.now, wait: (millis) => sleep(millis) }) {
    this.#rate = rate;
    this.#time = time;
  }

  /** Waits until the account may be called. Callers are served in order. */
  async turn(accountId: string): Promise<void> {
    const account = this.#account(accountId);
    this.#refill(account);
    account.tokens -= 1;
    if (account.tokens < 0) await this.#time.wait(Math.ceil((-account.tokens / account.rate) * 1_000));
  }

  /** The account answered a call without throttling it. */
  succeeded(accountId: string): void {
    const account = this.#account(accountId);
    if (account.rate === this.#rate) return;
    this.#refill(account);
    account.rate = Math.min(this.#rate, account.rate + this.#rate / RECOVERY);
  }

  /** The account throttled a call. */
  throttled(accountId: string): void {
    const account = this.#account(accountId);
    const now = this.#time.now();
    if (now - account.slowedAt < ONE_SIGN) return;
    this.#refill(account);
    account.slowedAt = now;
    account.rate = Math.max(Math.min(SLOWEST, this.#rate), account.rate / 2);
    account.tokens = Math.min(0, account.tokens);
  }

  /**
   * A call was throttled until its last attempt, so the account pauses: 30 seconds at first, and twice as long, up to
   * 15 minutes, each time this happens again within 15 minutes of the last pause.
   */
  gaveUp(accountId: string): void {
    const account = this.#account(accountId);
    const now = this.#time.now();
    // Calls that were in flight when the pause began do not prolong it.
    if (now < account.until) return;
    const again = account.pause > 0 && now < account.until + LONGEST_PAUSE;
    account.pause = again ? Math.min(LONGEST_PAUSE, account.pause * 2) : FIRST_PAUSE;
    account.until = now + account.pause;
  }

  pausedMillis(accountId: string): number {
    const until = this.#accounts.get(accountId)?.until ?? 0;
    return Math.max(0, until - this.#time.now());
  }

  isBusy(accountId: string): boolean {
    const account = this.#accounts.get(accountId);
    if (account === undefined) return false;
    this.#refill(account);
    return account.tokens < 1;
  }

  #account(accountId: string): Account {
    const known = this.#accounts.get(accountId);
    if (known !== undefined) return known;
    const at = this.#time.now();
    const account = { rate: this.#rate, tokens: BURST, at, slowedAt: -Infinity, pause: 0, until: 0 };
    this.#accounts.set(accountId, account);
    return account;
  }

  #refill(account: Account): void {
    const now = this.#time.now();
    // A clock that was set back must not remove tokens.
    const passed = Math.max(0, now - account.at);
    account.tokens = Math.min(BURST, account.tokens + (passed / 1_000) * account.rate);
    account.at = now;
  }
}
