import { html } from '../html/html.ts';
import { DECISION_SLOT } from './sections/card.ts';

const END = '<!--/decision-->';

/** A report that says what was decided about its proposal. What it said of an earlier decision is replaced. */
export function stampDecision(report: string, phrase: string): string {
  const at = report.indexOf(DECISION_SLOT);
  if (at < 0) return report;
  const rest = at + DECISION_SLOT.length;
  const end = report.indexOf(END, rest);
  const tail = end < 0 ? report.slice(rest) : report.slice(end + END.length);
  const said = html`<p class="decided"><b>Decided:</b> ${phrase}</p>`;
  return `${report.slice(0, rest)}${said.toString()}${END}${tail}`;
}
