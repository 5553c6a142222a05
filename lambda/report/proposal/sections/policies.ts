import { renderJson, type JsonValue } from '../../../core/model/json.ts';
import type { ProposedPolicy } from '../../../core/model/proposed-policy.ts';
import { counted } from '../../text/format.ts';
import { diffHtml } from '../../html/diff-html.ts';
import { html, joinHtml, type Html } from '../../html/html.ts';
import { diffLinesOf } from '../../text/line-diff.ts';
import type { ReportContext } from '../report-context.ts';
import { actionsPhrase } from '../../text/risk-words.ts';
import { dispositionName, isChanging, sourceName } from '../../text/wording.ts';
import { statementBlocks } from './statements.ts';

/** Characters of the longest document that is shown if nothing changes; a longer one is only in its file. */
const LONGEST_DOCUMENT = 20_000;

/** Each policy: what is proposed and why, statement by statement, and the document before and after. */
export function policiesSection(context: ReportContext): Html {
  const cards = context.proposal.policies.map((policy, index) => policyCard(policy, index, context));
  return html`<section id="policies" aria-labelledby="policies-h">
    <h2 id="policies-h">Policies</h2>
    ${joinHtml(cards)}
  </section>`;
}

function policyCard(policy: ProposedPolicy, index: number, context: ReportContext): Html {
  const { text, look } = dispositionName(policy.disposition);
  const removed = policy.removed.length;
  return html`<article class="card" aria-labelledby="p${index}-h">
    <div class="head">
      <h3 id="p${index}-h">${policy.name}</h3>
      <span class="tag">${sourceName(policy.source)}</span
      ><span class="tag ${look}">${text}</span
      >${removed > 0 && html`<span class="soft small">grants ${counted(removed, 'fewer action')}</span>`}
    </div>
    <p>${policy.reason.charAt(0).toUpperCase() + policy.reason.slice(1)}.</p>
    ${policy.arn !== undefined && html`<p class="small soft mono">${policy.arn}${policy.versionId !== undefined && ` (${policy.versionId})`}</p>`}
    ${isChanging(policy) && policyRisk(index, context)}
    ${isChanging(policy) ? changedBody(policy, index, context) : unchangedBody(policy)}
  </article>`;
}

/** The removed and the remaining actions of one policy, by kind. */
function policyRisk(index: number, { proposal }: ReportContext): Html | undefined {
  const risk = proposal.risk?.policies[index];
  if (risk === undefined) return undefined;
  return html`<p class="small">
    Removed: ${actionsPhrase(risk.removed)}. Remaining: ${actionsPhrase(risk.remaining)}.
  </p>`;
}

function changedBody(policy: ProposedPolicy, index: number, context: ReportContext): Html {
  const name = policy.after.length > 1 || policy.after.some((document) => document.name !== policy.name);
  return html`<details class="more">
      <summary>What becomes of each pattern, and why</summary>
      ${statementBlocks(policy, index, context)}
    </details>
    <div class="statement">
      <h4>Document</h4>
      ${
        name &&
        html`<p class="small">
          Replaced by:
          ${joinHtml(
            policy.after.map((part) => html`<code>${part.name}</code>`),
            ', ',
          )}.
        </p>`
      }
      ${
        policy.after.length === 0
          ? html`<p>Nothing replaces it.</p>
              ${documentDetails(policy.before)}`
          : diffHtml(diffLinesOf(textOf(policy.before), afterText(policy)), `v${String(index)}`)
      }
    </div>`;
}

/** The parts of a policy that was split follow each other, each under its name. */
function afterText(policy: ProposedPolicy): string {
  const [only] = policy.after;
  if (policy.after.length === 1 && only) return textOf(only.document);
  return policy.after.map(({ name, document }) => `// ${name}\n${textOf(document)}`).join('\n');
}

function unchangedBody(policy: ProposedPolicy): Html {
  return documentDetails(policy.before);
}

function documentDetails(document: JsonValue): Html {
  const text = textOf(document);
  if (text.length > LONGEST_DOCUMENT)
    return html`<p class="small soft">
      The document is in the folder <code>policies</code> beside this report.
    </p>`;
  return html`<details class="more">
    <summary>Show the document</summary>
    <pre><code>${text}</code></pre>
  </details>`;
}

/** A document that is not JSON is shown as it is. */
function textOf(document: JsonValue): string {
  return typeof document === 'string' ? document : renderJson(document);
}
