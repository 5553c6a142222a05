import type { RefineProposal } from '../../../core/proposal/schema.ts';
import { count } from '../../../core/model/wording.ts';
import { counted, share } from '../../text/format.ts';
import { html, Html, joinHtml } from '../../html/html.ts';
import { isChanging, namedAccount, ownedBy, principalKind, proofSentence } from '../../text/wording.ts';
import type { ReportContext } from '../report-context.ts';
import { bar } from './bar.ts';
import {
  aboutSubject,
  decide,
  DECISION_SLOT,
  hardlyWorth,
  kindsOf,
  linksOf,
  proof,
  riskiest,
  warningLines,
} from './card.ts';
import { opinionsLink } from './opinions.ts';

/** What a reviewer reads first: who loses how much, whether it is proven, and which unused actions stay. */
export function verdictSection(context: ReportContext<RefineProposal>): Html {
  const { proposal } = context;
  const { principal, summary } = proposal;
  const account = namedAccount(principal.accountId, proposal.accountName) + ownedBy(proposal);
  const { risk } = proposal;
  return html`<header class="top">
    <p class="eyebrow">
      ${principalKind(principal)} in account ${account} · proposal to remove unused permissions
    </p>
    <h1>${principal.name}</h1>
    <p class="arn mono">${principal.arn}</p>
    ${Html.ofOwnText(DECISION_SLOT)} ${warningLines(proposal)} ${verdict(context)} ${hardlyWorth(proposal)}
    <div class="pair">
      ${aboutSubject(proposal)}
      <div>
        <div class="whole">
          ${bar(summary.actionsGrantedBefore, summary.actionsGrantedAfter, summary.actionsGrantedBefore)}
          <p class="key">
            <span class="a">remaining: ${counted(summary.actionsGrantedAfter, 'action')}</span
            ><span
              >removed: ${counted(summary.actionsGrantedBefore - summary.actionsGrantedAfter, 'action')}, all
              reported unused</span
            >
          </p>
        </div>
        ${risk && kindsOf(risk.removed, risk.remaining)}
      </div>
    </div>
    ${risk && riskiest(risk.removed, risk.remaining)} ${decide(proposal, context.links)}
    ${proof(proofSentence(proposal))} ${linksOf(proposal, context.links)}
    <nav aria-label="Sections">
      <ul>
        <li><a href="#apply">How to apply and undo</a>${opinionsLink(context.opinions)}</li>
        <li><a href="#code">As code</a></li>
        <li><a href="#services">By service</a></li>
        ${hasExceptions(context) && html`<li><a href="#exceptions">Unused, but kept</a></li>`}
        <li><a href="#policies">Policies</a></li>
        ${proposal.staying.length > 0 && html`<li><a href="#staying">Why the other actions stay</a></li>`}
        <li><a href="#record">For the record</a></li>
      </ul>
    </nav>
  </header>`;
}

/** The same in numbers. */
export function numbersSection(context: ReportContext<RefineProposal>): Html {
  return html`<section id="numbers" aria-labelledby="numbers-h">
    <h2 id="numbers-h">In numbers</h2>
    ${tiles(context)}
  </section>`;
}

export function hasExceptions({ proposal }: ReportContext): boolean {
  return proposal.retained.length > 0 || proposal.residue.length > 0;
}

function verdict({ proposal, services }: ReportContext<RefineProposal>): Html {
  const { actionsGrantedBefore: before, actionsGrantedAfter: after } = proposal.summary;
  const vanished = services.filter((service) => service.after === 0);
  const [only] = vanished;
  const gone =
    vanished.length === 1 && only
      ? html` The service <b>${only.service}</b> is removed entirely.`
      : vanished.length > 0 && html` <b>${counted(vanished.length, 'service')}</b> are removed entirely.`;
  const retained = proposal.retained.length;
  const stays =
    retained > 0 &&
    html` Of the unused actions,
      <a href="#exceptions">${counted(retained, 'action')}</a> ${retained === 1 ? 'stays' : 'stay'} on
      purpose.`;
  const lost = before - after;
  if (lost === 0) {
    return html`<p class="verdict">
      Every action that this ${proposal.principal.type} is granted stays granted. Its policies no longer name
      unused actions.
    </p>`;
  }
  return html`<p class="verdict">
    This ${proposal.principal.type} would lose <b>${count(lost)} of the ${counted(before, 'action')}</b>
    (${share(lost, before)}) that its policies grant, all reported unused.${gone}
    ${after > 0 && 'Everything else stays.'}${stays}
  </p>`;
}

function tiles({ proposal, services }: ReportContext<RefineProposal>): Html {
  const { summary } = proposal;
  const changed = proposal.policies.filter(isChanging).length;
  const refused = proposal.policies.filter((policy) => policy.disposition === 'refused').length;
  const unchanged = services.filter((service) => service.removed.length === 0).length;
  const all = [
    tile(
      'Actions granted',
      arrow(summary.actionsGrantedBefore, summary.actionsGrantedAfter),
      'of the action catalogue',
    ),
    tile(
      'Services granted',
      arrow(summary.servicesGrantedBefore, summary.servicesGrantedAfter),
      `${count(unchanged)} untouched`,
    ),
    tile(
      'Policies changed',
      `${count(changed)} of ${count(proposal.policies.length)}`,
      refused > 0 ? `${count(refused)} could not be refined` : 'none refused',
    ),
    tile(
      'Unused, kept on purpose',
      count(proposal.retained.length),
      proposal.residue.length > 0
        ? `${count(proposal.residue.length)} more still granted`
        : 'none through groups',
    ),
    tile('Policy size', arrow(summary.charactersBefore, summary.charactersAfter), 'characters as IAM counts'),
  ];
  return html`<dl class="tiles">${joinHtml(all)}</dl>`;
}

function tile(name: string, value: string, note: string): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value} <small>${note}</small></dd>
  </div>`;
}

function arrow(before: number, after: number): string {
  return before === after ? count(before) : `${count(before)} → ${count(after)}`;
}
