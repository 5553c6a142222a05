import { foldCase } from '../../../core/pattern/matches.ts';
import type { StayingActions, StayReason } from '../../../core/proposal/schema.ts';
import { byCodeUnit } from '../../../core/model/order.ts';
import { counted, day } from '../../text/format.ts';
import { html, joinHtml, type Html } from '../../html/html.ts';
import type { ReportContext, SizeBudget } from '../report-context.ts';
import { byReason } from '../../text/wording.ts';
import { hasExceptions } from './verdict.ts';

/** Why each action stays, one card for each reason: what is known, and what that means for a reviewer. */
export function stayingSection({ proposal, budget }: ReportContext): Html | undefined {
  const { staying } = proposal;
  if (staying.length === 0) return undefined;
  return html`<section id="staying" aria-labelledby="staying-h">
    <h2 id="staying-h">Why the other actions stay</h2>
    <p class="soft">
      An action that is not reported unused need not be in use. This section gives the reason for each.
    </p>
    ${joinHtml(staying.map((entry) => card(entry, budget)))}
  </section>`;
}

function card(entry: StayingActions, budget: SizeBudget): Html {
  const { title, text } = WORDS[entry.reason];
  return html`<div class="card">
    <p>
      <b>${title}:</b>
      ${counted(entry.count, entry.reason === 'unknown-to-catalogue' ? 'pattern' : 'action')}. ${text}
    </p>
    ${names(entry, budget)}
  </div>`;
}

function names({ actions, lastAccessed }: StayingActions, budget: SizeBudget): Html {
  const dates = new Map(Object.entries(lastAccessed ?? {}));
  const services = new Map<string, string[]>();
  for (const action of actions) {
    const service = foldCase(action.slice(0, action.indexOf(':')));
    services.set(service, [...(services.get(service) ?? []), action]);
  }
  const items = [...services]
    .sort(([a], [b]) => byCodeUnit(a, b))
    .flatMap(([, some]) =>
      some.map((action) => {
        const date = dates.get(action);
        return html`<li>
          <code>${action}</code>${date !== undefined && html` <small>last used ${day(date)}</small>`}
        </li>`;
      }),
    );
  const list = html`<ul class="names">
    ${joinHtml(items)}
  </ul>`;
  if (!budget.take(list.toString().length)) {
    return html`<p class="small soft">Too many to show here; <code>proposal.json</code> lists them.</p>`;
  }
  return html`<details class="more">
    <summary>Show them</summary>
    ${actions.some((action) => action.endsWith(':*')) && html`<p class="small soft"><code>service:*</code> stands for every action of the service that stays.</p>`}${list}
  </details>`;
}

const WORDS: Readonly<Record<StayReason, { readonly title: string; readonly text: string }>> = {
  used: { title: 'Used', text: 'AWS has a date for each of them.' },
  'tracked-not-reported': {
    title: 'Tracked, and not reported unused',
    text: 'AWS records the use of each of them, and the finding does not report them unused.',
  },
  'not-tracked': {
    title: 'Not tracked by AWS',
    text: 'AWS never reports their use one by one, so it is not known whether they are needed. They are removed only with their whole service.',
  },
  'tracking-unknown': {
    title: 'Not reported unused, and not known whether they could be',
    text: 'The action catalogue does not say which actions AWS tracks. Each of these was used, or AWS does not track it; a catalogue from “catalogue update” distinguishes the two.',
  },
  'unknown-to-catalogue': {
    title: 'Unknown to the catalogue',
    text: 'No known action matches these names, and unknown does not mean unused.',
  },
  retained: {
    title: 'Unused, kept on purpose',
    text: 'Each with its reason under “Unused, but kept”.',
  },
  residue: {
    title: 'Unused, in a policy that could not be refined',
    text: 'See “Unused, but kept” and the policy itself.',
  },
};

/** Names shown for one reason before the others are only counted. */
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
    <h2 id="exceptions-h">Unused, but kept</h2>
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
