import type { Universe } from '../../core/catalogue/universe.ts';
import type { SharedProposal } from '../../core/proposal/schema.ts';
import { REPORT_OBJECT } from '../../contract/object-keys.ts';
import type { SharedReportWriter } from '../../ports/proposals.ts';
import { accessByService } from './access.ts';
import { count, counted, share } from '../text/format.ts';
import { html, joinHtml, type Html } from '../html/html.ts';
import { renderPage } from '../html/page.ts';
import { type ReportContext, Room } from './report-context.ts';
import { applySection } from './sections/apply.ts';
import { exceptionsSection } from './sections/exceptions.ts';
import { holdersSection } from './sections/holders.ts';
import { policiesSection } from './sections/policies.ts';
import { servicesSection } from './sections/services.ts';
import { bar } from './sections/bar.ts';
import { sharedProofSentence } from '../text/wording.ts';
import { makeVerdicts } from '../html/verdicts.ts';

/** Characters of HTML for drawings and lists of single actions, as in the other reports. */
const ROOM = 300_000;

/** Writes `report.html` for proposals about shared policies and groups. */
export function makeSharedReportWriter(options: { readonly engineVersion?: string }): SharedReportWriter {
  return {
    writeShared: (proposal, universe) => [
      {
        name: REPORT_OBJECT,
        contentType: 'text/html',
        body: renderSharedReport(proposal, universe, options.engineVersion),
      },
    ],
  };
}

/** The report of one proposal about a shared policy or a group. The same arguments give the same bytes. */
export function renderSharedReport(
  proposal: SharedProposal,
  universe: Universe,
  engineVersion?: string,
): string {
  const context = contextOf(proposal, universe, engineVersion);
  const { notes } = proposal;
  const body = html`${head(proposal)}
    <main id="main">
      <section id="advice" aria-labelledby="advice-h">
        <h2 id="advice-h">Together or separately</h2>
        <p>${proposal.advice.reason}</p>
        <p class="soft">
          Both are exact, and one can follow the other: once one of them is applied, the next findings show
          what is left.
        </p>
        ${
          notes.length > 0 &&
          html`<ul>
            ${joinHtml(notes.map((note) => html`<li>${note}</li>`))}
          </ul>`
        }
      </section>
      ${servicesSection(context)} ${holdersSection(proposal)} ${exceptionsSection(context)}
      ${policiesSection(context)} ${applySection(proposal)} ${record(proposal, engineVersion)}
    </main>`;
  return renderPage({ title: `${proposal.subject.name}: proposal for everybody that has it`, body });
}

function contextOf(
  proposal: SharedProposal,
  universe: Universe,
  engineVersion: string | undefined,
): ReportContext {
  const { unused, retained } = proposal;
  const reported = { unusedServices: unused.services, unusedActions: unused.actions, lastAccessed: {} };
  return {
    proposal,
    universe,
    verdicts: makeVerdicts(reported, retained),
    services: accessByService(proposal, universe),
    engineVersion,
    opinions: [],
    room: new Room(ROOM),
  };
}

function head({ subject, holders, summary, verification, retained }: SharedProposal): Html {
  const { actionsGrantedBefore: before, actionsGrantedAfter: after } = summary;
  const isGroup = subject.type === 'group';
  const whom = counted(holders.principals, 'principal');
  const subjectName = isGroup ? 'The policies of this group' : 'This policy';
  return html`<header class="top">
    <p class="eyebrow">
      ${isGroup ? 'Group' : 'Shared customer managed policy'} in account ${subject.accountId} · proposal to
      remove what is unused to all
    </p>
    <h1>${subject.name}</h1>
    <p class="arn mono">${subject.arn}</p>
    <p class="verdict">
      ${subjectName} ${isGroup ? 'reach' : 'reaches'} <b>${whom}</b> and ${isGroup ? 'lose' : 'loses'}
      <b>${count(before - after)} of the ${counted(before, 'action')}</b> (${share(before - after, before)})
      that ${isGroup ? 'they grant' : 'it grants'}: unused to every one of them.
    </p>
    <div class="whole">
      ${bar(before, after, before)}
      <p class="key">
        <span class="a">stays: ${counted(after, 'action')}</span
        ><span>goes: ${counted(before - after, 'action')}, unused to all</span>
      </p>
    </div>
    <div class="proof">
      <p><b>✓ Proven exact.</b> ${sharedProofSentence({ verification, retained })}</p>
    </div>
    <nav aria-label="Sections">
      <ul>
        <li><a href="#advice">Together or separately</a></li>
        <li><a href="#services">By service</a></li>
        <li><a href="#holders">Who has it</a></li>
        ${retained.length > 0 && html`<li><a href="#exceptions">Unused, yet kept</a></li>`}
        <li><a href="#policies">Policies</a></li>
        <li><a href="#apply">How to apply, how to go back</a></li>
        <li><a href="#record">For the record</a></li>
      </ul>
    </nav>
  </header>`;
}

function record(
  { proposalId, catalogue, generalize }: SharedProposal,
  engineVersion: string | undefined,
): Html {
  const facts: (readonly [string, string])[] = [
    ['Proposal', proposalId],
    [
      'Action catalogue',
      `${catalogue.source} ${catalogue.version}: ${count(catalogue.services)} services, ${count(catalogue.actions)} actions`,
    ],
    ['Split wildcards become', generalize],
    ['Engine', `unused-access-refiner${engineVersion === undefined ? '' : ` ${engineVersion}`}`],
  ];
  return html`<section id="record" aria-labelledby="record-h">
    <h2 id="record-h">For the record</h2>
    <dl class="record">
      ${joinHtml(
        facts.map(
          ([name, value]) =>
            html`<dt>${name}</dt>
              <dd class="mono">${value}</dd>`,
        ),
      )}
    </dl>
  </section>`;
}
