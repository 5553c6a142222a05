import { MANAGED_POLICIES } from '../../contract/settings.ts';
import type { DeploymentTarget, ListedAnalyzer } from '../../ports/deployment-target.ts';
import { AdapterError } from '../../ports/system.ts';

/** The options of a deployment that depend on the account and Region it goes to. */
export interface PlannedDeployment {
  readonly accountId: string;
  readonly region: string;
  readonly partition: string;
  /** An analyzer's ARN, or the type of the one that the stack makes; `none` if it needs none. */
  readonly analyzer:
    | { readonly kind: 'none' }
    | { readonly kind: 'existing'; readonly arn: string }
    | { readonly kind: 'create'; readonly type: 'ACCOUNT_UNUSED_ACCESS' | 'ORGANIZATION_UNUSED_ACCESS' };
  readonly hasMemberRole: boolean;
  readonly organizationId: string | undefined;
  readonly concurrency: number;
  readonly managedPoliciesPerRole: number | undefined;
  readonly managedPoliciesPerUser: number | undefined;
  /** Path and name of the boundary that every role gets. */
  readonly permissionsBoundary: string | undefined;
  /** The qualifier of the CDK bootstrap stack; the CDK's default unless given. */
  readonly qualifier: string;
}

/**
 * `good`: fine. `note`: the deployment works, but there is something to know. `wrong`: it would fail, or cost money
 * for nothing. `unknown`: the credentials may not read it.
 */
export type ObservationLevel = 'good' | 'note' | 'wrong' | 'unknown';

interface Observation {
  readonly level: ObservationLevel;
  readonly about: string;
  /** One sentence, with what to do if anything. */
  readonly says: string;
}

export interface TargetExamination {
  readonly observations: readonly Observation[];
  /** Options to add to the given ones, by name. */
  readonly options: Readonly<Record<string, string>>;
  readonly needsBootstrap: boolean;
}

/**
 * The oldest version of the bootstrap stack that works with this CDK. Source: aws-cdk-lib,
 * `MIN_BOOTSTRAP_STACK_VERSION`
 */
const OLDEST_BOOTSTRAP = 6;
/**
 * Concurrent functions in addition to the two kinds of workers: two that notify, one that sweeps, one that reads the
 * catalogue.
 */
const OTHERS_AT_ONCE = 4;
/** The fewest workers that the option `concurrency` allows. */
const FEWEST_WORKERS = 2;

/** Examines the account and Region before a deployment. A refused call makes only its own observation `unknown`. */
export async function examineTarget(
  wanted: PlannedDeployment,
  target: DeploymentTarget,
): Promise<TargetExamination> {
  const parts = [
    await analyzerPart(wanted, target),
    await organizationPart(wanted, target),
    await bootstrapPart(wanted, target),
    await concurrencyPart(wanted, target),
    await quotaPart(wanted, target),
    await boundaryPart(wanted, target),
  ];
  return {
    observations: parts.flatMap(({ observations }) => observations),
    options: Object.assign({}, ...parts.map(({ options }) => options ?? {})) as Record<string, string>,
    needsBootstrap: parts.some((part) => part.needsBootstrap === true),
  };
}

interface Part {
  readonly observations: readonly Observation[];
  readonly options?: Readonly<Record<string, string>>;
  readonly needsBootstrap?: boolean;
}

function part(
  level: ObservationLevel,
  about: string,
  says: string,
  more: Omit<Part, 'observations'> = {},
): Part {
  return { observations: [{ level, about, says }], ...more };
}

/** Turns the answer of one call into observations. @param action the IAM action that the call needs */
async function ask<T>(
  about: string,
  action: string,
  call: () => Promise<T>,
  then: (answer: T) => Part,
): Promise<Part> {
  let answer: T;
  try {
    answer = await call();
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    const why =
      error.code === 'access-denied'
        ? `these credentials may not ${action}; allow that, or look for yourself`
        : `${error.message}`;
    return part('unknown', about, `cannot be told: ${why}`);
  }
  return then(answer);
}

function analyzerPart(wanted: PlannedDeployment, target: DeploymentTarget): Promise<Part> {
  const { analyzer, region } = wanted;
  if (analyzer.kind === 'none') {
    const says = "none is needed: IAM's own reports of last use say what is unused, free of charge";
    return Promise.resolve(part('good', 'analyzer', says));
  }
  return ask(
    'analyzer',
    'access-analyzer:ListAnalyzers',
    () => target.analyzers(),
    (all) => {
      const external = all.filter(({ type }) => !type.endsWith('_UNUSED_ACCESS'));
      const chosen =
        analyzer.kind === 'existing'
          ? givenAnalyzer(analyzer.arn, wanted, all)
          : newAnalyzer(analyzer.type, wanted, all);
      if (external.length === 0) return chosen;
      const note: Observation = {
        level: 'note',
        about: 'analyzer',
        says: `${listOf(external)} in ${region} ${external.length === 1 ? 'finds' : 'find'} external access, which is another thing and not read here`,
      };
      return { ...chosen, observations: [...chosen.observations, note] };
    },
  );
}

