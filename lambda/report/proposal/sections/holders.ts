import type { SharedProposal } from '../../../core/proposal/schema.ts';
import { byCodeUnit } from '../../../core/model/order.ts';
import { count, counted } from '../../text/format.ts';
import { html, joinHtml, type Html } from '../../html/html.ts';

/** Rows shown before the rest is folded away, and those that a page can bear at all. */
const FEW = 20;
const MOST = 1000;

/** Everybody that the change reaches, how it reaches them, and the finding that speaks for each. */
export function holdersSection({ holders, findings, subject }: SharedProposal): Html {
  const ways = new Map<string, string[]>();
  const note = (arn: string, way: string): void => {
    const known = ways.get(arn);
    if (known) known.push(way);
    else ways.set(arn, [way]);
  };
  for (const arn of [...holders.roles, ...holders.users]) note(arn, 'attached');
  for (const { name, members } of holders.groups) {
    for (const arn of members) note(arn, subject.type === 'group' ? 'member' : `through group ${name}`);
  }
  const ids = new Map<string, string[]>();
  for (const { principal, id } of findings) ids.set(principal, [...(ids.get(principal) ?? []), id]);
  const rows = [...ways]
    .sort(([a], [b]) => byCodeUnit(a, b))
    .map(
      ([arn, how]) =>
        html`<li>
          <span class="mono">${arn}</span> · ${how.join(', ')}
          <small class="soft">finding ${(ids.get(arn) ?? []).join(', ')}</small>
        </li>`,
    );
  const shown = rows.slice(0, FEW);
  const more = rows.slice(FEW, MOST);
  const rest = rows.length - shown.length - more.length;
  return html`<section id="holders" aria-labelledby="holders-h">
    <h2 id="holders-h">Who has it</h2>
    <p class="soft">
      ${counted(holders.principals, 'principal')}${subject.type === 'policy' && `: attached to ${counted(holders.roles.length, 'role')}, ${counted(holders.users.length, 'user')} and ${counted(holders.groups.length, 'group')}`}.
      Each has a finding that reports unused what goes.
    </p>
    <ul>
      ${joinHtml(shown)}
    </ul>
    ${
      more.length > 0 &&
      html`<details class="more">
        <summary>Show ${count(more.length)} more</summary>
        <ul>
          ${joinHtml(more)}
        </ul>
      </details>`
    }
    ${rest > 0 && html`<p class="soft">${counted(rest, 'principal')} more; <code>proposal.json</code> lists them.</p>`}
  </section>`;
}
