import { html, Html } from './html.ts';
import { INDEX_SCRIPT, INDEX_SCRIPT_HASH } from '../run/index-script.ts';
import { STYLE, STYLE_HASH } from './style.ts';

/** One self-contained page: nothing is fetched, and nothing runs but what the policy in its head names by hash. */
export interface Page {
  readonly title: string;
  readonly body: Html;
  /** The index page brings a script for filtering; a report has none. */
  readonly hasScript?: boolean;
}

export function renderPage(page: Page): string {
  const script = page.hasScript ? Html.ofOwnText(`<script>${INDEX_SCRIPT}</script>`) : undefined;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta
          http-equiv="Content-Security-Policy"
          content="${contentSecurityPolicy(page.hasScript ?? false)}"
        />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <meta name="robots" content="noindex" />
        <link rel="icon" href="data:," />
        <title>${page.title}</title>
        ${Html.ofOwnText(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        ${page.body} ${script}
      </body>
    </html> `.toString();
}

/** `img-src data:` is for the empty icon, without which a browser asks the server for one. */
function contentSecurityPolicy(hasScript: boolean): string {
  const script = hasScript ? ` script-src '${INDEX_SCRIPT_HASH}';` : '';
  return `default-src 'none'; style-src '${STYLE_HASH}';${script} img-src data:; base-uri 'none'; form-action 'none'`;
}
