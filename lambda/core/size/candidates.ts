import { foldCase } from '../pattern/fold.ts';
import { covers } from '../pattern/covers.ts';
import { matchesPattern } from '../pattern/matches.ts';
import { type AbsentWord, SuffixTable } from './absent-words.ts';
import { type Anchor, openAnchor, prefixAnchors, wordAnchors } from './anchors.ts';
import type { Candidate, CoverProblem } from './cover-problem.ts';
import { type FramedName, framedName, frameOf, middleOf } from './frame.ts';
import { type Grain, snapEnd, snapStart } from './grain.ts';
import { shortestEnds } from './shortest-ends.ts';

/**
 * Exact patterns from which an answer is chosen, with stars anywhere: each needed name itself; `p*`, `*s` and `p*s`;
 * `*t*`; `p*t*` and `*t*s` for the prefixes and suffixes that matter; `*w*t*` for words w.
 *
 * In every family only the shortest exact members are made (a longer one matches less and costs more), lengthened to
 * whole words where `grain` asks for that. What is not tried: three and more inner runs, and question marks.
 */
export function candidatesFor(problem: CoverProblem, grain: Grain): readonly Candidate[] {
  const found = new Candidates();
  for (const [index, name] of problem.needed.entries()) found.add(name, index);
  for (const pattern of problem.enclosing) {
    const frame = frameOf(pattern);
    if (!frame) {
      addPrefixesWithin(pattern, problem, found);
      continue;
    }
    const framed: Framed[] = [];
    for (const [index, name] of problem.needed.entries()) {
      const inFrame = framedName(frame, name);
      if (inFrame) framed.push({ ...inFrame, index });
    }
    const forbidden = problem.forbidden.flatMap((name) => middleOf(frame, name) ?? []);
    if (framed.length > 0) addWithinFrame(framed, forbidden, grain, found);
  }
  return found.list();
}

interface Framed extends FramedName {
  readonly index: number;
}

/** Candidates by their folded text; the first spelling stays. */
class Candidates {
  readonly #byText = new Map<string, { readonly text: string; readonly covered: Set<number> }>();

  add(text: string, index: number): void {
    const key = foldCase(text);
    const known = this.#byText.get(key);
    if (!known) this.#byText.set(key, { text, covered: new Set([index]) });
    else known.covered.add(index);
  }

  list(): readonly Candidate[] {
    return [...this.#byText.values()].map(({ text, covered }) => ({
      text,
      covered: [...covered].sort((a, b) => a - b),
    }));
  }
}

function addWithinFrame(
  needed: readonly Framed[],
  forbidden: readonly string[],
  grain: Grain,
  found: Candidates,
): void {
  const spelled = needed.map(({ middle }) => middle);
  const folded = spelled.map(foldCase);
  addEnds(needed, folded, forbidden, grain, found);
  const names = [...folded, ...forbidden];
  const isNeeded = names.map((_, position) => position < needed.length);
  const table = new SuffixTable(names, isNeeded);
  const beginnings = [
    openAnchor(names),
    ...prefixAnchors(names, needed.length),
    ...wordAnchors(spelled, names),
  ];
  addRuns(needed, spelled, table, beginnings, grain, (framed, before, run) => {
    found.add(`${framed.head}${before}*${run}*${framed.tail}`, framed.index);
  });
  // The same from the other end, `*t*s`: prefixes of the names read backwards.
  const mirrored = names.map(mirror);
  const mirroredSpelling = spelled.map(mirror);
  const mirrorTable = new SuffixTable(mirrored, isNeeded);
  const endings = prefixAnchors(mirrored, needed.length);
  const mirroredGrain = grain === 'word' ? 'mirrored-word' : grain;
  addRuns(needed, mirroredSpelling, mirrorTable, endings, mirroredGrain, (framed, after, run) => {
    found.add(`${framed.head}*${mirror(run)}*${mirror(after)}${framed.tail}`, framed.index);
  });
}

function addEnds(
  needed: readonly Framed[],
  folded: readonly string[],
  forbidden: readonly string[],
  grain: Grain,
  found: Candidates,
): void {
  for (const [position, { head, middle, tail, index }] of needed.entries()) {
    for (const { prefix, suffix } of shortestEnds(folded[position] ?? '', forbidden)) {
      const end = snapEnd(middle, prefix, grain);
      const start = snapStart(middle, middle.length - suffix, grain);
      if (end <= start) found.add(`${head}${middle.slice(0, end)}*${middle.slice(start)}${tail}`, index);
      // A plain prefix may always end at any character: that is the step before this one.
      if (suffix === 0) found.add(`${head}${middle.slice(0, prefix)}*${tail}`, index);
    }
  }
}

function addRuns(
  needed: readonly Framed[],
  spelled: readonly string[],
  table: SuffixTable,
  anchors: Iterable<Anchor>,
  grain: Grain,
  add: (framed: Framed, before: string, run: string) => void,
): void {
  for (const anchor of anchors) {
    for (const word of table.absentWords(anchor.members)) {
      const framed = needed[word.name];
      const spelling = spelled[word.name];
      if (framed && spelling !== undefined) addRun(framed, spelling, anchor, word, grain, add);
    }
  }
}

function addRun(
  framed: Framed,
  spelling: string,
  anchor: Anchor,
  { start, length }: AbsentWord,
  grain: Grain,
  add: (framed: Framed, before: string, run: string) => void,
): void {
  const beginning = anchor.before(spelling, grain);
  const from = snapStart(spelling, start, grain);
  const to = snapEnd(spelling, start + length, grain);
  if (beginning.end <= from) add(framed, beginning.text, spelling.slice(from, to));
}

function mirror(text: string): string {
  let mirrored = '';
  for (let at = text.length - 1; at >= 0; at -= 1) mirrored += text.charAt(at);
  return mirrored;
}

/** Under an enclosing pattern with several stars or question marks: a longer beginning, then the rest of the pattern. */
function addPrefixesWithin(pattern: string, problem: CoverProblem, found: Candidates): void {
  const star = pattern.indexOf('*');
  if (star < 0) return;
  const rest = pattern.slice(star);
  const under = problem.forbidden.filter((name) => matchesPattern(pattern, name));
  for (const [index, name] of problem.needed.entries()) {
    const folded = foldCase(name);
    if (!matchesPattern(pattern, folded)) continue;
    for (let length = star; length < name.length; length += 1) {
      const text = name.slice(0, length) + rest;
      const candidate = foldCase(text);
      if (!matchesPattern(candidate, folded)) continue;
      if (under.some((other) => matchesPattern(candidate, other)) || !covers(pattern, candidate)) continue;
      found.add(text, index);
      break;
    }
  }
}
