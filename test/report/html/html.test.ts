import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { escapeHtml, html, joinHtml } from '../../../lambda/report/html/html.ts';

describe('html templates', () => {
  it('escape text for element content and for quoted attributes', () => {
    expect(html`<p title="${'"\'<>&'}">${'"\'<>&'}</p>`.toString()).toBe(
      '<p title="&quot;&#39;&lt;&gt;&amp;">&quot;&#39;&lt;&gt;&amp;</p>',
    );
  });

  it('do not escape HTML again, and render undefined, null and false as nothing', () => {
    const inner = joinHtml([html`<b>${'<'}</b>`, html`<i></i>`], ', ');
    expect(html`${inner}${undefined}${null}${false}${0}`.toString()).toBe('<b>&lt;</b>, <i></i>0');
  });

  it('remove the indentation of their source and never that of their values', () => {
    const text = html`<div>
      <i>${'a\n    b'}</i>
    </div>`.toString();
    expect(text).toBe('<div>\n<i>a\n    b</i>\n</div>');
  });

  it('show characters that reorder or hide text as their code', () => {
    expect(escapeHtml('a\u202egnp.exe\u0000\u200b\ud800')).toBe('a[U+202E]gnp.exe[U+0000][U+200B][U+D800]');
    expect(escapeHtml('Ü 日本 😀 \t\n')).toBe('Ü 日本 😀 \t\n');
  });

  it('never let a value open or close anything', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"']/);
      }),
    );
  });
});
