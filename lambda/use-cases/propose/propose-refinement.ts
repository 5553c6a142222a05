import { makeUniverse } from '../../core/catalogue/universe.ts';
import { nameOfAccount } from '../../core/model/account.ts';
import {
  documentsOf,
  type Principal,
  type PrincipalRef,
  type Tag,
  readPrincipalArn,
} from '../../core/model/principal.ts';
import { readUnusedAccess } from '../../core/model/unused-access.ts';
import { buildProposal, type BuildInput } from '../../core/proposal/build-proposal.ts';
import { buildRemoval, type RemovalInput } from '../../core/proposal/build-removal.ts';
import { policiesNow } from '../../core/lifecycle/drift-facts.ts';
import { judgeDrift } from '../../core/lifecycle/judge-drift.ts';
import { decisionsAbout } from '../../core/decision/decision.ts';
import { keptFor, withKept } from '../../core/decision/kept-by-decision.ts';
import { makeContext } from '../../core/refine/context.ts';
import { quotasOf } from '../../core/fit/quotas.ts';
import { AdapterError, type Clock } from '../../ports/system.ts';
import type { Finding, FindingReference } from '../../ports/findings.ts';
import type { ProposeDependencies } from './dependencies.ts';
import { excludedAccount, excludedBy, ownedByAws, type SkipReason, unwanted } from './skip-reason.ts';
import type { ProposeOutcome } from './outcome.ts';
import { isFromLastUse } from './last-use.ts';
import { storeProposal } from './store-proposal.ts';
import type { RefinementSettings } from '../../ports/settings.ts';

/**
 * Handles one finding: reads it, reads what the principal is granted, refines, verifies and stores. There is one
 * outcome, or several if the finding names several access keys.
 * @throws AdapterError if a source or the store fails, with the decision to retry or not
 * @throws VerificationError if the verifier rejects the refiner's result: a bug, and nothing is stored
 * @throws OpinionBlock if a requested check of AWS rejects the proposal: nothing is stored
 */
export async function proposeRefinement(
  reference: FindingReference,
  dependencies: ProposeDependencies,
): Promise<readonly ProposeOutcome[]> {
  const { resource } = reference;
  const answer = await dependencies.findings.getFinding(reference);
  if (answer.kind === 'gone') {
    if (isYoung(reference, dependencies.clock)) {
      const text = `the finding ${reference.findingId} was reported as active just now and is not found yet; it will be retried`;
      throw new AdapterError(text, 'retry', 'unavailable');
    }
    return [{ kind: 'gone', resource, what: 'finding' }];
  }
  if (answer.kind === 'unsupported') {
    return [{ kind: 'skipped', resource, code: 'unsupported-finding', reason: answer.reason }];
  }
  if (answer.kind === 'unreadable' && isFromLastUse(reference)) {
    // A retry would find the same. The next sweep requests a new report, and until then nothing is concluded.
    return [{ kind: 'skipped', resource, code: 'use-unknown', reason: answer.reason }];
  }
  if (answer.kind === 'unreadable') throw new AdapterError(answer.reason, 'permanent', 'malformed');
  const { finding } = answer;
  if (finding.status !== 'ACTIVE') {
    const reason = `the finding is ${finding.status}, not ACTIVE`;
    return [{ kind: 'skipped', resource: finding.resource, code: 'not-active', reason }];
  }
  const ref = readPrincipalArn(finding.resource);
  if (!ref) {
    const reason = `the finding ${finding.id} is about ${JSON.stringify(finding.resource)}, which is not the ARN of a role or user`;
    throw new AdapterError(reason, 'permanent', 'malformed');
  }
  // Before any call to IAM, because these principals are skipped whatever their policies are.
  const { exclude } = dependencies.settings;
  const early =
    ownedByAws(ref) ??
    excludedBy(exclude, ref, []) ??
    (await excludedAccount(exclude, ref.accountId, dependencies.units));
  if (early) return [skipped(ref, early)];
  const found = await dependencies.policies.getPrincipal(ref);
  if (found.kind === 'gone') return [{ kind: 'gone', resource: ref.arn, what: 'principal' }];
  const late = excludedBy(exclude, ref, found.principal.tags);
  if (late) return [skipped(ref, late)];
  return finding.details.type === 'UnusedPermission'
    ? [await proposePermissions(finding, found.principal, dependencies)]
    : proposeRemovals(finding, { ...found.principal, ref }, dependencies);
}

/** Milliseconds after an event during which a missing finding may not be visible yet. */
const YOUNG = 15 * 60_000;

function isYoung({ activeAt }: FindingReference, clock: Clock): boolean {
  return activeAt !== undefined && Date.parse(clock.now()) - Date.parse(activeAt) < YOUNG;
}

function skipped(ref: PrincipalRef, why: SkipReason): ProposeOutcome {
  return { kind: 'skipped', resource: ref.arn, ...why };
}

