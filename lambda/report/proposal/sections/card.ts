import { COMMAND } from '../../../contract/command.ts';
import { ACCESS_LEVELS } from '../../../core/catalogue/access-level.ts';
import { highImpactOf } from '../../../core/risk/high-impact.ts';
import { isHardlyWorth, type RiskOf } from '../../../core/risk/risk.ts';
import type { Proposal } from '../../../core/proposal/schema.ts';
import { breakable, html, joinHtml, type Html, type HtmlValue } from '../../html/html.ts';
import { archiveCommand } from '../../text/shell.ts';
import { iamConsoleLink, findingConsoleLink } from '../../text/console-link.ts';
import { count } from '../../../core/model/wording.ts';
import { counted, day } from '../../text/format.ts';
import { byReason } from '../../text/wording.ts';
import { HARDLY_WORTH, LEVEL_NAMES } from '../../text/risk-words.ts';
import { shellQuote } from '../../text/shell.ts';
import { addressOf, applyView } from '../how-to-apply.ts';
import type { ReportLinks } from '../report-context.ts';

/* The parts of the first screen that every report has: what a reviewer needs to say yes, partly or no. */

/** Reasons for which the card names a high-impact action, among the removed and among the remaining ones. */
const MOST_NAMED = 5;
/** Phrases that say who may assume a role. */
const MOST_ASSUMING = 4;

/** The slot into which a decision is written once there is one. */
export const DECISION_SLOT = '<!--decision-->';

/** Warnings come before everything else, because a proposal that is exact need not be safe. */
export function warningLines({ warnings = [] }: { readonly warnings?: readonly string[] | undefined }): Html {
  return joinHtml(
    warnings.map((warning) => html`<p class="warned" role="note"><b>⚠ Stop.</b> ${warning}</p>`),
  );
}

/** When the subject was reported and last used, who may assume it, and its owner. */
export function aboutSubject(proposal: Proposal): Html {
  const rows = [
    row('Reported', reported(proposal)),
    ...('subject' in proposal
      ? [row('Reaches', counted(proposal.holders.principals, 'principal'))]
      : [
          row('Last used', lastUse(proposal)),
          proposal.principal.type === 'role'
            ? row('May be assumed by', assumedBy(proposal.assumedBy))
            : undefined,
          row('Owner', proposal.owner ?? 'not known'),
        ]),
  ];
  return html`<dl class="facts">${joinHtml(rows.filter((one) => one !== undefined))}</dl>`;
}

function row(name: string, value: HtmlValue): Html {
  return html`<dt>${name}</dt>
    <dd>${value}</dd>`;
}

function reported(proposal: Proposal): string {
  const times =
    'subject' in proposal
      ? proposal.findings.map(({ updatedAt }) => updatedAt)
      : [proposal.finding.updatedAt];
  const days = times
    .filter((time) => time !== null)
    .map(day)
    .sort();
  const [first] = days;
  const last = days.at(-1);
  if (first === undefined || last === undefined) return 'the finding has no date';
  const when = first === last ? `on ${first}` : `from ${first} to ${last}`;
  return 'finding' in proposal && proposal.finding.source === 'last-accessed'
    ? `${when}: unused according to IAM’s own report of last use`
    : `${when}: unused for 90 days (or the period that the analyzer is set to)`;
}

/** The latest known date: the role's or key's own, else that of a remaining action, else that of a removed one. */
function lastUse(proposal: Exclude<Proposal, { readonly subject: unknown }>): string {
  const { lastUsedAt, finding } = proposal;
  if (typeof lastUsedAt === 'string') return day(lastUsedAt);
  if (lastUsedAt === null) return 'never, according to IAM';
  const staying = proposal.kind === 'refine-permissions' ? proposal.staying : [];
  const used = staying
    .flatMap(({ lastAccessed = {} }) => Object.values(lastAccessed))
    .sort()
    .at(-1);
  if (used !== undefined) return `${day(used)} (an action that remains)`;
  const gone = Object.values(finding.lastAccessed).sort().at(-1);
  return gone === undefined ? 'not known' : `${day(gone)} (an action that is removed)`;
}

