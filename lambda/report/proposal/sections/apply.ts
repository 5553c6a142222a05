import type { Proposal } from '../../../core/proposal/schema.ts';
import { applyView, type StepView } from '../apply-steps.ts';
import { html, joinHtml, type Html } from '../../html/html.ts';

/** The commands, ready to copy: one click selects a whole block. */
export function applySection(proposal: Proposal): Html {
  const view = applyView(proposal);
  return html`<section id="apply" aria-labelledby="apply-h">
    <h2 id="apply-h">How to apply, how to go back</h2>
    <p class="soft">
      Nothing has been changed, and nothing in this system can change IAM: a person applies a proposal. Run
      the commands in the folder of this report, with credentials of account
      ${proposal.principal.accountId}.${view.hasScripts && html` The same steps lie beside this report as <code>apply.sh</code> and <code>rollback.sh</code>, which first check that nothing has changed since.`}
    </p>
    <div class="card">
      <h3>Apply</h3>
      ${steps(view.apply)}
    </div>
    ${
      view.rollback.length > 0 &&
      html`<div class="card">
        <h3>Go back</h3>
        ${steps(view.rollback)}
      </div>`
    }
    ${
      view.remarks.length > 0 &&
      html`<ul>
        ${joinHtml(view.remarks.map((remark) => html`<li>${remark}</li>`))}
      </ul>`
    }
  </section>`;
}

function steps(views: readonly StepView[]): Html {
  if (views.length === 0) return html`<p>Nothing to do.</p>`;
  return html`<ol class="steps">
    ${joinHtml(views.map(step))}
  </ol>`;
}

function step({ title, why, commands }: StepView): Html {
  const blocks = commands.map(
    ({ command, when }) =>
      html`${when !== undefined && html`<p class="small soft">If ${when}:</p>`}
        <pre class="copy"><code>${command}</code></pre>`,
  );
  return html`<li>
    <p>${title}</p>
    ${why !== undefined && html`<p class="small soft">${why}</p>`}${joinHtml(blocks)}
  </li>`;
}
