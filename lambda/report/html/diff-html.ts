import { counted } from '../text/format.ts';
import { html, joinHtml, type Html } from './html.ts';
import type { DiffHunk, DiffLine, LineDiff } from '../text/line-diff.ts';

/** Lines of a comparison that are shown; further lines are counted, and the files have all of them. */
const MOST_LINES = 700;
/** A comparison of more lines is shown unified only; a shorter one has both views. */
const BOTH_VIEWS = 400;

/**
 * A comparison side by side and unified, with a choice that needs no script.
 * @param id unique on the page
 */
export function diffHtml(diff: LineDiff, id: string): Html {
  const total = diff.hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0);
  if (total === 0) return html`<p class="soft">No line differs.</p>`;
  const { shown, cut } = firstLines(diff, MOST_LINES);
  const more =
    cut > 0 &&
    html`<p class="soft small">
      ${counted(cut, 'line')} more; the files beside this report hold the whole documents.
    </p>`;
  if (total > BOTH_VIEWS) return html`${unified(shown)}${more}`;
  return html`<fieldset class="views">
      <legend>Before and after</legend>
      <input type="radio" name="${id}" id="${id}s" checked /><label for="${id}s">Side by side</label
      ><input type="radio" name="${id}" id="${id}u" class="u" /><label for="${id}u">Unified</label
      >${sideBySide(shown)}${unified(shown)}
    </fieldset>
    ${more}`;
}

function firstLines(diff: LineDiff, most: number): { readonly shown: LineDiff; readonly cut: number } {
  const hunks: DiffHunk[] = [];
  let room = most;
  let cut = 0;
  for (const hunk of diff.hunks) {
    const lines = hunk.lines.slice(0, Math.max(0, room));
    cut += hunk.lines.length - lines.length;
    room -= lines.length;
    if (lines.length > 0) hunks.push({ skipped: hunk.skipped, lines });
  }
  return { shown: { hunks, skippedAtEnd: cut > 0 ? 0 : diff.skippedAtEnd }, cut };
}

function unified(diff: LineDiff): Html {
  const rows = diff.hunks.flatMap((hunk) => [fold(hunk.skipped, 3), ...hunk.lines.map(unifiedRow)]);
  return html`<table class="diff uni">
    <thead>
      <tr>
        <th class="ln" scope="col"><span class="vh">Line before</span></th>
        <th class="ln" scope="col"><span class="vh">Line after</span></th>
        <th scope="col">Before (−) and after (+)</th>
      </tr>
    </thead>
    <tbody>
      ${joinHtml(rows)}${fold(diff.skippedAtEnd, 3)}
    </tbody>
  </table>`;
}

function unifiedRow(line: DiffLine): Html {
  switch (line.kind) {
    case 'same':
      return html`<tr>
        <td class="ln">${line.old}</td>
        <td class="ln">${line.new}</td>
        <td><code>${line.text}</code></td>
      </tr>`;
    case 'removed':
      return html`<tr class="d">
        <td class="ln">${line.old}</td>
        <td class="ln"></td>
        <td><del>${line.text}</del></td>
      </tr>`;
    case 'added':
      return html`<tr class="i">
        <td class="ln"></td>
        <td class="ln">${line.new}</td>
        <td><ins>${line.text}</ins></td>
      </tr>`;
    default:
      return line satisfies never;
  }
}

function sideBySide(diff: LineDiff): Html {
  const rows = diff.hunks.flatMap((hunk) => [fold(hunk.skipped, 4), ...pairs(hunk.lines).map(pairRow)]);
  return html`<table class="diff two">
    <thead>
      <tr>
        <th class="ln" scope="col"><span class="vh">Line before</span></th>
        <th scope="col">Before</th>
        <th class="ln" scope="col"><span class="vh">Line after</span></th>
        <th scope="col">After</th>
      </tr>
    </thead>
    <tbody>
      ${joinHtml(rows)}${fold(diff.skippedAtEnd, 4)}
    </tbody>
  </table>`;
}

type Pair = readonly [DiffLine | undefined, DiffLine | undefined];

/** Removed lines beside the added lines that follow them. */
function pairs(lines: readonly DiffLine[]): readonly Pair[] {
  const result: Pair[] = [];
  let gone: DiffLine[] = [];
  let come: DiffLine[] = [];
  const flush = (): void => {
    for (let i = 0; i < Math.max(gone.length, come.length); i += 1) result.push([gone[i], come[i]]);
    gone = [];
    come = [];
  };
  for (const line of lines) {
    if (line.kind === 'removed') gone.push(line);
    else if (line.kind === 'added') come.push(line);
    else {
      flush();
      result.push([line, line]);
    }
  }
  flush();
  return result;
}

function pairRow([left, right]: Pair): Html {
  return html`<tr>
    ${cell(left, 'old')}${cell(right, 'new')}
  </tr>`;
}

function cell(line: DiffLine | undefined, side: 'old' | 'new'): Html {
  if (!line)
    return html`<td class="ln"></td>
      <td></td>`;
  switch (line.kind) {
    case 'same':
      return html`<td class="ln">${line[side]}</td>
        <td><code>${line.text}</code></td>`;
    case 'removed':
      return html`<td class="ln d">${line.old}</td>
        <td class="d"><del>${line.text}</del></td>`;
    case 'added':
      return html`<td class="ln i">${line.new}</td>
        <td class="i"><ins>${line.text}</ins></td>`;
    default:
      return line satisfies never;
  }
}

function fold(lines: number, columns: number): Html {
  if (lines === 0) return html``;
  return html`<tr class="fold">
    <td colspan="${columns}">${counted(lines, 'unchanged line')}</td>
  </tr>`;
}
