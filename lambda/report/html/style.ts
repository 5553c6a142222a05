/**
 * The style sheet of all pages. Their content security policy contains its hash; a test recomputes the hash and fails if
 * only one of the two was changed.
 */
export const STYLE = `:root{color-scheme:light dark;--bg:#f7f7f5;--paper:#fff;--ink:#1b1e23;--soft:#575f6a;--line:#dfe1e4;--faint:#f1f2f3;--good:#17703f;--good-bg:#e4f3ea;--good-line:#7cbf98;--gone:#a14708;--gone-bg:#fdeedf;--gone-line:#e5ac78;--info:#2257a6;--info-bg:#e7effa;--info-line:#93b4e2;--link:#1d5bb8;--bar:#3d8a60;--bar-gone:#efc39a;--focus:#1d5bb8}
@media (prefers-color-scheme:dark){:root{--bg:#121519;--paper:#191d22;--ink:#e7e9ec;--soft:#a0a9b4;--line:#2e343c;--faint:#21262d;--good:#6fcf9a;--good-bg:#14301f;--good-line:#3b7d58;--gone:#f0a868;--gone-bg:#3a2412;--gone-line:#8f5a2c;--info:#8db8f5;--info-bg:#172a45;--info-line:#3f6298;--link:#84b3f7;--bar:#4fa777;--bar-gone:#7a4d26;--focus:#84b3f7}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-padding-top:1rem}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.55 Inter,-apple-system,"Segoe UI",Roboto,"Noto Sans",system-ui,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:break-word}
main,header.top,footer{max-width:66rem;margin:0 auto;padding:0 1.25rem}
a{color:var(--link);text-underline-offset:.18em;text-decoration-thickness:1px}
:focus-visible{outline:2px solid var(--focus);outline-offset:2px;border-radius:3px}
.skip{position:absolute;left:-99rem;top:.5rem;background:var(--paper);padding:.4rem .8rem;z-index:2}
.skip:focus{left:.5rem}
code,pre,.mono,.trie text{font-family:ui-monospace,SFMono-Regular,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.86em}
code,.mono{overflow-wrap:anywhere}
pre code,.mono code{font-size:1em}
h1,h2,h3,h4{line-height:1.25;margin:0;font-weight:650;letter-spacing:-.008em;overflow-wrap:anywhere}
h1{font-size:1.85rem;letter-spacing:-.018em}
h2{font-size:1.22rem}
h3{font-size:1.05rem}
h4{font-size:.92rem;color:var(--soft);font-weight:600}
p{margin:.5rem 0;max-width:46rem}
ul,ol{margin:.5rem 0;padding-left:1.3rem}
.soft{color:var(--soft)}
.small{font-size:.86rem}
.vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
header.top{padding-top:1.3rem}
.eyebrow{margin:0 0 .35rem;color:var(--soft);font-size:.86rem}
.arn{margin:.3rem 0 0;color:var(--soft)}
.verdict{font-size:1.2rem;line-height:1.4;margin:.8rem 0 .7rem;max-width:none;letter-spacing:-.006em}
.verdict b{font-weight:680}
.whole{margin:0 0 1.1rem}
.bar{display:block;width:100%;height:10px;border-radius:3px;overflow:hidden}
.whole .bar{height:14px}
.bar .b{fill:var(--bar-gone)}
.bar .a{fill:var(--bar)}
.key{display:flex;flex-wrap:wrap;gap:.2rem 1.4rem;margin:.45rem 0 0;font-size:.86rem;color:var(--soft)}
.key span::before{content:"";display:inline-block;width:.75em;height:.75em;border-radius:2px;margin-right:.45em;background:var(--bar-gone)}
.key .a::before{background:var(--bar)}
.proof{display:flex;gap:.75rem;align-items:flex-start;border-left:3px solid var(--good-line);background:var(--good-bg);padding:.7rem 1rem;border-radius:0 6px 6px 0;margin:0 0 1.2rem;max-width:none}
.proof p{margin:0;max-width:52rem}
.proof b{color:var(--good)}
.proof.warn{border-color:var(--gone-line);background:var(--gone-bg)}
.proof.warn b{color:var(--gone)}
.warned{border-left:3px solid var(--gone-line);background:var(--gone-bg);padding:.6rem 1rem;border-radius:0 6px 6px 0;margin:.8rem 0;max-width:none}
.warned{overflow-wrap:anywhere}
.warned b{color:var(--gone)}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));gap:.4rem 2rem;margin:0 0 .8rem}
.pair>*{min-width:0}
.pair h3{font-size:.92rem}
.pair ul{margin:.25rem 0}
.facts{display:grid;grid-template-columns:minmax(0,max-content) minmax(0,1fr);gap:.25rem 1rem;margin:0 0 .6rem;align-content:start;font-size:.92rem}
.facts dt{color:var(--soft)}
.facts dd{margin:0;overflow-wrap:anywhere}
.kinds{border-collapse:collapse;font-size:.92rem;width:100%;max-width:26rem}
.kinds th,.kinds td{padding:.12rem 0 .12rem 1rem;text-align:right;font-weight:400}
.kinds tbody th{text-align:left;padding-left:0;color:var(--soft)}
.kinds thead th{color:var(--soft);font-size:.82rem}
.kinds tbody tr:last-child>*{font-weight:600;color:var(--ink)}
.pair li,.proof,.verdict{overflow-wrap:anywhere}
.decide{border:1px solid var(--line);border-radius:8px;background:var(--paper);padding:.8rem 1.1rem;margin:0 0 1rem}
.decide h2{font-size:1.05rem}
.ways{display:grid;gap:.35rem}
.ways>div{display:grid;grid-template-columns:3.6rem minmax(0,1fr);gap:0 .8rem;align-items:baseline}
.ways h3{font-size:.92rem}
.ways pre{grid-column:2;margin:.2rem 0}
.ways p{grid-column:2;margin:.1rem 0 .3rem;max-width:none}
.links{font-size:.92rem}
.decided{border-left:3px solid var(--info-line);background:var(--info-bg);padding:.6rem 1rem;border-radius:0 6px 6px 0;margin:.8rem 0;max-width:none}
.decided b{color:var(--info)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:1px;margin:0 0 1.2rem;background:var(--line);border:1px solid var(--line);border-radius:8px;overflow:hidden}
.tiles div{background:var(--paper);padding:.75rem 1rem}
.tiles dt{font-size:.82rem;color:var(--soft)}
.tiles dd{margin:.1rem 0 0;font-size:1.16rem;font-weight:620;letter-spacing:-.01em}
.tiles dd small{display:block;font-size:.82rem;font-weight:400;color:var(--soft);letter-spacing:0}
nav{margin:1.2rem 0 0;font-size:.92rem}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1.3rem;padding:.55rem 0;margin:0;border-top:1px solid var(--line);border-bottom:1px solid var(--line)}
section{margin:2.2rem 0}
section>h2{margin-bottom:.35rem}
.card{background:var(--paper);border:1px solid var(--line);border-radius:8px;padding:1rem 1.15rem;margin:.9rem 0}
.card>p:first-child{margin-top:0}
.card>:last-child{margin-bottom:0}
section>h3{margin-top:.8rem}
.head{display:flex;flex-wrap:wrap;gap:.35rem .7rem;align-items:baseline}
.tag{display:inline-block;font-size:.78rem;line-height:1.5;padding:.04rem .5rem;border-radius:4px;border:1px solid var(--line);color:var(--soft);white-space:nowrap;background:var(--paper)}
.tag.good{color:var(--good);border-color:var(--good-line);background:var(--good-bg)}
.tag.gone{color:var(--gone);border-color:var(--gone-line);background:var(--gone-bg)}
.tag.info{color:var(--info);border-color:var(--info-line);background:var(--info-bg)}
summary{cursor:pointer;padding:.2rem 0}
summary::marker{color:var(--soft)}
details.more{margin:.6rem 0}
details.more>summary{color:var(--link);font-size:.92rem}
.services{list-style:none;margin:.8rem 0;padding:0;border:1px solid var(--line);border-radius:8px;background:var(--paper);overflow:hidden}
.services>li+li{border-top:1px solid var(--line)}
.services details[open]{background:var(--faint)}
.service{display:grid;grid-template-columns:minmax(7rem,13rem) minmax(6rem,1fr) 8.5rem 8rem;gap:.9rem;align-items:center;padding:.5rem 1rem}
.service>.num{text-align:right}
summary.service{list-style:none}
summary.service::-webkit-details-marker{display:none}
summary.service .mono::before{content:"▸";display:inline-block;width:1.1em;color:var(--soft)}
details[open]>summary.service .mono::before{content:"▾"}
div.service .mono{padding-left:1.1em}
.service:hover{background:var(--faint)}
.inside{padding:.1rem 1rem .8rem 2.1rem}
.names{list-style:none;margin:.3rem 0;padding:0;columns:17rem;column-gap:1.6rem;font-size:.92rem}
.names li{break-inside:avoid;overflow-wrap:anywhere;padding:.06rem 0}
.names small{color:var(--soft)}
.chips{display:flex;flex-wrap:wrap;gap:.3rem;list-style:none;padding:0;margin:.5rem 0}
.chips li{font-size:.84rem;border:1px solid var(--line);border-radius:4px;padding:.05rem .45rem;background:var(--paper);max-width:100%;overflow-wrap:anywhere}
.chips.gone li{border-color:var(--gone-line)}
.statement{border-top:1px solid var(--line);margin-top:1rem;padding-top:.8rem}
.scope{margin:.2rem 0 .5rem;font-size:.88rem;color:var(--soft);max-width:none;overflow-wrap:anywhere}
.rules{display:grid;grid-template-columns:7rem minmax(0,1fr);gap:0;margin:.5rem 0}
.rules>dt,.rules>dd{margin:0;padding:.5rem 0;border-top:1px dashed var(--line)}
.rules>dt:first-of-type,.rules>dd:first-of-type{border-top:0}
.rules .chips{margin:.1rem 0 .3rem}
.rules p{margin:.15rem 0}
figure{margin:.8rem 0}
figcaption{font-size:.9rem;margin-bottom:.35rem}
.draw{overflow-x:auto;border:1px solid var(--line);border-radius:6px;background:var(--bg);padding:.5rem .6rem}
.trie{display:block}
.trie text{font-size:12px;fill:var(--ink)}
.trie .n{font-size:11px;fill:var(--soft)}
.trie .l{fill:none;stroke:var(--line);stroke-width:1.4}
.trie rect{stroke:transparent;stroke-width:2}
.trie .unsafe rect,.trie .gone rect{fill:var(--gone-bg);stroke:var(--gone-line);stroke-width:1}
.trie .unsafe text:not(.n),.trie .gone text:not(.n){fill:var(--gone)}
.trie .gone text:not(.n){text-decoration:line-through}
.trie .safe rect{fill:var(--good-bg)}
.trie .safe text:not(.n){fill:var(--good)}
.trie .retained rect{fill:var(--info-bg)}
.trie .retained text:not(.n){fill:var(--info)}
.trie .more rect{fill:none}
.trie .chosen rect{stroke:var(--good);stroke-width:2}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.2rem;list-style:none;padding:0;margin:.2rem 0 .55rem;font-size:.82rem;color:var(--soft)}
.legend i{display:inline-block;width:1.5em;height:.95em;border-radius:3px;vertical-align:-.1em;margin-right:.45em;border:1px solid var(--gone-line);background:var(--gone-bg)}
.legend .safe i{border-color:transparent;background:var(--good-bg)}
.legend .chosen i{border:2px solid var(--good);background:var(--good-bg)}
.legend .retained i{border-color:transparent;background:var(--info-bg)}
.views{margin:.9rem 0 0;border:0;padding:0;min-width:0}
.views legend{font-size:.86rem;color:var(--soft);padding:0;margin-bottom:.25rem}
.views>label{font-size:.86rem;margin-right:1rem;cursor:pointer}
.views>input{accent-color:var(--link);margin:0 .35rem 0 0;vertical-align:-.08em}
.diff{width:100%;border-collapse:collapse;table-layout:fixed;border:1px solid var(--line);margin:.5rem 0;font-size:.92rem}
.diff td{vertical-align:top;padding:.02rem .5rem;overflow-wrap:anywhere}
.diff del,.diff ins,.diff code{white-space:pre-wrap;font-size:1em}
.diff td,.diff th{font-family:ui-monospace,SFMono-Regular,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.8rem;line-height:1.6;font-weight:400}
.diff thead th{font-family:inherit;text-align:left;color:var(--soft);padding:.25rem .5rem;border-bottom:1px solid var(--line)}
.diff .ln{width:2.9rem;text-align:right;color:var(--soft);user-select:none;padding:.02rem .4rem}
.diff del,.diff ins{text-decoration:none}
.diff .d{background:var(--gone-bg)}
.diff .i{background:var(--good-bg)}
.diff .d del::before{content:"− ";color:var(--gone)}
.diff .i ins::before{content:"+ ";color:var(--good)}
.diff code::before{content:"  "}
.diff .fold td{color:var(--soft);background:var(--faint);text-align:center;font-family:inherit}
.views>.uni{display:none}
.views>input.u:checked~.uni{display:table}
.views>input.u:checked~.two{display:none}
.steps{padding-left:1.5rem}
.steps>li{margin:.7rem 0}
.steps>li>p{margin:.1rem 0}
pre{margin:.35rem 0;padding:.6rem .8rem;background:var(--faint);border:1px solid var(--line);border-radius:6px;white-space:pre-wrap;overflow-wrap:anywhere;line-height:1.5}
pre.copy{user-select:all}
.record{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.25rem 1.4rem;margin:.6rem 0;font-size:.9rem}
.record dt{color:var(--soft)}
.record dd{margin:0;overflow-wrap:anywhere}
.plain{width:100%;border-collapse:collapse;margin:.5rem 0;font-size:.92rem}
.plain th{text-align:left;font-weight:600;color:var(--soft);font-size:.84rem;padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--line)}
.plain td{vertical-align:top;padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
.plain .num{text-align:right;white-space:nowrap}
footer{padding-top:1rem;padding-bottom:3rem;color:var(--soft);font-size:.84rem}
.filters{display:flex;flex-wrap:wrap;gap:.7rem .8rem;align-items:end;margin:1rem 0 .4rem}
.filters[hidden]{display:none}
.filters label{font-size:.84rem;color:var(--soft);display:block}
.filters input,.filters select,.filters button,.pager button{font:inherit;font-size:.92rem;color:var(--ink);background:var(--paper);border:1px solid var(--line);border-radius:5px;padding:.35rem .55rem;max-width:100%;display:block;margin-top:.15rem}
.filters input{width:13.5rem}
.filters select{max-width:13rem}
.pager button{cursor:pointer;display:inline-block;margin:0}
.pager{display:flex;gap:.8rem;align-items:center;margin:.6rem 0}
.pager [hidden]{display:none}
.pager button:disabled{opacity:.5;cursor:default}
.run{width:100%;border-collapse:collapse;table-layout:fixed;background:var(--paper);border:1px solid var(--line);font-size:.92rem;margin:.5rem 0}
.run th{text-align:left;font-weight:600;color:var(--soft);font-size:.82rem;padding:.45rem .7rem}
.run td{padding:.42rem .7rem;border-top:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
.run th:first-child{width:46%}
.run th.p:first-child{width:27%}
.run .v{width:12%}
.run .g{width:38%}
.run .bar{height:8px;margin-top:.5em;background:var(--bar-gone)}
.run .bar rect{fill:var(--bar)}
.run small,.run small .mono{color:var(--soft);display:block;font-size:.84rem}
.run ul{margin:.3rem 0;padding-left:1.1rem;font-size:.92em}
.run li span{color:var(--soft)}
.run summary{padding:0}
.rest>summary{color:var(--link);font-size:.92rem}
@media (max-width:760px){.tiles{grid-template-columns:1fr 1fr}.tiles div:last-child:nth-child(odd){grid-column:1/-1}main,header.top,footer{padding-left:1rem;padding-right:1rem}h1{font-size:1.5rem}.verdict{font-size:1.14rem}.service{grid-template-columns:minmax(0,1fr) max-content;gap:.25rem .8rem}.service .bar{grid-column:1/-1;grid-row:2}.service .num+.num{grid-column:1/-1;grid-row:3;text-align:left;padding-left:1.1em}.rules{grid-template-columns:minmax(0,1fr)}.rules>dd{border-top:0;padding-top:0}.rules>dt{padding-bottom:.15rem}.views>input,.views>label,.views>legend{display:none}.views>.two{display:none}.views>.uni{display:table}.uni .ln{display:none}.record{grid-template-columns:minmax(0,1fr);gap:0}.record dd{margin-bottom:.45rem}.card{padding:.9rem .9rem}.inside{padding-left:1rem}.ways>div{grid-template-columns:minmax(0,1fr)}.ways p,.ways pre{grid-column:1}.run .v,.run thead{display:none}.run,.run tbody,.run tr,.run td{display:block}.run tr+tr{border-top:1px solid var(--line)}.run td{border-top:0;padding:.2rem .7rem}.run td:first-child{padding-top:.5rem}.run td:last-child{padding-bottom:.5rem}.run [data-head]::before{content:attr(data-head) ": ";color:var(--soft)}.filters input{width:100%}.filters>div:first-child{flex-basis:100%}}
@media print{:root{--bg:#fff;--paper:#fff;--ink:#000;--soft:#444;--line:#bbb;--faint:#f5f5f5;--good:#0c5a2f;--good-bg:#e9f5ee;--gone:#8a3b04;--gone-bg:#fdf1e6;--link:#000;--bar:#3d8a60;--bar-gone:#efc39a;color-scheme:light}body{font-size:10.5pt}nav,.skip,.filters,.pager,.screen,.views>input,.views>label,.views>legend{display:none}.views>.two{display:none}.views>.uni{display:table}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}details::details-content{content-visibility:visible;block-size:auto;display:block}.draw{overflow:visible}.card{break-inside:auto}section>h2,h3,h4,figcaption{break-after:avoid}.names{columns:3;font-size:8.5pt;line-height:1.35}main,header.top,footer{max-width:none;padding:0}}
`;

/** `sha256-` and the base64 of the SHA-256 of {@link STYLE}, as a content security policy names it. */
export const STYLE_HASH = 'sha256-RYq2zq1c0bnV1WBXXhnRzsnvSUngwBLVYVEtxlkXf40=';