function givenAnalyzer(
  arn: string,
  { accountId, region }: PlannedDeployment,
  all: readonly ListedAnalyzer[],
): Part {
  const about = 'analyzer';
  const [, , , itsRegion = '', itsAccount = ''] = arn.split(':');
  if (itsRegion !== region || itsAccount !== accountId) {
    return part(
      'wrong',
      about,
      `${arn} is in account ${itsAccount}, Region ${itsRegion}, and its events go nowhere else; deploy there`,
    );
  }
  const found = all.find((one) => one.arn === arn);
  if (found === undefined) {
    const others = all.filter(({ type }) => type.endsWith('_UNUSED_ACCESS'));
    const instead =
      others.length === 0 ? 'leave analyzerArn out, and the stack makes one' : `there is ${listOf(others)}`;
    return part('wrong', about, `${arn} does not exist; ${instead}`);
  }
  if (!found.type.endsWith('_UNUSED_ACCESS')) {
    return part(
      'wrong',
      about,
      `${arn} finds external access (${found.type}); give one that finds unused access, or leave analyzerArn out`,
    );
  }
  if (found.status !== 'ACTIVE') {
    return part(
      'wrong',
      about,
      `${arn} is ${found.status}; make it active first, or its findings stay as they are`,
    );
  }
  return part('good', about, `${arn} is there and active (${found.type})`);
}

function newAnalyzer(
  type: 'ACCOUNT_UNUSED_ACCESS' | 'ORGANIZATION_UNUSED_ACCESS',
  { hasMemberRole }: PlannedDeployment,
  all: readonly ListedAnalyzer[],
): Part {
  const about = 'analyzer';
  const organizations = all.filter((one) => one.type === 'ORGANIZATION_UNUSED_ACCESS');
  const accounts = all.filter((one) => one.type === 'ACCOUNT_UNUSED_ACCESS');
  const [ofOrganization] = organizations;
  const [ofAccount] = accounts;
  const use = (one: ListedAnalyzer) => ({ options: { analyzerArn: one.arn } });
  if (ofOrganization !== undefined) {
    const members = hasMemberRole
      ? ''
      : ', with memberRoleName and memberExternalId to read its other accounts';
    return part('wrong', about, `${listOf(organizations)} finds unused access already; another would be paid for besides; give -c analyzerArn=${ofOrganization.arn}${members}`, use(ofOrganization)); // prettier-ignore
  }
  if (ofAccount !== undefined && type === 'ACCOUNT_UNUSED_ACCESS') {
    return part('wrong', about, `${listOf(accounts)} exists, and AWS allows one an account and Region: the deployment would fail; give -c analyzerArn=${ofAccount.arn}`, use(ofAccount)); // prettier-ignore
  }
  if (ofAccount !== undefined) {
    return part('note', about, `${listOf(accounts)} finds unused access of this account, which the organisation's analyzer finds too: delete it once that works, or pay for both`); // prettier-ignore
  }
  return part(
    'good',
    about,
    `none finds unused access here; the stack makes one (${type}), at 0.20 USD for each role and user a month`,
  );
}

function listOf(analyzers: readonly ListedAnalyzer[]): string {
  return analyzers.map(({ arn }) => arn).join(', ');
}

/** Checks the organisation, only if the options use one. */
async function organizationPart(wanted: PlannedDeployment, target: DeploymentTarget): Promise<Part> {
  const { analyzer, accountId, organizationId } = wanted;
  const makes = analyzer.kind === 'create' && analyzer.type === 'ORGANIZATION_UNUSED_ACCESS';
  const lists = analyzer.kind === 'none' && wanted.hasMemberRole;
  if (!makes && !lists && organizationId === undefined) return { observations: [] };
  const about = 'organisation';
  let managedBy: string | undefined;
  const first = await ask(
    about,
    'organizations:DescribeOrganization',
    () => target.organization(),
    (organization) => {
      if (organization === undefined)
        return part(
          'wrong',
          about,
          lists
            ? `account ${accountId} is in no organisation, so nobody says which other accounts there are; leave memberRoleName and memberExternalId out`
            : `account ${accountId} is in no organisation; leave analyzerType and organizationId out`,
        );
      managedBy = organization.managementAccountId;
      if (organizationId !== undefined && organizationId !== organization.id) {
        return part(
          'wrong',
          about,
          `the organisation of account ${accountId} is ${organization.id}, and the option organizationId says ${organizationId}; no member role could be assumed`,
        );
      }
      return part('good', about, `${organization.id}, managed by account ${managedBy}`);
    },
  );
  if ((!makes && !lists) || managedBy === undefined || managedBy === accountId) return first;
  const management = managedBy;
  const second = await ask(about, 'organizations:ListDelegatedAdministrators', () => target.analyzerAdministrators(), (administrators) =>
    administrators.includes(accountId)
      ? part('good', about, `account ${accountId} administers Access Analyzer for it`)
      : lists
      ? part('note', about, `account ${accountId} neither manages the organisation nor administers Access Analyzer for it: if it administers no other service of it, only its own roles and users are read; register it from account ${management}, or deploy there`)
      : part('wrong', about, `account ${accountId} neither manages the organisation nor administers Access Analyzer for it, so it can have no analyzer of the organisation; register it from account ${management}, or deploy there`),
  ); // prettier-ignore
  return { observations: [...first.observations, ...second.observations] };
}

