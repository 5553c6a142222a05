import { COMMAND } from '../../contract/command.ts';
import type { ProposalState } from '../../core/lifecycle/proposal-state.ts';
import type { ProposedPolicy } from '../../core/model/proposed-policy.ts';
import type { Proposal, RemovalProposal } from '../../core/proposal/schema.ts';
import { namedAccount } from '../text/wording.ts';
import { count } from '../../core/model/wording.ts';
import { counted, onOneLine } from '../text/format.ts';
import { shellQuote } from '../text/shell.ts';
import { actionsPhrase } from '../text/risk-words.ts';
import { dispositionName, lossPhrase, sourceName } from '../text/wording.ts';
import { applyView } from './how-to-apply.ts';

interface SummaryOptions {
  /** The proposal's folder or `s3://` address, for the commands. */
  readonly address: string;
  /** From `state.json`; undefined if there is none. */
  readonly state: ProposalState | undefined;
  /** What was decided about it, a clause each. */
  readonly decisions?: readonly string[];
}

/** A proposal in a few lines for a terminal: the subject, the removed and remaining actions, and the next commands. */
export function renderSummary(
  proposal: Proposal,
  { address, state, decisions = [] }: SummaryOptions,
): string {
  const isCurrent = state === undefined || state.state === 'current';
  const { guarded, folder } = applyView(proposal, address);
  const blocks = [
    [
      ...subjectLines(proposal),
      `proposal ${proposal.proposalId}${isCurrent ? '' : `, ${state.state}: ${state.reason}`}`,
    ],
    decisions.map((decision) => `decided: ${decision}`),
    (proposal.warnings ?? []).map((warning) => `warning: ${warning}`),
    removedLines(proposal),
    proposal.policies.map(policyLine),
    proposal.notes.map((note) => `note: ${note}`),
    isCurrent
      ? [
          `apply:   ${guarded}`,
          `undo:    ${COMMAND} rollback ${shellQuote(folder)}`,
          'more:    show with --format commands, diff or markdown; for a role or user also terraform, cloudformation or cdk',
        ]
      : [`The proposal is ${state.state}, so there is nothing to apply.`],
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => `${onOneLine(line)}\n`).join(''))
    .join('\n');
}

function subjectLines(proposal: Proposal): readonly string[] {
  if ('subject' in proposal) {
    const { subject, accountName, holders } = proposal;
    const kind = subject.type === 'policy' ? 'shared policy' : subject.type;
    const reach = subject.type === 'group' ? 'user' : 'principal';
    return [
      `${kind} ${subject.name} of account ${namedAccount(subject.accountId, accountName)}, held by ${counted(holders.principals, reach)}`,
      subject.arn,
    ];
  }
  const { principal, accountName, owner } = proposal;
  return [
    `${principal.type} ${principal.name} of account ${namedAccount(principal.accountId, accountName)}${owner === undefined ? '' : `, owner ${owner}`}`,
    principal.arn,
  ];
}

function removedLines(proposal: Proposal): readonly string[] {
  if (!('summary' in proposal)) return [removal(proposal)];
  const { summary, retained } = proposal;
  const { actionsGrantedBefore: before, actionsGrantedAfter: after } = summary;
  const residue = 'residue' in proposal ? proposal.residue.length : 0;
  return [
    before === after
      ? 'loses no action; its policies no longer name unused actions'
      : `loses ${lossPhrase(before, after)}, all reported unused; ${counted(after, 'action')} ${after === 1 ? 'stays' : 'stay'}`,
    ...(proposal.risk === undefined
      ? []
      : [
          `removed: ${actionsPhrase(proposal.risk.removed)}`,
          `remaining: ${actionsPhrase(proposal.risk.remaining)}`,
        ]),
    `services ${count(summary.servicesGrantedBefore)} → ${count(summary.servicesGrantedAfter)}, characters of policy ${count(summary.charactersBefore)} → ${count(summary.charactersAfter)}`,
    ...(retained.length > 0
      ? [`kept on purpose, although unused: ${counted(retained.length, 'action')}`]
      : []),
    ...(residue > 0 ? [`unused, still granted: ${counted(residue, 'action')}`] : []),
  ];
}

function removal({ kind, accessKeyId }: RemovalProposal): string {
  switch (kind) {
    case 'remove-role':
      return 'the role is reported unused: a policy would deny it everything; one call undoes that';
    case 'remove-access-key':
      return `the access key ${accessKeyId ?? ''} is reported unused: it would be deactivated; one call undoes that`;
    case 'remove-password':
      return 'the console password is reported unused: it would be deleted, which cannot be undone';
    default:
      return kind satisfies never;
  }
}

function policyLine({ name, source, disposition, removed, reason }: ProposedPolicy): string {
  const loss = removed.length > 0 ? `, loses ${counted(removed.length, 'action')}` : '';
  const why = disposition === 'refused' ? `: ${reason}` : '';
  return `${name} (${sourceName(source)}): ${dispositionName(disposition).text}${loss}${why}`;
}
