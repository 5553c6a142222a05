import { counted } from '../../text/format.ts';
import { html, joinHtml, type Html } from '../../html/html.ts';
import type { ReportContext } from '../report-context.ts';
import { byReason } from '../../text/wording.ts';
import { hasExceptions } from './verdict.ts';

/** Names shown for one reason before the rest is only counted. */
const MOST_NAMES = 60;

/** Unused actions that stay on purpose, and those that stay because a group grants them, each with its reason. */
export function exceptionsSection(context: ReportContext): Html | undefined {
  if (!hasExceptions(context)) return undefined;
  const { retained, residue } = context.proposal;
  const kept = byReason(retained, ({ reason }) => reason).map(([reason, actions]) =>
    reasonBlock(
      reason,
      actions.map(({ action }) => action),
    ),
  );
  const left = byReason(residue, ({ through, reason }) => `${through}: ${reason}`).map(([reason, actions]) =>
    reasonBlock(
      reason,
      actions.map(({ action }) => action),
    ),
  );
  return html`<section id="exceptions" aria-labelledby="exceptions-h">
    <h2 id="exceptions-h">Unused, yet kept</h2>
    ${
      kept.length > 0 &&
      html`<h3>Kept on purpose</h3>
        ${joinHtml(kept)}`
    }
    ${
      left.length > 0 &&
      html`<h3>Still granted</h3>
        ${joinHtml(left)}`
    }
  </section>`;
}

function reasonBlock(reason: string, actions: readonly string[]): Html {
  const shown = actions.slice(0, MOST_NAMES);
  const rest = actions.length - shown.length;
  return html`<div class="card">
    <p>${reason.charAt(0).toUpperCase() + reason.slice(1)}.</p>
    <ul class="chips">
      ${joinHtml(shown.map((action) => html`<li class="mono">${action}</li>`))}${rest > 0 && html`<li>and ${counted(rest, 'more', 'more')}</li>`}
    </ul>
  </div>`;
}
