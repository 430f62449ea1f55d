/**
 * Domain names as mail uses them. One canonical form, the lower-case A-label, serves policy, store and
 * wire. The mapping of UTS-46 is used to *check* a name, never to repair it: a name that mapping would
 * change (fullwidth letters, U+3002, soft hyphens, the Kelvin sign) is an error, because whoever maps
 * less or more than we do would read another domain. Never a URL parser: that turns 127.1 into an address.
 */
import * as tr46 from "tr46";

declare const canonical: unique symbol;

/** A checked domain name: lower-case ASCII, labels of letters, digits and inner hyphens, IDN labels as A-labels. */
export type Domain = string & { readonly [canonical]: "domain" };

/** RFC 1035 §2.3.4, in octets. */
const NAME_LIMIT = 253;
const LABEL_LIMIT = 63;

const UTS46 = {
  checkBidi: true,
  checkHyphens: true,
  checkJoiners: true,
  useSTD3ASCIIRules: true,
  verifyDNSLength: true,
  transitionalProcessing: false,
} as const;

/** Reads a domain name, A-labels or U-labels in any ASCII case; undefined when it is not exactly one. */
export function parseDomain(text: string): Domain | undefined {
  const folded = foldAscii(text);
  if (!isAscii(folded)) return parseInternational(folded);
  if (folded.length > NAME_LIMIT) return undefined;
  const labels = folded.split(".");
  if (!labels.every(isLabel) || endsInNumber(labels)) return undefined;
  if (!labels.some((label) => label.startsWith("xn--"))) return brand(folded);
  return tr46.toASCII(folded, UTS46) === folded ? brand(folded) : undefined;
}

/** The same name with its A-labels shown as U-labels, for people. */
export function displayDomain(domain: Domain): string {
  const { domain: shown, error } = tr46.toUnicode(domain, UTS46);
  return error ? domain : shown;
}

/** At least two labels: a name that can stand in the public DNS. */
export function isFullyQualified(domain: Domain): boolean {
  return domain.includes(".");
}

/** Letters A to Z folded, everything else untouched: `toLowerCase` would turn the Kelvin sign into "k". */
export function foldAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (upper) => upper.toLowerCase());
}

export function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

function parseInternational(folded: string): Domain | undefined {
  if (folded.length > NAME_LIMIT) return undefined;
  const ascii = tr46.toASCII(folded, UTS46);
  if (ascii === null || endsInNumber(ascii.split("."))) return undefined;
  const unicode = tr46.toUnicode(ascii, UTS46);
  const sameName = folded.split(".").every((label, i) => {
    const shown = unicode.domain.split(".")[i];
    return label === shown || label === ascii.split(".")[i];
  });
  return sameName && !unicode.error ? brand(ascii) : undefined;
}

function isLabel(label: string): boolean {
  return label.length <= LABEL_LIMIT && /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(label);
}

/** A last label that is a number could be read as an IPv4 address by somebody (127.1, 0x7f.1). */
function endsInNumber(labels: readonly string[]): boolean {
  const last = labels.at(-1) ?? "";
  return /^(?:[0-9]+|0x[0-9a-f]*)$/.test(last);
}

/** The one place where a checked string becomes a Domain. */
function brand(text: string): Domain {
  return text as Domain;
}
