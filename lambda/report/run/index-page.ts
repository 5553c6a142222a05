import { ACCESS_LEVELS } from '../../core/catalogue/access-level.ts';
import { byCodeUnit } from '../../core/model/order.ts';
import { readPrincipalArn } from '../../core/model/principal.ts';
import { NO_LEVELS, type RiskSummary } from '../../core/risk/risk.ts';
import { riskPhrase } from '../text/risk-words.ts';
import { namedAccount } from '../text/wording.ts';
import { count } from '../../core/model/wording.ts';
import { counted, share } from '../text/format.ts';
import { html, joinHtml, type Html } from '../html/html.ts';
import { INDEX_SCRIPT, INDEX_SCRIPT_HASH } from './index-script.ts';
import { list, REFINEMENT_HEAD, REMOVAL_HEAD } from './index-list.ts';
import { type Group, restSection, withinLimit } from './index-rest.ts';
import { renderPage } from '../html/page.ts';
import {
  byRemovedRisk,
  type RunEntry,
  type RunOverview,
  summariesOf,
  type RunOther,
} from './run-overview.ts';
import { sharedList } from './shared-list.ts';
import { byReason } from '../text/wording.ts';

/**
 * The overview of a run. It can be read without its script, which only filters, sorts and pages the rows.
 * Groups that lose the riskiest actions come first, then those with the largest effect.
 */
export function renderIndex(run: RunOverview): string {
  const { refinements, removals, rest } = withinLimit(
    groups(run.entries.filter(({ numbers }) => numbers !== null)),
    groups(run.entries.filter(({ numbers }) => numbers === null)),
    run.limit?.proposals ?? Infinity,
  );
  const body = html`${head(run)}
    <main id="main">
      ${filters(run)} ${list('permissions', 'Permissions to remove', refinements, REFINEMENT_HEAD)}
      ${list('unused', 'Unused roles, access keys and passwords', removals, REMOVAL_HEAD)}
      ${run.limit && restSection(rest, run.limit.folderOf)}
      ${sharedList(run.shared ?? [], run.limit?.proposals)} ${others(run.others)}
      ${run.entries.length === 0 && run.others.length === 0 && html`<p>The run saw no finding.</p>`}
    </main>
    <footer>
      <p>unused-access-refiner ${run.engineVersion}${versions(run)}</p>
    </footer>`;
  const script = { text: INDEX_SCRIPT, hash: INDEX_SCRIPT_HASH };
  return renderPage({ title: 'Unused access: proposals of a run', body, script });
}

function versions({ catalogue, generalize, madeAt }: RunOverview): string {
  return [
    catalogue &&
      ` · action catalogue ${catalogue.source} ${catalogue.version}: ${count(catalogue.services)} services, ${count(catalogue.actions)} actions`,
    generalize && ` · split wildcards: ${generalize}`,
    madeAt !== undefined && ` · ${madeAt}`,
  ]
    .filter((part) => typeof part === 'string')
    .join('');
}

function groups(entries: readonly RunEntry[]): readonly Group[] {
  const bySignature = byReason(entries, sameRow);
  return bySignature
    .flatMap(([, members]): readonly Group[] => {
      const sorted = [...members].sort(byPrincipal);
      const [first] = sorted;
      return first
        ? [{ entries: sorted, first, effect: removedBy(first) * members.length, unlisted: 0 }]
        : [];
    })
    .sort(
      (a, b) =>
        Number(a.first.state !== undefined) - Number(b.first.state !== undefined) ||
        byRemovedRisk(a.first, b.first) ||
        b.effect - a.effect ||
        b.entries.length - a.entries.length ||
        byPrincipal(a.first, b.first),
    );
}

/** Proposals with the same outcome and the same reason share a row. */
function sameRow({ signature, state, warnings = [], remarks: more = [], decisions = [] }: RunEntry): string {
  return [signature, state?.name ?? '', state?.reason ?? '', ...warnings, ...more, ...decisions].join('\n');
}

function byPrincipal(a: RunEntry, b: RunEntry): number {
  return (
    byCodeUnit(a.principal.name, b.principal.name) ||
    byCodeUnit(a.principal.arn, b.principal.arn) ||
    byCodeUnit(a.path, b.path)
  );
}

function removedBy({ numbers }: RunEntry): number {
  return numbers ? numbers.actionsGrantedBefore - numbers.actionsGrantedAfter : 0;
}

