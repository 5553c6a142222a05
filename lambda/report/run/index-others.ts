import { byCodeUnit } from '../../core/model/order.ts';
import { count } from '../text/format.ts';
import { html, joinHtml, type Html } from '../html/html.ts';
import type { RunOther } from './run-overview.ts';
import { byReason } from '../text/wording.ts';

const OUTCOMES: readonly (readonly [RunOther['outcome'], string])[] = [
  ['failed', 'Failed'],
  ['refused', 'Not refined'],
  ['skipped', 'Left alone'],
  ['unchanged', 'Nothing to take away'],
  ['gone', 'Gone since the finding'],
];

/** What has no proposal and why: those that share a reason share a line. */
export function others(all: readonly RunOther[]): Html | undefined {
  if (all.length === 0) return undefined;
  const blocks = OUTCOMES.flatMap(([outcome, title]) => {
    const some = all.filter((other) => other.outcome === outcome);
    if (some.length === 0) return [];
    const reasons = byReason(some, ({ reason }) => reason).map(([reason, group]) =>
      reasonBlock(reason, group),
    );
    return [
      html`<div class="card">
        <h3>${title} <span class="soft">(${count(some.length)})</span></h3>
        ${joinHtml(reasons)}
      </div>`,
    ];
  });
  return html`<section id="others" aria-labelledby="others-h">
    <h2 id="others-h">Without a proposal</h2>
    ${joinHtml(blocks)}
  </section>`;
}

function reasonBlock(reason: string, group: readonly RunOther[]): Html {
  const items = [...group]
    .sort((a, b) => byCodeUnit(a.resource, b.resource))
    .map(({ resource }) => html`<li class="mono">${resource}</li>`);
  const sentence = reason.charAt(0).toUpperCase() + reason.slice(1);
  return html`<details class="more">
    <summary>${count(group.length)}: ${sentence}</summary>
    <ul class="names">
      ${joinHtml(items)}
    </ul>
  </details>`;
}