function assumedBy(phrases: readonly string[] | undefined): string {
  if (phrases === undefined) return 'not known; see its trust policy';
  if (phrases.length === 0) return 'nobody';
  const rest = phrases.length - MOST_ASSUMING;
  return phrases.slice(0, MOST_ASSUMING).join('; ') + (rest > 0 ? `; and ${count(rest)} more` : '');
}

/** How many actions of each kind are removed, and how many remain. */
export function kindsOf(removed: RiskOf, remaining: RiskOf | undefined): Html {
  const levels = [...[...ACCESS_LEVELS].reverse(), 'unknown' as const].filter(
    (level) => removed.levels[level] > 0 || (remaining?.levels[level] ?? 0) > 0,
  );
  const rows = levels.map(
    (level) =>
      html`<tr>
        <th scope="row">${LEVEL_NAMES[level]}</th>
        <td>${count(removed.levels[level])}</td>
        ${remaining && html`<td>${count(remaining.levels[level])}</td>`}
      </tr>`,
  );
  return html`<table class="kinds">
    <thead>
      <tr>
        <td></td>
        <th scope="col">Removed</th>
        ${remaining && html`<th scope="col">Remaining</th>`}
      </tr>
    </thead>
    <tbody>
      ${joinHtml(rows)}
      <tr>
        <th scope="row">High impact, of these</th>
        <td>${count(removed.highImpact.length)}</td>
        ${remaining && html`<td>${count(remaining.highImpact.length)}</td>`}
      </tr>
    </tbody>
  </table>`;
}

/** The riskiest removed and remaining actions, each with what it lets somebody do. */
export function riskiest(removed: RiskOf, remaining: RiskOf | undefined): Html {
  return html`<div class="pair">
    ${riskiestOf('Riskiest removed', removed)}${remaining && riskiestOf('Riskiest remaining', remaining)}
  </div>`;
}

function riskiestOf(title: string, { highImpact }: RiskOf): Html {
  const reasons = byReason(highImpact, (action) => highImpactOf(action)?.reason ?? '');
  const items = reasons
    .slice(0, MOST_NAMED)
    .map(
      ([reason, [first = '', ...others]]) =>
        html`<li>
          <code>${breakable(first)}</code>${others.length > 0 && ` and ${count(others.length)} more`}:
          ${reason}
        </li>`,
    );
  const rest = reasons.slice(MOST_NAMED).reduce((sum, [, some]) => sum + some.length, 0);
  return html`<div>
    <h3>${title}</h3>
    ${
      items.length > 0
        ? html`<ul class="small">
            ${joinHtml(items)}
          </ul>`
        : html`<p class="small soft">None is on the list of high-impact actions.</p>`
    }
    ${rest > 0 && html`<p class="small soft">and ${count(rest)} more; <code>proposal.json</code> names them</p>`}
  </div>`;
}

/** Exact means that the documents are what they should be; it does not mean that nobody will miss a removed action. */
export function proof(sentence: string): Html {
  return html`<div class="proof">
    <p>
      <b>✓ Proven exact.</b> ${sentence} <b>Proven is not safe:</b> jobs that run less often than the window
      (quarter ends, restores, failover, key rotation) may still need what is removed.
    </p>
  </div>`;
}

