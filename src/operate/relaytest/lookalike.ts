/**
 * Domains that a careless comparison takes for ours: letters of other scripts that look the same, and forms that
 * some mapping turns into the same (catalogue R75, R76). Each works for any domain: where no letter of it
 * can be swapped, the strange letter stands in a label of its own before it.
 */

const A_LABEL = "xn--";

export const CYRILLIC: ReadonlyMap<string, string> = new Map([
  ["a", "\u0430"],
  ["c", "\u0441"],
  ["e", "\u0435"],
  ["i", "\u0456"],
  ["j", "\u0458"],
  ["o", "\u043e"],
  ["p", "\u0440"],
  ["s", "\u0455"],
  ["x", "\u0445"],
  ["y", "\u0443"],
]);

export const KELVIN_SIGN: ReadonlyMap<string, string> = new Map([["k", "\u212a"]]);
export const DOTLESS_I: ReadonlyMap<string, string> = new Map([["i", "\u0131"]]);

/** The domain with its first such letter swapped for the strange one. */
export function withLetterSwapped(domain: string, swaps: ReadonlyMap<string, string>): string {
  const labels = domain.split(".");
  for (const [i, label] of labels.entries()) {
    const swapped = label.startsWith(A_LABEL) ? label : withFirstSwapped(label, swaps);
    if (swapped === label) continue;
    labels[i] = swapped;
    return labels.join(".");
  }
  const [strange = ""] = swaps.values();
  return `${strange}.${domain}`;
}

function withFirstSwapped(label: string, swaps: ReadonlyMap<string, string>): string {
  for (let i = 0; i < label.length; i++) {
    const strange = swaps.get(label.charAt(i));
    if (strange !== undefined) return label.slice(0, i) + strange + label.slice(i + 1);
  }
  return label;
}

/** Fullwidth forms, U+FF01 to U+FF5E, stand this far above their ASCII characters. */
const FULLWIDTH_OFFSET = 0xfee0;

export function withFullwidthFirst(domain: string): string {
  return String.fromCharCode(domain.charCodeAt(0) + FULLWIDTH_OFFSET) + domain.slice(1);
}

export function withSoftHyphen(domain: string): string {
  return `${domain.slice(0, 1)}\u00ad${domain.slice(1)}`;
}

export function withIdeographicDot(domain: string): string {
  return domain.replace(".", "\u3002");
}

export function withEncodedDot(domain: string): string {
  return domain.replace(".", "%2e");
}
