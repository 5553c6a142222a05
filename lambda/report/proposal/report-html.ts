import type { Universe } from '../../core/catalogue/universe.ts';
import type { Proposal, RefineProposal } from '../../core/proposal/schema.ts';
import type { OpinionResult } from '../../ports/opinions.ts';
import { accessByService } from './access.ts';
import { html, joinHtml, type Html } from '../html/html.ts';
import { renderPage } from '../html/page.ts';
import { type ReportContext, Room } from './report-context.ts';
import { removalBody } from './removal-report.ts';
import { applySection } from './sections/apply.ts';
import { exceptionsSection } from './sections/exceptions.ts';
import { iacSection } from './sections/iac.ts';
import { opinionsSection } from './sections/opinions.ts';
import { policiesSection } from './sections/policies.ts';
import { recordSection } from './sections/record.ts';
import { servicesSection } from './sections/services.ts';
import { stayingSection } from './sections/staying.ts';
import { verdictSection } from './sections/verdict.ts';
import { makeVerdicts } from '../html/verdicts.ts';

export interface ReportOptions {
  /** Version of this program, for the record. */
  readonly engineVersion?: string;
  /** Second opinions that were asked for. */
  readonly opinions?: readonly OpinionResult[];
}

/** Characters of HTML for drawings and lists of single actions; the rest of a report takes some 50,000. */
const ROOM = 300_000;

/**
 * The report of one proposal: one HTML file that needs no script and no network. The same proposal, universe and
 * options give the same bytes.
 */
export function renderReport(proposal: Proposal, universe: Universe, options: ReportOptions = {}): string {
  const { principal } = proposal;
  if (proposal.kind !== 'refine-permissions') {
    return renderPage({
      title: `${principal.name}: unused access`,
      body: removalBody(proposal, options.engineVersion),
    });
  }
  return renderPage({
    title: `${principal.name}: proposal to remove unused permissions`,
    body: refineBody(makeReportContext(proposal, universe, options)),
  });
}

function makeReportContext(
  proposal: RefineProposal,
  universe: Universe,
  options: ReportOptions,
): ReportContext<RefineProposal> {
  return {
    proposal,
    universe,
    verdicts: makeVerdicts(proposal.finding, proposal.retained),
    services: accessByService(proposal, universe),
    engineVersion: options.engineVersion,
    opinions: options.opinions ?? [],
    room: new Room(ROOM),
  };
}

function refineBody(context: ReportContext<RefineProposal>): Html {
  const { notes } = context.proposal;
  return html`${verdictSection(context)}
    <main id="main">
      ${
        notes.length > 0 &&
        html`<section aria-labelledby="notes-h">
          <h2 id="notes-h">Worth knowing</h2>
          <ul>
            ${joinHtml(notes.map((note) => html`<li>${note}</li>`))}
          </ul>
        </section>`
      }
      ${servicesSection(context)} ${exceptionsSection(context)} ${policiesSection(context)}
      ${stayingSection(context)} ${opinionsSection(context.opinions)} ${applySection(context.proposal)}
      ${iacSection(context)} ${recordSection(context.proposal, context.engineVersion)}
    </main>`;
}
