import type { RefineProposal } from '../../../core/proposal/schema.ts';
import { COMMAND } from '../../../contract/command.ts';
import { proposalPrefix } from '../../../contract/object-keys.ts';
import { html, joinHtml, type Html } from '../../html/html.ts';
import { IAC_FORMATS, IAC_NAME, renderIac } from '../../iac/render-iac.ts';
import { shellQuote } from '../../text/shell-quote.ts';
import type { ReportContext } from '../report-context.ts';

/** The change as code, folded. */
export function iacSection({ proposal, room }: ReportContext<RefineProposal>): Html {
  const { plan, proposalId, principal, policies } = proposal;
  const folder = shellQuote(proposalPrefix(principal, proposalId).slice(0, -1));
  const fragments = IAC_FORMATS.map((format) => {
    const text = renderIac({ proposalId, principal, policies, plan }, format);
    const shown = room.take(text.length)
      ? html`<pre class="copy"><code>${text}</code></pre>`
      : html`<p class="small">
          It is too long for this page: <code>${COMMAND} show ${folder} --format ${format}</code>
        </p>`;
    return html`<details>
      <summary>${IAC_NAME[format]}</summary>
      ${shown}
    </details>`;
  });
  return html`<section id="code" aria-labelledby="code-h">
    <h2 id="code-h">As code</h2>
    <p class="soft">
      For policies that are kept in code: merge a fragment into yours by hand. The policies in it are exactly
      the proposed ones.
    </p>
    ${joinHtml(fragments)}
  </section>`;
}
