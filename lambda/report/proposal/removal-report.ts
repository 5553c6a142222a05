import type { RemovalProposal } from '../../core/proposal/schema.ts';
import { day } from '../text/format.ts';
import { html, Html, joinHtml } from '../html/html.ts';
import { namedAccount, ownedBy, principalKind } from '../text/wording.ts';
import type { ReportLinks } from './report-context.ts';
import {
  aboutSubject,
  decide,
  DECISION_SLOT,
  kindsOf,
  linksOf,
  riskiest,
  warningLines,
} from './sections/card.ts';
import { applySection } from './sections/apply.ts';
import { recordSection } from './sections/record.ts';

interface RemovalOptions {
  readonly engineVersion?: string | undefined;
  readonly links?: ReportLinks | undefined;
}

/** The report of a role, access key or password that is reported unused, without any policy to refine. */
export function removalBody(proposal: RemovalProposal, { engineVersion, links }: RemovalOptions): Html {
  const { principal, accountName, notes } = proposal;
  return html`<header class="top">
      <p class="eyebrow">
        ${principalKind(principal)} in account
        ${namedAccount(principal.accountId, accountName)}${ownedBy(proposal)} · proposal to
        ${subject(proposal)}
      </p>
      <h1>${principal.name}</h1>
      <p class="arn mono">${principal.arn}</p>
      ${Html.ofOwnText(DECISION_SLOT)} ${warningLines(proposal)} ${verdict(proposal)}
      <div class="pair">
        ${aboutSubject(proposal)}
        ${proposal.risk && html`<div>${kindsOf(proposal.risk.removed, undefined)}</div>`}
      </div>
      ${proposal.risk && riskiest(proposal.risk.removed, undefined)} ${decide(proposal, links)}
      ${linksOf(proposal, links)}
      <nav aria-label="Sections">
        <ul>
          <li><a href="#apply">How to apply and undo</a></li>
          <li><a href="#record">For the record</a></li>
        </ul>
      </nav>
    </header>
    <main id="main">
      ${applySection(proposal, links)}
      ${
        notes.length > 0 &&
        html`<section aria-labelledby="notes-h">
          <h2 id="notes-h">Before you apply it</h2>
          <ul>
            ${joinHtml(notes.map((note) => html`<li>${note}</li>`))}
          </ul>
        </section>`
      }
      ${recordSection(proposal, engineVersion)}
    </main>`;
}

function subject(proposal: RemovalProposal): string {
  switch (proposal.kind) {
    case 'remove-role':
      return 'quarantine an unused role';
    case 'remove-access-key':
      return 'deactivate an unused access key';
    case 'remove-password':
      return 'delete an unused password';
    default:
      return proposal.kind satisfies never;
  }
}

function verdict(proposal: RemovalProposal): Html {
  const times = Object.values(proposal.finding.lastAccessed).sort();
  const last = times.at(-1);
  const when =
    last === undefined ? 'The finding has no date of last use.' : `It was last used on ${day(last)}.`;
  switch (proposal.kind) {
    case 'remove-role':
      return html`<p class="verdict">This role is <b>reported unused</b>. ${when}</p>`;
    case 'remove-access-key':
      return html`<p class="verdict">
        The access key <b class="mono">${proposal.accessKeyId}</b> of this user is <b>reported unused</b>.
        ${when}
      </p>`;
    case 'remove-password':
      return html`<p class="verdict">
        The console password of this user is <b>reported unused</b>. ${when}
      </p>`;
    default:
      return proposal.kind satisfies never;
  }
}
