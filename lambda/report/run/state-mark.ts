import { html, type Html } from '../html/html.ts';
import type { EntryState } from './run-overview.ts';

const PAST = html` class="soft"`;

/** Greys a row whose proposal is no longer current; the words say it too. */
export function pastRow(state: EntryState | undefined): Html | undefined {
  return state && PAST;
}

/** Says beside a name that its proposal is no longer current. */
export function stateMark(state: EntryState | undefined): Html | undefined {
  return state && html` <span class="tag">${state.name}</span>`;
}

/** Why it is no longer current: one clause. */
export function stateReason(state: EntryState | undefined): string {
  return state === undefined ? '' : `no longer current: ${state.reason}`;
}
