/**
 * HTML made of text. Promises: whatever is put into a template is escaped, unless a template has made it; characters that cannot be seen,
 * or that turn the direction of writing, are written out, so that nobody who is quoted lays out the page.
 */
declare const made: unique symbol;

/** A piece of a page, made by `html`. */
export interface Html {
  readonly markup: string;
  readonly [made]: true;
}

export type HtmlPart = string | number | Html | readonly Html[];

export function html(template: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  const markup = template.map((piece, i) => piece + markupOf(parts[i] ?? "")).join("");
  return { markup } as Html; // its own markup, and parts that are escaped or made here
}

/** For `pre`, where ends of lines count; a formatter of templates does not know that. */
export function lines(texts: readonly string[]): Html {
  return { markup: texts.map(escaped).join("\n") } as Html; // all of it is escaped
}

function markupOf(part: HtmlPart): string {
  if (typeof part === "string" || typeof part === "number") return escaped(String(part));
  return "markup" in part ? part.markup : part.map(({ markup }) => markup).join("");
}

const ENTITIES = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["'", "&#39;"],
]);

/** Controls, formats, halves of pairs, what nobody has assigned, ends of lines and paragraphs. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/gu;

function escaped(text: string): string {
  return text.replaceAll(UNSEEN, codePoint).replaceAll(/[&<>"']/g, (c) => ENTITIES.get(c) ?? c);
}

function codePoint(char: string): string {
  const digits = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return `[U+${digits}]`;
}

/** Nothing at all: where a part is left out. */
export const NOTHING = html``;
