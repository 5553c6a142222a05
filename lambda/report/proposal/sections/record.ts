import type { Proposal } from '../../../core/proposal/schema.ts';
import { count } from '../../../core/model/wording.ts';
import { html, joinHtml, type Html } from '../../html/html.ts';

/** Identifiers and versions, for the record. */
export function recordSection(proposal: Proposal, engineVersion: string | undefined): Html {
  const facts: (readonly [string, string])[] = [['Proposal', proposal.proposalId]];
  if ('finding' in proposal) {
    const { finding, owner } = proposal;
    if (owner !== undefined) facts.push(['Owner', owner]);
    facts.push(
      ['Finding', finding.id],
      ['Finding type', finding.findingType],
      ['Finding updated', finding.updatedAt ?? 'not stated'],
      finding.source === 'last-accessed'
        ? ['Source', 'IAM’s own report of last use; no analyzer was asked']
        : ['Analyzer', finding.analyzerArn ?? 'not stated'],
    );
  }
  const refined = 'catalogue' in proposal ? proposal : undefined;
  if (refined) {
    const { catalogue } = refined;
    facts.push(
      [
        'Action catalogue',
        `${catalogue.source} ${catalogue.version}: ${count(catalogue.services)} services, ${count(catalogue.actions)} actions`,
      ],
      ['Split wildcards become', GENERALIZE[refined.generalize]],
    );
  }
  facts.push([
    'Engine',
    `unused-access-refiner${engineVersion === undefined ? '' : ` ${engineVersion}`}, proposal schema ${String(proposal.schemaVersion)}`,
  ]);
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
    ${refined && html`<p class="small soft">A finding says what was not used within its window. Actions that AWS does not track one by one (reading an object, sending a message) are never reported one by one: they stay unless their whole service is unused.</p>`}
  </section>`;
}

const GENERALIZE = {
  shortest: 'the shortest safe prefixes (shortest)',
  least: 'the longest prefixes that the kept actions share (least)',
  enumerate: 'single actions (enumerate)',
} as const;
