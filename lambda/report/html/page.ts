import { html, Html } from './html.ts';
import { STYLE, STYLE_HASH } from './style.ts';

/** One self-contained page: it loads nothing, and only the script whose hash is in its security policy runs. */
interface Page {
  readonly title: string;
  readonly body: Html;
  /** The index page has a script for filtering; a report has none. `hash` is `sha256-` and base64. */
  readonly script?: { readonly text: string; readonly hash: string };
}

export function renderPage(page: Page): string {
  const script = page.script && Html.ofOwnText(`<script>${page.script.text}</script>`);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy(page.script?.hash)}" />
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

/** `img-src data:` allows the empty icon, without which a browser requests one from the server. */
function contentSecurityPolicy(scriptHash: string | undefined): string {
  const script = scriptHash === undefined ? '' : ` script-src '${scriptHash}';`;
  return `default-src 'none'; style-src '${STYLE_HASH}';${script} img-src data:; base-uri 'none'; form-action 'none'`;
}
