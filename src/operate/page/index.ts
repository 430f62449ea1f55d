/** Pages that stand alone, of text that strangers wrote: escaped, readable without a script, with a policy for the browser. */
export { html, lines, NOTHING, type Html, type HtmlPart } from "./html.ts";
export { contentPolicy, page, type PageOptions } from "./page.ts";