/** Yes, partly and no: what to type, and what happens next. */
export function decide(proposal: Proposal, links: ReportLinks | undefined): Html {
  const { guarded, folder } = applyView(proposal, addressOf(proposal, links?.bucket));
  const about = `${COMMAND} decide ${shellQuote(folder)}`;
  const example = exampleOf(proposal);
  const isRefinement = !('finding' in proposal) || proposal.kind === 'refine-permissions';
  return html`<section class="decide" aria-labelledby="decide-h">
    <h2 id="decide-h">Decide</h2>
    <p class="small soft">Nothing changes unless you do it.</p>
    <div class="ways">
      <div>
        <h3>Yes</h3>
        <pre class="copy"><code>${breakable(guarded)}</code></pre>
        <p class="small soft">
          or
          <a href="#apply">read the steps first</a
          >${isRefinement && 'finding' in proposal && html`, or change it <a href="#code">as code</a>`}. To
          record approval first:
        </p>
        <pre class="copy"><code>${breakable(`${about} --accept --reason "…"`)}</code></pre>
      </div>
      ${
        isRefinement &&
        html`<div>
          <h3>Partly</h3>
          <pre
            class="copy"
          ><code>${breakable(`${about} --keep ${shellQuote(example)} --reason "…"`)}</code></pre>
          <p class="small soft">The next run keeps these actions and proposes the others.</p>
        </div>`
      }
      <div>
        <h3>No</h3>
        <pre class="copy"><code>${breakable(`${about} --reject --reason "…"`)}</code></pre>
        <p class="small soft">
          It is proposed again only if it would remove something
          riskier.${archiveCommand(proposal).length > 0 && ' The command prints how to archive the finding.'}
        </p>
      </div>
    </div>
  </section>`;
}

/** An action that a reviewer may want to keep: the riskiest removed one. */
function exampleOf(proposal: Proposal): string {
  const [riskiestOne] = proposal.risk?.removed.highImpact ?? [];
  const removed = proposal.policies.flatMap((policy) => policy.removed);
  return riskiestOne ?? removed[0] ?? 'service:Action';
}

/** Links to related pages; undefined if the report does not know where it is stored. */
export function linksOf(proposal: Proposal, links: ReportLinks | undefined): Html | undefined {
  if (links === undefined) return undefined;
  const subject = 'subject' in proposal ? proposal.subject : proposal.principal;
  const finding = 'finding' in proposal ? findingConsoleLink(proposal.finding) : undefined;
  const all = [
    html`<a href="${links.index}">All proposals</a>`,
    finding !== undefined && html`<a href="${finding}">The finding</a>`,
    html`<a href="${iamConsoleLink(subject)}">${subject.name} in IAM</a>`,
    sharedLink(proposal, links),
  ].filter((link) => link instanceof Object);
  return html`<p class="links">${joinHtml(all, ' · ')}</p>`;
}

/** To the proposals about shared policies and groups, and back from such a proposal to those about its holders. */
function sharedLink(proposal: Proposal, { index }: ReportLinks): Html | false {
  if ('subject' in proposal) return html`<a href="${index}#permissions">Its holders’ own proposals</a>`;
  const isShared = proposal.policies.some(
    ({ source, disposition }) =>
      disposition === 'inherited' || (source === 'customer-managed' && disposition === 'replace'),
  );
  return isShared && html`<a href="${index}#shared">Shared policies and groups</a>`;
}

/** Says that a proposal is hardly worth a review; undefined for most. */
export function hardlyWorth(proposal: Proposal): Html | undefined {
  if (!('summary' in proposal) || proposal.risk === undefined) return undefined;
  if (!isHardlyWorth(proposal.risk.removed, proposal.summary)) return undefined;
  return html`<p><b>${HARDLY_WORTH.charAt(0).toUpperCase() + HARDLY_WORTH.slice(1)}.</b></p>`;
}

const DECISION_END = '<!--/decision-->';

/** The report with the decision about its proposal, in place of an earlier decision. */
export function stampDecision(report: string, phrase: string): string {
  const at = report.indexOf(DECISION_SLOT);
  if (at < 0) return report;
  const rest = at + DECISION_SLOT.length;
  const end = report.indexOf(DECISION_END, rest);
  const tail = end < 0 ? report.slice(rest) : report.slice(end + DECISION_END.length);
  const said = html`<p class="decided"><b>Decided:</b> ${phrase}</p>`;
  return `${report.slice(0, rest)}${said.toString()}${DECISION_END}${tail}`;
}
