import { AccessAnalyzerClient } from '@aws-sdk/client-accessanalyzer';
import { IAMClient } from '@aws-sdk/client-iam';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { STSClient } from '@aws-sdk/client-sts';
import { COLLECT_CALLS } from '../../../contract/iam-calls.ts';
import { AccountPace } from '../sdk/account-pace.ts';
import { type CallerSettings, callerConfig } from '../sdk/caller.ts';
import { CLIENT_SETTINGS } from '../sdk/client-settings.ts';
import { followClockSteps } from '../sdk/clock-steps.ts';
import { MemberCredentials, type MemberRole } from '../sdk/member-credentials.ts';
import { keepPace, paced } from '../sdk/paced-client.ts';
import { onlyOperations } from '../sdk/read-only.ts';

const ALLOWED: ReadonlySet<string> = new Set(Object.keys(COLLECT_CALLS));

/** The two services that are read in one account. */
export interface AccountClients {
  readonly iam: IAMClient;
  readonly analyzer: AccessAnalyzerClient;
  /** IAM's pace, which tells how long an account pauses. */
  readonly pace: AccountPace;
}

/** Clients with a person's own credentials. None of them makes a call that is not on the list of `collect`. */
export class CollectClients {
  readonly sts: STSClient;
  readonly organizations: OrganizationsClient;
  readonly #settings: CallerSettings;
  readonly #pace: AccountPace;
  readonly #analyzerPace: AccountPace;

  /** @param callsPerSecond of IAM in each account, and of Access Analyzer in all */
  constructor(settings: CallerSettings, callsPerSecond: number) {
    const shared = { ...CLIENT_SETTINGS, ...callerConfig(settings) };
    this.#settings = settings;
    this.#pace = new AccountPace(callsPerSecond);
    this.#analyzerPace = new AccountPace(callsPerSecond);
    this.sts = limited(new STSClient(shared));
    this.organizations = limited(new OrganizationsClient(shared));
  }

  /** @param member undefined for the caller's own account */
  forAccount(accountId: string, region: string, member: MemberRole | undefined): AccountClients {
    const roles = member && new MemberCredentials(this.sts, member);
    const shared = {
      ...CLIENT_SETTINGS,
      ...callerConfig({ ...this.#settings, region }),
      ...(roles ? { credentials: () => roles.get(accountId) } : {}),
    };
    return {
      iam: paced(limited(new IAMClient(shared)), accountId, this.#pace),
      analyzer: keepPace(limited(new AccessAnalyzerClient(shared)), 'access-analyzer', this.#analyzerPace),
      pace: this.#pace,
    };
  }
}

function limited<C extends object>(client: C): C {
  return onlyOperations(followClockSteps(client), ALLOWED);
}
