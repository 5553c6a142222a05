import { COMMAND } from '../../../contract/command.ts';
import type { Proposal, RefineProposal } from '../../../core/proposal/schema.ts';
import { addressOf, applyView, READ_FIRST, type StepView } from '../how-to-apply.ts';
import { html, joinHtml, type Html } from '../../html/html.ts';
import { IAC_FORMATS, IAC_NAME, renderIac } from '../../iac/render-iac.ts';
import { shellQuote } from '../../text/shell.ts';
import type { ReportContext, ReportLinks } from '../report-context.ts';

/** How to apply: the command that checks first, then the AWS calls, each ready to copy. */
export function applySection(proposal: Proposal, links: ReportLinks | undefined): Html {
  const view = applyView(proposal, addressOf(proposal, links?.bucket));
  const { accountId } = 'subject' in proposal ? proposal.subject : proposal.principal;
  return html`<section id="apply" aria-labelledby="apply-h">
    <h2 id="apply-h">How to apply and undo</h2>
    <p class="soft">
      Nothing has been changed, and nothing that is deployed can change IAM. A person applies a proposal, with
      credentials of account ${accountId}.
    </p>
    ${withCommand(view.guarded)}
    ${joinHtml(view.freeFirst.map((text) => html`<p><b>Before the first step:</b> ${text}</p>`))}
    ${card('Look first', view.look)}
    <details class="more">
      <summary>The AWS calls that the command makes</summary>
      <p class="soft">${view.about}</p>
      ${card('Apply', view.apply)} ${card('Undo', view.rollback)}
    </details>
    ${
      view.final.length > 0 &&
      html`<details class="more">
        <summary>What cannot be undone</summary>
        ${card('Cannot be undone', view.final)}
      </details>`
    }
    ${
      view.denials !== undefined &&
      html`<details class="more">
        <summary>A week later: who was denied something</summary>
        <pre class="copy"><code>${view.denials}</code></pre>
      </details>`
    }
    ${
      view.remarks.length > 0 &&
      html`<ul>
        ${joinHtml(view.remarks.map((remark) => html`<li>${remark}</li>`))}
      </ul>`
    }
  </section>`;
}

function withCommand(guarded: string): Html {
  return html`<div class="card">
    <h3>With the command</h3>
    <p class="small soft">
      It first checks that everything is still as it was analysed, shows its plan, and asks before it changes
      anything. <code>${COMMAND} rollback</code> undoes it.
    </p>
    <pre class="copy"><code>${guarded}</code></pre>
  </div>`;
}

function card(title: string, views: readonly StepView[]): Html | false {
  return (
    views.length > 0 &&
    html`<div class="card">
      <h3>${title}</h3>
      <ol class="steps">
        ${joinHtml(views.map(step))}
      </ol>
    </div>`
  );
}

function step({ title, why, commands }: StepView): Html {
  const blocks = commands.map(
    ({ command, isReading, when }) =>
      html`${when !== undefined && html`<p class="small soft">If ${when}:</p>`}
        ${isReading && html`<p class="small soft">${READ_FIRST}:</p>`}
        <pre class="copy"><code>${command}</code></pre>`,
  );
  return html`<li>
    <p>${title}</p>
    ${why !== undefined && html`<p class="small soft">${why}</p>`}${joinHtml(blocks)}
  </li>`;
}

/** The change as code, folded. */
export function iacSection({ proposal, budget, links }: ReportContext<RefineProposal>): Html {
  const { plan, proposalId, principal, policies } = proposal;
  const folder = shellQuote(addressOf(proposal, links?.bucket));
  const fragments = IAC_FORMATS.map((format) => {
    const text = renderIac({ proposalId, principal, policies, plan }, format);
    const shown = budget.take(text.length)
      ? html`<pre class="copy"><code>${text}</code></pre>`
      : html`<p class="small">
          It is too long for this page. This prints it:
          <code>${COMMAND} show ${folder} --format ${format}</code>
        </p>`;
    return html`<details>
      <summary>${IAC_NAME[format]}</summary>
      ${shown}
    </details>`;
  });
  return html`<section id="code" aria-labelledby="code-h">
    <h2 id="code-h">As code</h2>
    <p class="soft">
      If your policies are kept as code, merge one of these fragments by hand. It has exactly the proposed
      policies.
    </p>
    ${joinHtml(fragments)}
  </section>`;
}
