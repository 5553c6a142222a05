import { COMMAND } from '../../contract/command.ts';
import type { ProposalState } from '../../core/lifecycle/proposal-state.ts';
import type { ProposedPolicy } from '../../core/model/proposed-policy.ts';
import type { Proposal, RemovalProposal } from '../../core/proposal/schema.ts';
import { count, counted, onOneLine } from '../text/format.ts';
import { shellQuote } from '../text/shell.ts';
import { actionsPhrase } from '../text/risk-words.ts';
import { dispositionName, lossPhrase, sourceName } from '../text/wording.ts';
import { applyView } from './how-to-apply.ts';

export interface SummaryOptions {
  /** Where the proposal lies, for the commands. */
  readonly address: string;
  /** What is said of it beside it; undefined where nothing is. */
  readonly state: ProposalState | undefined;
}

/** A proposal in a few lines for a terminal: what it is about, what goes and stays, and how to go on. */
export function renderSummary(proposal: Proposal, { address, state }: SummaryOptions): string {
  const isCurrent = state === undefined || state.state === 'current';
  const { guarded, folder } = applyView(proposal, address);
  const blocks = [
    [
      ...subjectLines(proposal),
      `proposal ${proposal.proposalId}${isCurrent ? '' : `, ${state.state}: ${state.reason}`}`,
    ],
    (proposal.warnings ?? []).map((warning) => `warning: ${warning}`),
    whatGoes(proposal),
    proposal.policies.map(policyLine),
    proposal.notes.map((note) => `note: ${note}`),
    isCurrent
      ? [
          `apply:   ${guarded}`,
          `go back: ${COMMAND} rollback ${shellQuote(folder)}`,
          'more:    show with --format commands, diff or markdown; to refine a role or user also terraform, cloudformation or cdk',
        ]
      : [`It is ${state.state}, so there is nothing to apply.`],
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => `${onOneLine(line)}\n`).join(''))
    .join('\n');
}

function subjectLines(proposal: Proposal): readonly string[] {
  if ('subject' in proposal) {
    const { subject, holders } = proposal;
    const kind = subject.type === 'policy' ? 'shared policy' : subject.type;
    const reach = subject.type === 'group' ? 'user' : 'principal';
    return [
      `${kind} ${subject.name} of account ${subject.accountId}, reaching ${counted(holders.principals, reach)}`,
      subject.arn,
    ];
  }
  const { principal, owner } = proposal;
  return [
    `${principal.type} ${principal.name} of account ${principal.accountId}${owner === undefined ? '' : `, owner ${owner}`}`,
    principal.arn,
  ];
}

function whatGoes(proposal: Proposal): readonly string[] {
  if (!('summary' in proposal)) return [removal(proposal)];
  const { summary, retained } = proposal;
  const { actionsGrantedBefore: before, actionsGrantedAfter: after } = summary;
  const residue = 'residue' in proposal ? proposal.residue.length : 0;
  return [
    before === after
      ? 'loses names of actions that grant nothing more'
      : `loses ${lossPhrase(before, after)}, all reported unused; ${counted(after, 'action')} ${after === 1 ? 'stays' : 'stay'}`,
    ...(proposal.risk === undefined
      ? []
      : [
          `goes: ${actionsPhrase(proposal.risk.removed)}`,
          `stays: ${actionsPhrase(proposal.risk.remaining)}`,
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
      return 'the role is reported unused: a Deny puts it out of action, and one call takes that back';
    case 'remove-access-key':
      return `the access key ${accessKeyId ?? ''} is reported unused: it is deactivated, and one call takes that back`;
    case 'remove-password':
      return 'the console password is reported unused: it is deleted, which cannot be taken back';
    default:
      return kind satisfies never;
  }
}

function policyLine({ name, source, disposition, removed, reason }: ProposedPolicy): string {
  const loss = removed.length > 0 ? `, loses ${counted(removed.length, 'action')}` : '';
  const why = disposition === 'refused' ? `: ${reason}` : '';
  return `${name} (${sourceName(source)}): ${dispositionName(disposition).text}${loss}${why}`;
}
