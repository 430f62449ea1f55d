/**
 * A page that stands alone: no script, no address of anybody else's, and a policy for the reader's browser that allows nothing but this
 * very style (CSP Level 3 §2.3), should a page ever have in it what it must not have.
 */
import { createHash } from "node:crypto";
import { html, NOTHING, type Html } from "./html.ts";

export interface PageOptions {
  /** It has forms, which lead to where it came from. Left out: it has none. */
  readonly forms?: boolean;
  /** Seconds after which it is to be asked for again. */
  readonly refresh?: number;
}

export function page(title: string, body: Html, options: PageOptions = {}): string {
  const { forms = false, refresh } = options;
  // Without a referrer a browser would not say from which site a form was sent (Fetch, "append a request `Origin` header").
  const referrer = forms ? "same-origin" : "no-referrer";
  const head = html`<meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${contentPolicy(options)}" />
    ${refresh === undefined ? NOTHING : html`<meta http-equiv="refresh" content="${refresh}" />`}
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="referrer" content="${referrer}" />
    <meta name="robots" content="noindex" />
    <title>${title}</title>`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
${head.markup}
<style>${STYLE}</style>
</head>
<body>
${body.markup}
</body>
</html>
`;
}

/** For a header field too. */
export function contentPolicy({ forms = false }: Pick<PageOptions, "forms">): string {
  const digest = createHash("sha256").update(STYLE).digest("base64");
  return `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action ${forms ? "'self'" : "'none'"}`;
}

/** Light and dark as the reader has it; one column, so that it is the same on a phone and on paper. */
const STYLE = `
:root { color-scheme: light dark; --text: #1c2024; --quiet: #5b636b; --page: #ffffff; --box: #f4f6f8; --line: #d5dade; --good: #0a6b3a; --warn: #8a5300; --bad: #b3141d; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e9ec; --quiet: #9da6ae; --page: #14171a; --box: #1e2327; --line: #3a4249; --good: #5fd08f; --warn: #f0b357; --bad: #ff7b7b; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 62rem; background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0 0 .75rem; }
h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
h2[id] { font-size: 1.4rem; border-top: 2px solid var(--line); padding-top: 1rem; }
a { color: inherit; }
h3 { font-size: 1rem; margin: 1.25rem 0 .35rem; }
p, ul { margin: .35rem 0; }
ul { padding-left: 1.2rem; }
header { border-left: .4rem solid var(--line); padding: .25rem 0 .25rem 1rem; }
header.closed { border-color: var(--good); }
header.open { border-color: var(--bad); }
header.inconclusive { border-color: var(--warn); }
.quiet { color: var(--quiet); font-size: .9rem; }
.grade { font-weight: 600; white-space: nowrap; }
.grade.closed { color: var(--good); }
.grade.weak, .grade.inconclusive, .grade.accepts, .grade.accepted { color: var(--warn); }
.grade.relayed, .grade.open { color: var(--bad); }
.hole { background: var(--box); border: 1px solid var(--line); border-radius: .4rem; padding: .75rem 1rem; margin: .75rem 0; break-inside: avoid; }
.hole h3 { margin-top: 0; }
code, pre { font: .85rem/1.45 ui-monospace, monospace; }
pre { background: var(--box); border: 1px solid var(--line); border-radius: .3rem; padding: .5rem .7rem; margin: .35rem 0; white-space: pre-wrap; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; color: var(--quiet); white-space: nowrap; }
td.id { white-space: nowrap; font-family: ui-monospace, monospace; font-size: .85rem; }
td.grades { white-space: nowrap; }
td.grades span + span { margin-left: .5rem; }
summary { cursor: pointer; }
form { margin: .75rem 0; }
input { font: inherit; color: inherit; padding: .35rem .6rem; border: 1px solid var(--quiet); border-radius: .3rem; background: var(--box); }
input[name] { width: 100%; max-width: 26rem; }
input[type] { font-weight: 600; cursor: pointer; }
dl { display: grid; grid-template-columns: minmax(6rem, max-content) 1fr; gap: .2rem 1rem; margin: .5rem 0; }
dt { color: var(--quiet); }
dd { margin: 0; }
details > :last-child { margin-bottom: .75rem; }
footer { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: .75rem; }
@media (max-width: 40rem) {
  thead { display: none; }
  tr { display: grid; grid-template-columns: auto 1fr; border-bottom: 1px solid var(--line); padding: .35rem 0; }
  td { border: 0; padding: 0 .6rem 0 0; }
  td.grades { text-align: right; white-space: normal; padding: 0; }
  td.what { grid-column: 1 / -1; grid-row: 2; }
}
@media print {
  :root { --text: #000000; --quiet: #444444; --page: #ffffff; --box: #ffffff; --line: #aaaaaa; --good: #0a6b3a; --warn: #8a5300; --bad: #b3141d; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  tr { break-inside: avoid; }
}
`;
