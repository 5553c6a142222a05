import type { ServiceAccess } from '../access.ts';
import { foldCase } from '../../../core/pattern/matches.ts';
import { count } from '../../../core/model/wording.ts';
import { counted, day, share } from '../../text/format.ts';
import { html, joinHtml, type Html } from '../../html/html.ts';
import type { ReportContext } from '../report-context.ts';
import { bar } from './bar.ts';

/** If there are more services, those that are removed entirely and those that stay as they are become lists of names. */
const MOST_ROWS = 40;
/** Names of such a list that are not folded. */
const MOST_NAMES = 30;

/** Granted before and after by service: first those that are removed entirely, then the largest reductions. */
export function servicesSection(context: ReportContext): Html {
  const { services } = context;
  const vanished = services.filter((service) => service.after === 0);
  const narrowed = services.filter((service) => service.after > 0 && service.removed.length > 0);
  const kept = services.filter((service) => service.removed.length === 0);
  const isLarge = services.length > MOST_ROWS;
  const inRows = isLarge ? narrowed.slice(0, 3 * MOST_ROWS) : services;
  const longest = Math.max(1, ...inRows.map((service) => service.before));
  const cut = isLarge ? narrowed.length - inRows.length : 0;
  return html`<section id="services" aria-labelledby="services-h">
    <h2 id="services-h">Removed actions, by service</h2>
    <p class="soft">
      Services that are removed entirely come first, then the largest reductions. Open a service to see its
      removed actions.
    </p>
    ${isLarge && vanished.length > 0 && nameCard(sentence(vanished, 'is removed entirely', 'are removed entirely'), vanished, 'gone')}
    ${
      inRows.length > 0 &&
      html`<ul class="services">
        ${joinHtml(inRows.map((service) => row(service, longest, context)))}
      </ul>`
    }
    ${cut > 0 && html`<p class="soft">${counted(cut, 'service')} more with smaller reductions.</p>`}
    ${isLarge && kept.length > 0 && nameCard(sentence(kept, 'stays as it is', 'stay as they are'), kept, '')}
  </section>`;
}

function nameCard(title: string, services: readonly ServiceAccess[], look: string): Html {
  const names = (some: readonly ServiceAccess[]): Html =>
    html`<ul class="chips ${look}">
      ${joinHtml(some.map(({ service, before }) => html`<li><span class="mono">${service}</span> <span class="soft">${count(before)}</span></li>`))}
    </ul>`;
  const rest = services.slice(MOST_NAMES);
  return html`<div class="card">
    <p><b>${title}</b> <span class="soft">(with the number of their actions)</span></p>
    ${names(services.slice(0, MOST_NAMES))}
    ${
      rest.length > 0 &&
      html`<details class="more">
        <summary>Show ${count(rest.length)} more</summary>
        ${names(rest)}
      </details>`
    }
  </div>`;
}

/** `3 services are removed entirely`, `1 service is removed entirely` */
function sentence(services: readonly ServiceAccess[], one: string, many: string): string {
  return `${counted(services.length, 'service')} ${services.length === 1 ? one : many}`;
}

function row(service: ServiceAccess, longest: number, context: ReportContext): Html {
  const { before, after, removed } = service;
  const outcome =
    after === 0
      ? html`<span class="tag gone">removed</span>`
      : removed.length === 0
        ? html`<span class="soft">unchanged</span>`
        : html`<span>−${count(removed.length)} (${share(removed.length, before)})</span>`;
  const cells = html`<span class="mono">${service.service}</span>${bar(before, after, longest)}<span
      class="num"
      >${count(before)} → ${count(after)} <span class="vh">actions</span></span
    ><span class="num">${outcome}</span>`;
  if (removed.length === 0) return html`<li><div class="service">${cells}</div></li>`;
  return html`<li>
    <details>
      <summary class="service">${cells}</summary>
      <div class="inside">${removedNames(service, context)}</div>
    </details>
  </li>`;
}

function removedNames({ service, removed }: ServiceAccess, { verdicts, budget }: ReportContext): Html {
  const key = foldCase(service);
  const items = removed.map((name) => {
    const last = verdicts.lastAccessed(key, foldCase(name));
    return html`<li>
      <code>${name}</code>${last !== undefined && html` <small>last used ${day(last)}</small>`}
    </li>`;
  });
  const list = html`<ul class="names">
    ${joinHtml(items)}
  </ul>`;
  if (!budget.take(list.toString().length)) {
    return html`<p>${counted(removed.length, 'action')}; <code>proposal.json</code> lists each of them.</p>`;
  }
  return html`<p class="small soft">${counted(removed.length, 'removed action')} of ${service}</p>
    ${list}`;
}