function bootstrapPart(
  { accountId, region, qualifier }: PlannedDeployment,
  target: DeploymentTarget,
): Promise<Part> {
  const about = 'bootstrap';
  const todo = `type npx cdk bootstrap aws://${accountId}/${region}`;
  return ask(about, 'ssm:GetParameter', () => target.bootstrapVersion(qualifier), (version) => {
    if (version === undefined) {
      return part('wrong', about, `the CDK's bootstrap stack (${qualifier}) is not there; ${todo}`, { needsBootstrap: true });
    }
    return version < OLDEST_BOOTSTRAP
      ? part('wrong', about, `the CDK's bootstrap stack is of version ${version}, and ${OLDEST_BOOTSTRAP} is the oldest that will do; ${todo}`, { needsBootstrap: true })
      : part('good', about, `the CDK's bootstrap stack is there, version ${version}`);
  }); // prettier-ignore
}

function concurrencyPart({ concurrency }: PlannedDeployment, target: DeploymentTarget): Promise<Part> {
  const about = 'concurrency';
  return ask(about, 'lambda:GetAccountSettings', () => target.unreservedConcurrency(), (limit) => {
    const needed = 2 * concurrency + OTHERS_AT_ONCE;
    if (limit >= needed) return part('good', about, `Lambda runs ${limit} functions at once here, and the stack needs ${needed} at most`);
    const fits = Math.floor((limit - OTHERS_AT_ONCE) / 2);
    const quota = 'ask for more of the quota "Concurrent executions" of Lambda (L-B99A9384), which new accounts have little of';
    return fits >= FEWEST_WORKERS
      ? part('note', about, `Lambda runs ${limit} functions at once here, and with concurrency ${concurrency} the stack needs up to ${needed}; give -c concurrency=${fits}, or ${quota}`, { options: { concurrency: String(fits) } })
      : part('note', about, `Lambda runs ${limit} functions at once here, fewer than the stack needs even with concurrency ${FEWEST_WORKERS}: work waits, and other functions with it; ${quota}`, { options: { concurrency: String(FEWEST_WORKERS) } });
  }); // prettier-ignore
}

/**
 * Checks that the options match IAM's quotas, because proposals that need more attachments than the options allow are
 * refused.
 */
function quotaPart(wanted: PlannedDeployment, target: DeploymentTarget): Promise<Part> {
  const about = 'quotas';
  return ask(
    about,
    'iam:GetAccountSummary',
    () => target.policyQuotas(),
    (quotas) => {
      const kinds = [
        ['managedPoliciesPerRole', 'role', quotas.role, wanted.managedPoliciesPerRole],
        ['managedPoliciesPerUser', 'user', quotas.user, wanted.managedPoliciesPerUser],
      ] as const;
      const parts = kinds.map(([name, kind, quota, given]): Part => {
      const assumed = given ?? MANAGED_POLICIES.usual[kind];
      if (quota === undefined || quota === assumed) {
        return part('good', about, `a ${kind} may have ${quota ?? assumed} managed policies, as the options say`);
      }
      const fits = Math.min(quota, MANAGED_POLICIES.most[kind]);
      return given === undefined
        ? part('note', about, `a ${kind} may have ${quota} managed policies here; give -c ${name}=${fits}`, { options: { [name]: String(fits) } })
        : part('wrong', about, `option ${name} is ${given}, but a ${kind} may have ${quota} managed policies here; give -c ${name}=${fits}`);
    }); // prettier-ignore
      return {
        observations: parts.flatMap(({ observations }) => observations),
        options: Object.assign({}, ...parts.map(({ options }) => options ?? {})) as Record<string, string>,
      };
    },
  );
}

async function boundaryPart(wanted: PlannedDeployment, target: DeploymentTarget): Promise<Part> {
  const { accountId, partition, permissionsBoundary } = wanted;
  if (permissionsBoundary === undefined) return { observations: [] };
  const arn = `arn:${partition}:iam::${accountId}:policy/${permissionsBoundary}`;
  return ask('boundary', 'iam:GetPolicy', () => target.policyExists(arn), (exists) =>
    exists
      ? part('good', 'boundary', `${arn} is there`)
      : part('wrong', 'boundary', `${arn} does not exist, and every role would have it as its boundary; make it first, or leave permissionsBoundary out`),
  ); // prettier-ignore
}
