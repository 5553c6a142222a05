import { html, type Html } from '../../html/html.ts';

/**
 * A bar whose length is `before` and whose dark part is `after`, both as shares of `longest`. It is hidden from screen
 * readers, because the numbers are beside it.
 */
export function bar(before: number, after: number, longest: number): Html {
  const scale = longest > 0 ? 100 / longest : 0;
  return html`<svg class="bar" aria-hidden="true">
    <rect class="b" width="${width(before * scale)}%" height="100%" />
    <rect class="a" width="${width(after * scale)}%" height="100%" />
  </svg>`;
}

/** In per cent, rounded to a tenth. A share above 0 is always visible. */
function width(percent: number): number {
  return percent === 0 ? 0 : Math.max(0.8, Math.round(percent * 10) / 10);
}
