import type { OpinionName } from '../../../contract/settings.ts';
import type { OpinionDetail, OpinionResult, OpinionVerdict } from '../../../ports/opinions.ts';
import { count } from '../../../core/model/wording.ts';
import { counted } from '../../text/format.ts';
import { html, joinHtml, type Html } from '../../html/html.ts';

/** What AWS says about the proposal. Undefined if no opinion was requested. */
export function opinionsSection(opinions: readonly OpinionResult[]): Html | undefined {
  if (opinions.length === 0) return undefined;
  return html`<section id="opinions" aria-labelledby="opinions-h">
    <h2 id="opinions-h">Second opinions from AWS</h2>
    <p class="soft">
      These checks were made once, before this proposal was stored. AWS's answers are quoted.
    </p>
    ${joinHtml(opinions.map(card))}
  </section>`;
}

/** The link at the top of the report, which already says if AWS disagrees. */
export function opinionsLink(opinions: readonly OpinionResult[]): Html | undefined {
  if (opinions.length === 0) return undefined;
  const isAgainst = opinions.some(({ verdict }) => verdict === 'disagrees');
  return html` ·
    <a href="#opinions">Second opinions from AWS</a
    >${isAgainst && html` <span class="tag gone">AWS disagrees</span>`}`;
}

const TITLES: Readonly<Record<OpinionName, string>> = {
  'validate-policy': 'Are the new documents valid? (ValidatePolicy)',
  'no-new-access': 'Do they grant anything new? (CheckNoNewAccess)',
  'access-not-granted': 'Is what was removed really gone? (CheckAccessNotGranted)',
  'aws-recommendation': 'What would AWS itself recommend? (GetFindingRecommendation)',
};

const VERDICTS: Readonly<Record<OpinionVerdict, { readonly text: string; readonly look: string }>> = {
  agrees: { text: 'AWS agrees', look: 'good' },
  disagrees: { text: 'AWS disagrees', look: 'gone' },
  differs: { text: 'AWS would do it differently', look: 'info' },
  partly: { text: 'AWS agrees as far as it was asked', look: 'info' },
  unavailable: { text: 'no answer', look: '' },
  'not-asked': { text: 'nothing to ask', look: '' },
};

function card({ opinion, verdict, sentences, details }: OpinionResult): Html {
  const { text, look } = VERDICTS[verdict];
  return html`<article class="card" aria-labelledby="opinion-${opinion}-h">
    <div class="head">
      <h3 id="opinion-${opinion}-h">${TITLES[opinion]}</h3>
      <span class="tag ${look}">${text}</span>
    </div>
    ${joinHtml(sentences.map((sentence) => html`<p>${sentence}</p>`))} ${joinHtml(details.map(detailBlock))}
  </article>`;
}

function detailBlock({ policy, document, verdict, sentences, lists = [] }: OpinionDetail): Html {
  const { text, look } = VERDICTS[verdict];
  const isCopy = document !== undefined && document !== policy;
  return html`<div class="statement">
    <div class="head">
      <h4>${policy}${isCopy && html` → ${document}`}</h4>
      <span class="tag ${look}">${text}</span>
    </div>
    <ul class="small">
      ${joinHtml(sentences.map((sentence) => html`<li>${sentence}</li>`))}
    </ul>
    ${joinHtml(
      lists.map(({ title, count: all, actions }) => {
        const rest = all - actions.length;
        return html`<details class="more">
          <summary>${title} (${count(all)})</summary>
          <ul class="chips">
            ${joinHtml(actions.map((action) => html`<li class="mono">${action}</li>`))}${rest > 0 && html`<li>and ${counted(rest, 'more', 'more')}</li>`}
          </ul>
        </details>`;
      }),
    )}
  </div>`;
}
