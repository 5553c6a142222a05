import type { SharedProposal } from '../../core/proposal/schema.ts';
import { count } from '../../core/model/wording.ts';
import { counted, share } from '../text/format.ts';
import { html, Html, joinHtml } from '../html/html.ts';
import { namedAccount, sharedProofSentence } from '../text/wording.ts';
import type { ReportContext } from './report-context.ts';
import { applySection } from './sections/apply.ts';
import { exceptionsSection } from './sections/staying.ts';
import { policiesSection } from './sections/policies.ts';
import { recordSection } from './sections/record.ts';
import { servicesSection } from './sections/services.ts';
import { bar } from './sections/bar.ts';
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
} from './sections/card.ts';
import { byCodeUnit } from '../../core/model/order.ts';

/** The report of a proposal about a shared policy or a group. */
export function sharedBody(context: ReportContext<SharedProposal>): Html {
  const { proposal } = context;
  const { notes } = proposal;
  return html`${head(context)}
    <main id="main">
      ${applySection(proposal, context.links)}
      <section id="advice" aria-labelledby="advice-h">
        <h2 id="advice-h">One change or separate copies</h2>
        <p>${proposal.advice.reason}</p>
        <p class="soft">
          Both are exact. After one of them is applied, the next findings show what is still unused, and the
          other can follow.
        </p>
        ${
          notes.length > 0 &&
          html`<ul>
            ${joinHtml(notes.map((note) => html`<li>${note}</li>`))}
          </ul>`
        }
      </section>
      ${servicesSection(context)} ${holdersSection(proposal)} ${exceptionsSection(context)}
      ${policiesSection(context)} ${recordSection(proposal, context.engineVersion)}
    </main>`;
}

function head({ proposal, links }: ReportContext<SharedProposal>): Html {
  const { subject, accountName, holders, summary, retained, risk } = proposal;
  const { actionsGrantedBefore: before, actionsGrantedAfter: after } = summary;
  const isGroup = subject.type === 'group';
  const whom = counted(holders.principals, 'principal');
  const subjectName = isGroup ? 'The policies of this group' : 'This policy';
  return html`<header class="top">
    <p class="eyebrow">
      ${isGroup ? 'Group' : 'Shared customer managed policy'} in account
      ${namedAccount(subject.accountId, accountName)} · proposal to remove what is reported unused for every
      holder
    </p>
    <h1>${subject.name}</h1>
    <p class="arn mono">${subject.arn}</p>
    ${Html.ofOwnText(DECISION_SLOT)} ${warningLines(proposal)}
    <p class="verdict">
      ${subjectName} ${isGroup ? 'reach' : 'reaches'} <b>${whom}</b> and ${isGroup ? 'lose' : 'loses'}
      <b>${count(before - after)} of the ${counted(before, 'action')}</b> (${share(before - after, before)})
      that ${isGroup ? 'they grant' : 'it grants'}, all reported unused for every one of them.
    </p>
    ${hardlyWorth(proposal)}
    <div class="pair">
      ${aboutSubject(proposal)}
      <div>
        <div class="whole">
          ${bar(before, after, before)}
          <p class="key">
            <span class="a">remaining: ${counted(after, 'action')}</span
            ><span>removed: ${counted(before - after, 'action')}, reported unused for every holder</span>
          </p>
        </div>
        ${risk && kindsOf(risk.removed, risk.remaining)}
      </div>
    </div>
    ${risk && riskiest(risk.removed, risk.remaining)} ${decide(proposal, links)}
    ${proof(sharedProofSentence(proposal))} ${linksOf(proposal, links)}
    <nav aria-label="Sections">
      <ul>
        <li><a href="#apply">How to apply and undo</a></li>
        <li><a href="#advice">One change or separate copies</a></li>
        <li><a href="#services">By service</a></li>
        <li><a href="#holders">Who has it</a></li>
        ${retained.length > 0 && html`<li><a href="#exceptions">Unused, but kept</a></li>`}
        <li><a href="#policies">Policies</a></li>
        <li><a href="#record">For the record</a></li>
      </ul>
    </nav>
  </header>`;
}

/** Rows that are not folded, and rows of a page at most. */
const FEW = 20;
const MOST = 1000;

/** All holders, how they have the policy or group, and the finding of each. */
function holdersSection({ holders, findings, subject }: SharedProposal): Html {
  const ways = new Map<string, string[]>();
  const note = (arn: string, way: string): void => {
    const known = ways.get(arn);
    if (known) known.push(way);
    else ways.set(arn, [way]);
  };
  for (const arn of [...holders.roles, ...holders.users]) note(arn, 'attached');
  for (const { name, members } of holders.groups) {
    for (const arn of members) note(arn, subject.type === 'group' ? 'member' : `through group ${name}`);
  }
  const ids = new Map<string, string[]>();
  for (const { principal, id } of findings) ids.set(principal, [...(ids.get(principal) ?? []), id]);
  const rows = [...ways]
    .sort(([a], [b]) => byCodeUnit(a, b))
    .map(
      ([arn, how]) =>
        html`<li>
          <span class="mono">${arn}</span> · ${how.join(', ')}
          <small class="soft">finding ${(ids.get(arn) ?? []).join(', ')}</small>
        </li>`,
    );
  const shown = rows.slice(0, FEW);
  const more = rows.slice(FEW, MOST);
  const rest = rows.length - shown.length - more.length;
  return html`<section id="holders" aria-labelledby="holders-h">
    <h2 id="holders-h">Who has it</h2>
    <p class="soft">
      ${counted(holders.principals, 'principal')}${subject.type === 'policy' && `: attached to ${counted(holders.roles.length, 'role')}, ${counted(holders.users.length, 'user')} and ${counted(holders.groups.length, 'group')}`}.
      The finding of each reports the removed actions unused.
    </p>
    <ul>
      ${joinHtml(shown)}
    </ul>
    ${
      more.length > 0 &&
      html`<details class="more">
        <summary>Show ${count(more.length)} more</summary>
        <ul>
          ${joinHtml(more)}
        </ul>
      </details>`
    }
    ${rest > 0 && html`<p class="soft">${counted(rest, 'principal')} more; <code>proposal.json</code> lists them.</p>`}
  </section>`;
}
