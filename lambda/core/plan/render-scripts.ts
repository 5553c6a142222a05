import { renderJson } from '../model/json.ts';
import type { PrincipalRef } from '../model/principal.ts';
import { describeStep } from './describe-step.ts';
import { scriptChecks } from './script-checks.ts';
import { scriptStep } from './script-steps.ts';
import { scriptPrelude } from './script-prelude.ts';
import { shellComment, shellQuote } from './shell-quote.ts';
import type { Plan } from './schema.ts';

export interface ScriptInput {
  readonly proposalId: string;
  readonly principal: PrincipalRef;
  readonly plan: Plan;
}

/** A file of the proposal's folder, named relative to it. */
export interface PlanFile {
  readonly name: string;
  readonly contentType: 'application/json' | 'text/x-shellscript';
  readonly body: string;
}

export type Direction = 'apply' | 'rollback';

/**
 * `apply.sh` and `rollback.sh`: the plan as AWS command-line calls that stop at the first error. They read documents
 * from the files beside them. Unlike the `apply` command they do not resume: run a second time, their checks stop them.
 */
export function renderScript(input: ScriptInput, direction: Direction): string {
  const { plan, principal, proposalId } = input;
  const steps = direction === 'apply' ? plan.apply : plan.rollback;
  const word = direction === 'apply' ? 'Puts in place' : 'Takes back';
  const head = [
    '#!/usr/bin/env bash',
    `# ${word} proposal ${proposalId} for ${shellComment(principal.arn)}.`,
    '#',
    '# Run it with credentials of that account that may change IAM. It needs the AWS command line and jq.',
    '# It first checks that everything is still as the proposal left off, and stops at the first error. It does',
    `# not resume: after an interruption run "unused-access-refiner ${direction}" on this folder, which does.`,
  ];
  if (plan.irreversible !== null) head.push('#', `# Not reversible: ${shellComment(plan.irreversible)}.`);
  if (steps.length === 0) {
    const nothing = plan.irreversible ?? 'the proposal changes nothing in IAM';
    return [
      ...head,
      'set -euo pipefail',
      '',
      `printf '%s\\n' ${shellQuote(`nothing to do: ${nothing}`)} >&2`,
      `exit ${plan.irreversible === null ? '0' : '1'}`,
      '',
    ].join('\n');
  }
  return [
    ...head,
    '',
    scriptPrelude(steps),
    '',
    '# ---- is everything still as it was? ----',
    ...scriptChecks(plan.checks, principal, direction),
    '',
    ...steps.flatMap((step, index) => [
      `# ---- ${String(index + 1)} of ${String(steps.length)}: ${shellComment(describeStep(step))} ----`,
      `# Why: ${shellComment(step.why)}.`,
      ...scriptStep(step, principal),
      '',
    ]),
    ...ending(plan, direction),
    '',
  ].join('\n');
}

function ending(plan: Plan, direction: Direction): readonly string[] {
  const lines =
    direction === 'apply'
      ? ['done: it is as the proposal says', ...plan.afterwards.map((text) => `next: ${text}`)]
      : ['done: it is as it was before'];
  return lines.map((line) => `printf '%s\\n' ${shellQuote(line)}`);
}

/** The files that carry a plan: both scripts, and the documents that stand in no policy of the proposal. */
export function planFiles(input: ScriptInput): readonly PlanFile[] {
  return [
    { name: 'apply.sh', contentType: 'text/x-shellscript', body: renderScript(input, 'apply') },
    { name: 'rollback.sh', contentType: 'text/x-shellscript', body: renderScript(input, 'rollback') },
    ...input.plan.documents.map(({ file, document }): PlanFile => ({
      name: file,
      contentType: 'application/json',
      body: `${renderJson(document)}\n`,
    })),
  ];
}
