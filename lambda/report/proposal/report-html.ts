import type { Universe } from '../../core/catalogue/universe.ts';
import type { Proposal, RefineProposal, Refinement } from '../../core/proposal/schema.ts';
import type { OpinionResult } from '../../ports/opinions.ts';
import { accessByService } from './access.ts';
import { html, joinHtml, type Html } from '../html/html.ts';
import { renderPage } from '../html/page.ts';
import { type ReportContext, type ReportLinks, SizeBudget } from './report-context.ts';
import { removalBody } from './removal-report.ts';
import { applySection, iacSection } from './sections/apply.ts';
import { exceptionsSection, stayingSection } from './sections/staying.ts';
import { opinionsSection } from './sections/opinions.ts';
import { policiesSection } from './sections/policies.ts';
import { recordSection } from './sections/record.ts';
import { servicesSection } from './sections/services.ts';
import { numbersSection, verdictSection } from './sections/verdict.ts';
import { makeVerdicts, type Reported } from '../html/verdicts.ts';
import { sharedBody } from './shared-report.ts';
import { INDEX_OBJECT, REPORT_OBJECT } from '../../contract/object-keys.ts';
import type { ReportWriter } from '../../ports/proposals.ts';

interface ReportOptions {
  /** Version of this program, for the record. */
  readonly engineVersion?: string;
  /** The second opinions that were requested. */
  readonly opinions?: readonly OpinionResult[];
  /** If left out, the report has no links to other pages. */
  readonly links?: ReportLinks | undefined;
}

/** Characters of HTML for drawings and lists of single actions; everything else in a report takes about 50,000. */
const BUDGET = 300_000;

/**
 * The report of one proposal: an HTML file without scripts and external resources. The same proposal, universe and
 * options give the same bytes.
 */
export function renderReport(proposal: Proposal, universe: Universe, options: ReportOptions = {}): string {
  if ('subject' in proposal) {
    const { unused, subject } = proposal;
    const reported = { unusedServices: unused.services, unusedActions: unused.actions, lastAccessed: {} };
    return renderPage({
      title: `${subject.name}: proposal for everybody who has it`,
      body: sharedBody(contextOf(proposal, reported, universe, options)),
    });
  }
  const { name } = proposal.principal;
  if (proposal.kind !== 'refine-permissions') {
    return renderPage({
      title: `${name}: unused access`,
      body: removalBody(proposal, options),
    });
  }
  return renderPage({
    title: `${name}: proposal to remove unused permissions`,
    body: refineBody(contextOf(proposal, proposal.finding, universe, options)),
  });
}

function contextOf<P extends Refinement>(
  proposal: P,
  reported: Reported,
  universe: Universe,
  { engineVersion, opinions = [], links }: ReportOptions,
): ReportContext<P> {
  return {
    proposal,
    universe,
    verdicts: makeVerdicts(reported, proposal.retained),
    services: accessByService(proposal, universe),
    engineVersion,
    opinions,
    links,
    budget: new SizeBudget(BUDGET),
  };
}

function refineBody(context: ReportContext<RefineProposal>): Html {
  const { notes } = context.proposal;
  return html`${verdictSection(context)}
    <main id="main">
      ${applySection(context.proposal, context.links)}
      ${
        notes.length > 0 &&
        html`<section aria-labelledby="notes-h">
          <h2 id="notes-h">Worth knowing</h2>
          <ul>
            ${joinHtml(notes.map((note) => html`<li>${note}</li>`))}
          </ul>
        </section>`
      }
      ${opinionsSection(context.opinions)} ${iacSection(context)} ${numbersSection(context)}
      ${servicesSection(context)} ${exceptionsSection(context)} ${policiesSection(context)}
      ${stayingSection(context)} ${recordSection(context.proposal, context.engineVersion)}
    </main>`;
}

/** From `<kind>/<account>/<type>/<name>/<id>/report.html` to the overview. */
const BESIDE: ReportLinks = { index: `../../../../../${INDEX_OBJECT}` };

/** Writes `report.html` for proposals of every kind. */
export function makeReportWriter(options: ReportOptions): ReportWriter {
  return {
    write: (proposal, universe, opinions = []) => [
      {
        name: REPORT_OBJECT,
        contentType: 'text/html',
        body: renderReport(proposal, universe, { links: BESIDE, ...options, opinions }),
      },
    ],
  };
}

/** The writer of a caller that does not state its version. */
export const reportWriter: ReportWriter = makeReportWriter({});