async function proposePermissions(
  finding: Finding,
  principal: Principal,
  dependencies: ProposeDependencies,
): Promise<ProposeOutcome> {
  if (finding.details.type !== 'UnusedPermission') throw new TypeError('not a finding about permissions');
  const { catalogue, settings: given, digest } = dependencies;
  const unused = readUnusedAccess(finding.details.entries);
  if (!unused.ok) {
    throw new AdapterError(`the finding ${finding.id}: ${unused.problem}`, 'permanent', 'malformed');
  }
  const decisions = (await dependencies.decisions?.inForce(principal.ref.accountId)) ?? [];
  const kept = keptFor(decisions, [{ ...principal.ref, others: customerManaged(principal) }]);
  const keep = withKept(given.keep, kept);
  if (!keep.ok) throw new AdapterError(keep.problem, 'permanent', 'invalid');
  const settings = { ...given, keep: keep.value.texts };
  const context = makeContext(catalogue, unused.value, {
    keep: keep.value.list,
    generalize: settings.generalize,
    star: settings.star ?? 'list',
    documents: documentsOf(principal.grants),
  });
  const input: BuildInput = {
    principal,
    finding,
    context,
    catalogue,
    keep: settings.keep,
    digest,
    quotas: quotasOf(principal.ref.type, settings.managedPolicies),
    accountName: nameOfAccount(principal.ref.accountId, settings.accountNames),
    ...ownerOf(principal.tags, settings),
  };
  const built = buildProposal(input);
  if (built.kind === 'unchanged') {
    const { reason, refused, residue } = built;
    return { kind: 'unchanged', principal: principal.ref, reason, refused, residue: residue.length };
  }
  const { kind, proposalId } = built.draft;
  const candidate = { kind, proposalId, ...principal.ref, removed: built.removed() };
  const against = unwanted(candidate, decisions, settings);
  if (against) return skipped(principal.ref, against);
  const decided = decisionsAbout(candidate, decisions);
  return storeProposal(built, context.universe, { ...dependencies, settings }, decided);
}

function customerManaged({ grants }: Principal): readonly string[] {
  return grants.flatMap(({ source, managed }) =>
    source === 'customer-managed' && managed ? [managed.arn] : [],
  );
}

async function proposeRemovals(
  finding: Finding,
  found: Principal,
  dependencies: ProposeDependencies,
): Promise<readonly ProposeOutcome[]> {
  const { ref: principal, id, tags, grants, passwordCreatedAt } = found;
  const none = readUnusedAccess([]);
  if (!none.ok) throw new TypeError(none.problem);
  const universe = makeUniverse(dependencies.catalogue, none.value);
  const subjects = removalSubjects(finding);
  const holder = finding.details.type === 'UnusedIAMRole' ? 'role' : 'user';
  if (principal.type !== holder || subjects.length === 0) {
    const reason =
      principal.type === holder
        ? `the finding ${finding.id} names no access key`
        : `the finding ${finding.id} of type ${finding.findingType} is about a ${principal.type}, which cannot be`;
    throw new AdapterError(reason, 'permanent', 'malformed');
  }
  const decisions = (await dependencies.decisions?.inForce(principal.accountId)) ?? [];
  const outcomes: ProposeOutcome[] = [];
  for (const subject of subjects) {
    const { digest, settings } = dependencies;
    const proposal = buildRemoval({
      ...subject,
      principal,
      ...(id === undefined ? {} : { principalId: id }),
      ...(passwordCreatedAt === undefined ? {} : { passwordCreatedAt }),
      grants,
      attachmentQuota: quotasOf(principal.type, settings.managedPolicies).attachedManagedPolicies,
      accountName: nameOfAccount(principal.accountId, settings.accountNames),
      ...ownerOf(tags, settings),
      assumedBy: found.assumedBy,
      ...(found.lastUsedAt === undefined ? {} : { lastUsedAt: found.lastUsedAt }),
      finding,
      universe,
      digest,
    });
    const { kind, proposalId } = proposal;
    const candidate = { kind, proposalId, ...principal };
    const against = unwanted(candidate, decisions, settings);
    if (against) {
      outcomes.push(skipped(principal, against));
      continue;
    }
    // A role that nobody can use any more keeps its finding for as long as it exists.
    const { state, reason } = judgeDrift(proposal, {
      subject: { kind: 'found', policies: policiesNow(found) },
      findings: [{ kind: 'unknown', reason: '' }],
    });
    outcomes.push(
      state === 'applied'
        ? { kind: 'unchanged', principal, reason, refused: [], residue: 0 }
        : await storeProposal(proposal, universe, dependencies, decisionsAbout(candidate, decisions)),
    );
  }
  return outcomes;
}

function removalSubjects(
  finding: Finding,
): readonly Pick<RemovalInput, 'kind' | 'accessKeyId' | 'lastAccessed'>[] {
  const { details } = finding;
  switch (details.type) {
    case 'UnusedIAMRole':
      return [{ kind: 'remove-role', lastAccessed: details.lastAccessed }];
    case 'UnusedIAMUserPassword':
      return [{ kind: 'remove-password', lastAccessed: details.lastAccessed }];
    case 'UnusedIAMUserAccessKey':
      return details.keys.map((key) => ({ kind: 'remove-access-key', ...key }));
    case 'UnusedPermission':
      return [];
    default:
      return details satisfies never;
  }
}

/**
 * The owner of a principal: the value of the configured tag. The key is case-sensitive. A value of only spaces counts
 * as no owner.
 */
export function ownerOf(
  tags: readonly Tag[],
  { ownerTag }: Pick<RefinementSettings, 'ownerTag'>,
): { readonly owner?: string } {
  const owner = tags.find(({ key }) => key === ownerTag)?.value.trim() ?? '';
  return owner === '' ? {} : { owner };
}
