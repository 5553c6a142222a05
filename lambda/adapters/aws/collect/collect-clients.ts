import { AccessAnalyzerClient } from '@aws-sdk/client-accessanalyzer';
import { IAMClient } from '@aws-sdk/client-iam';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { STSClient } from '@aws-sdk/client-sts';
import { COLLECT_CALLS } from '../../../contract/iam-calls.ts';
import { AccountPace } from '../sdk/account-pace.ts';
import { type Caller, type CallerSettings, callerConfig } from '../sdk/caller.ts';
import { CLIENT_SETTINGS } from '../sdk/client-settings.ts';
import { followClockSteps } from '../sdk/clock-steps.ts';
import { MemberCredentials, type MemberRole } from '../sdk/member-credentials.ts';
import { withPace, paced } from '../sdk/paced-client.ts';
import { onlyOperations } from '../sdk/read-only.ts';

const ALLOWED: ReadonlySet<string> = new Set(Object.keys(COLLECT_CALLS));

/** The clients for one account. */
export interface AccountClients {
  readonly iam: IAMClient;
  /**
   * Access Analyzer in the analyzer's own account: only that account can read its findings, even if the analyzer is an
   * organisation's.
   */
  analyzerOf(accountId: string): AccessAnalyzerClient;
  /** The pace of calls to IAM, which also knows how long an account is paused. */
  readonly pace: AccountPace;
}

/** Clients with the caller's own credentials. They refuse every operation that is not on the list of `collect`. */
export class CollectClients {
  readonly sts: STSClient;
  readonly organizations: OrganizationsClient;
  readonly #settings: CallerSettings;
  readonly #pace: AccountPace;
  readonly #analyzerPace: AccountPace;

  /** @param callsPerSecond for IAM in each account, and for Access Analyzer in all accounts together */
  constructor(settings: CallerSettings, callsPerSecond: number) {
    const shared = { ...CLIENT_SETTINGS, ...callerConfig(settings) };
    this.#settings = settings;
    this.#pace = new AccountPace(callsPerSecond);
    this.#analyzerPace = new AccountPace(callsPerSecond);
    this.sts = limited(new STSClient(shared));
    this.organizations = limited(new OrganizationsClient(shared));
  }

  /** The caller's account is read with the caller's credentials, every other account with the role in it. */
  accountsOf(
    { accountId: own, region }: Pick<Caller, 'accountId' | 'region'>,
    role: MemberRole | undefined,
  ): (accountId: string) => AccountClients {
    const members = role && new MemberCredentials(this.sts, role);
    const analyzers = new Map<string, AccessAnalyzerClient>();
    const settingsOf = (accountId: string) => ({
      ...CLIENT_SETTINGS,
      ...callerConfig({ ...this.#settings, region }),
      ...(members && accountId !== own ? { credentials: () => members.get(accountId) } : {}),
    });
    const analyzerOf = (accountId: string): AccessAnalyzerClient => {
      const known = analyzers.get(accountId);
      if (known) return known;
      const client = limited(new AccessAnalyzerClient(settingsOf(accountId)));
      analyzers.set(accountId, withPace(client, 'access-analyzer', this.#analyzerPace));
      return client;
    };
    return (accountId) => ({
      iam: paced(limited(new IAMClient(settingsOf(accountId))), accountId, this.#pace),
      analyzerOf,
      pace: this.#pace,
    });
  }
}

function limited<C extends object>(client: C): C {
  return onlyOperations(followClockSteps(client), ALLOWED);
}