function head(run: RunOverview): Html {
  const current = run.entries.filter(({ state }) => state === undefined);
  const numbers = summariesOf(current);
  const before = numbers.reduce((sum, n) => sum + n.actionsGrantedBefore, 0);
  const after = numbers.reduce((sum, n) => sum + n.actionsGrantedAfter, 0);
  const accounts = new Set(run.entries.map(({ principal }) => principal.accountId)).size;
  const refused = current.reduce((sum, { refused: policies }) => sum + policies.length, 0);
  const whole = current.filter((entry) => entry.numbers === null).length;
  const past = run.entries.length - current.length;
  const isApplied = [...run.entries, ...(run.shared ?? [])].some(({ state }) => state?.name === 'applied');
  return html`<header class="top">
    <p class="eyebrow">Proposals to remove unused access${!isApplied && ' · nothing has been changed'}</p>
    <h1>Unused access, ${counted(accounts, 'account')}</h1>
    ${
      numbers.length > 0
        ? html`<p class="verdict">
              ${counted(numbers.length, 'principal')} would lose
              <b>${count(before - after)} of ${counted(before, 'granted action')}</b>
              (${share(before - after, before)}), each reported unused.
            </p>
            ${kinds(current)}
            <div class="whole">
              <svg class="bar" aria-hidden="true">
                <rect class="b" width="100%" height="100%" />
                <rect
                  class="a"
                  width="${before > 0 ? Math.round((after / before) * 1000) / 10 : 0}%"
                  height="100%"
                />
              </svg>
              <p class="key">
                <span class="a">remaining: ${count(after)}</span
                ><span>removed: ${count(before - after)}</span>
              </p>
            </div>`
        : html`<p class="verdict">No permissions to remove.</p>`
    }
    <dl class="tiles">
      <div>
        <dt>Permissions to remove</dt>
        <dd>${count(numbers.length)} <small>principals, proven exact</small></dd>
      </div>
      <div>
        <dt>Unused as a whole</dt>
        <dd>${count(whole)} <small>roles, keys and passwords</small></dd>
      </div>
      <div>
        <dt>Without a proposal</dt>
        <dd>${count(run.others.length)} <small>each with its reason below</small></dd>
      </div>
      <div>
        <dt>Policies not refined</dt>
        <dd>${count(refused)} <small>left untouched, with reasons</small></dd>
      </div>
      ${
        past > 0 &&
        html`<div>
          <dt>No longer current</dt>
          <dd>${count(past)} <small>proposals, not counted above, each with its reason</small></dd>
        </div>`
      }
    </dl>
  </header>`;
}

/** What the run as a whole removes and keeps, by kind. */
function kinds(current: readonly RunEntry[]): Html | undefined {
  const known = current.flatMap(({ risk, numbers }) => (numbers && risk ? [risk] : []));
  if (known.length === 0) return undefined;
  const removed = sumOf(known.map((risk) => risk.removed));
  const remaining = sumOf(known.flatMap((risk) => risk.remaining ?? []));
  return html`<dl class="facts">
    <dt>Removed</dt>
    <dd>${riskPhrase(removed)}</dd>
    <dt>Remaining</dt>
    <dd>${riskPhrase(remaining)}</dd>
  </dl>`;
}

function sumOf(all: readonly RiskSummary[]): RiskSummary {
  const levels = { ...NO_LEVELS };
  let [weight, highImpact] = [0, 0];
  for (const one of all) {
    weight += one.weight;
    highImpact += one.highImpact;
    for (const level of [...ACCESS_LEVELS, 'unknown'] as const) levels[level] += one.levels[level];
  }
  return { weight, highImpact, levels };
}

/** Hidden until the script has run, because they need it. */
function filters(run: RunOverview): Html {
  const names = new Map(run.entries.map(({ principal, accountName }) => [principal.accountId, accountName]));
  const accounts = [...names].sort(([a], [b]) => byCodeUnit(a, b));
  return html`<form class="filters" id="filters" hidden>
    <div>
      <label for="f-text"
        >${hasOwners(run) ? 'Name, account, ARN or owner contains' : 'Name, account or ARN contains'}</label
      ><input id="f-text" type="search" autocomplete="off" />
    </div>
    <div>
      <label for="f-account">Account</label>
      <select id="f-account">
        <option value="">all ${count(accounts.length)}</option>
        ${joinHtml(accounts.map(([id, name]) => html`<option value="${id}">${namedAccount(id, name)}</option>`))}
      </select>
    </div>
    <div>
      <label for="f-type">Principal</label>
      <select id="f-type">
        <option value="">roles and users</option>
        <option value="role ·">roles</option>
        <option value="user ·">users</option>
      </select>
    </div>
    <div>
      <label for="f-remark">With</label>
      <select id="f-remark">
        <option value="">anything</option>
        <option value="kept on purpose">unused actions kept on purpose</option>
        <option value="still granted">unused actions still granted</option>
        <option value="not refined">policies not refined</option>
        ${run.entries.some(({ warnings }) => warnings) && html`<option value="⚠ stop">a warning that stops</option>`}
        ${past(run) && html`<option value="no longer current">proposals no longer current</option>`}
      </select>
    </div>
    <div>
      <label for="f-order">Order</label>
      <select id="f-order">
        <option value="">riskiest first</option>
        <option value="most">most actions first</option>
        <option value="share">largest share first</option>
        <option value="name">name</option>
      </select>
    </div>
  </form>`;
}

function hasOwners({ entries }: RunOverview): boolean {
  return entries.some(({ owner }) => owner !== undefined);
}

function past({ entries }: RunOverview): boolean {
  return entries.some(({ state }) => state !== undefined);
}

const OUTCOMES: readonly (readonly [RunOther['outcome'], string])[] = [
  ['failed', 'Failed'],
  ['refused', 'Not refined'],
  ['skipped', 'Left alone'],
  ['unchanged', 'Nothing to remove'],
  ['gone', 'Gone since the finding'],
];

/** Principals and findings without a proposal, one line for each reason. */
function others(all: readonly RunOther[]): Html | undefined {
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

/** `role Orders`; what is no ARN of a principal stays whole. */
function shortName(resource: string): string {
  const ref = readPrincipalArn(resource);
  return ref ? `${ref.type} ${ref.name}` : resource;
}

function reasonBlock(reason: string, group: readonly RunOther[]): Html {
  const items = [...group]
    .sort((a, b) => byCodeUnit(a.resource, b.resource))
    .map(({ resource }) => html`<li class="mono">${resource}</li>`);
  const [only] = group;
  const sentence = reason.charAt(0).toUpperCase() + reason.slice(1);
  const whom = group.length === 1 && only ? shortName(only.resource) : count(group.length);
  return html`<details class="more">
    <summary>${whom}: ${sentence}</summary>
    <ul class="names">
      ${joinHtml(items)}
    </ul>
  </details>`;
}
