/**
 * A second opinion on MAIL and RCPT lines (RFC 5321 §4.1.2, RFC 6531 §3.3): simple, slow and made of expressions, so that
 * it shares no thought with the parser. It names the address that a line means, or says that it means none.
 */
import { isUtf8 } from "node:buffer";
import { isIPv4, isIPv6 } from "node:net";
import { domainToASCII } from "node:url";

export interface Meant {
  /** Undefined is the null reverse-path, "postmaster" the path without a domain. */
  readonly address: { readonly local: string; readonly host: string } | "postmaster" | undefined;
  readonly routed: boolean;
  /** Upper-case keywords and their values. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly international: boolean;
  /** The domain is one of which only tables can say whether it exists. */
  readonly needsTables: boolean;
}

const ATEXT = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\\u00a0-\\u{10ffff}-]";
const DOT_STRING = `${ATEXT}+(?:\\.${ATEXT}+)*`;
const LEADING_DOT = `\\.(?:\\.|${ATEXT})*`; // read, so that policy may refuse it in its own words
const QUOTED = '"(?:[ !#-\\[\\]-~\\u00a0-\\u{10ffff}]|\\\\[ -~])*"';
const HOST = "(?:\\[[^\\]]*\\]|[^@,:<>\\[\\]]+)";
const MAILBOX = new RegExp(
  `^(?:(@${HOST}(?:,@${HOST})*):)?(${DOT_STRING}|${LEADING_DOT}|${QUOTED})@(${HOST})$`,
  "u",
);
const PARAMETERS = /^(?: +[A-Za-z0-9][A-Za-z0-9-]*(?:=[!-<>-~\u00a0-\uffff]+)?)* *$/;

/** What the line means; `keyword` is "MAIL FROM:" or "RCPT TO:", `line` has no CRLF and holds octets as characters. */
export function meaning(line: string, keyword: string): Meant | undefined {
  const octets = Buffer.from(line, "latin1");
  if (!isUtf8(octets) || /[\0-\x1f\x7f]/.test(line)) return undefined;
  const text = octets.toString("utf8").replace(/ +$/, "");
  const start = text.slice(0, keyword.length);
  if (start.replaceAll(/[a-z]/g, (letter) => letter.toUpperCase()) !== keyword) return undefined;
  const rest = text.slice(keyword.length).replace(/^ +/, "");
  if (!rest.startsWith("<")) return undefined;
  // Each ">" could be the end of the path; the first one that makes sense of both sides is.
  for (let end = rest.indexOf(">"); end >= 0; end = rest.indexOf(">", end + 1)) {
    const parameters = parametersOf(rest.slice(end + 1));
    const path = parameters && pathOf(rest.slice(1, end));
    if (path !== undefined && parameters !== undefined) return { ...path, parameters };
  }
  return undefined;
}

function parametersOf(text: string): Map<string, string> | undefined {
  if (!PARAMETERS.test(text)) return undefined;
  const words = text.split(" ").filter((word) => word !== "");
  const pairs = words.map((word): [string, string] => {
    const [keyword = "", value = ""] = word.split(/=(.*)/s);
    return [keyword.toUpperCase(), value];
  });
  const named = words.every((word) => !word.endsWith("="));
  const parameters = new Map(pairs);
  return named && parameters.size === pairs.length ? parameters : undefined;
}

function pathOf(inner: string): Omit<Meant, "parameters"> | undefined {
  const international = /[^\0-\x7f]/.test(inner);
  const plain = { routed: false, international, needsTables: false };
  if (inner === "") return { ...plain, address: undefined };
  if (Buffer.byteLength(inner) > 254) return undefined;
  if (/^postmaster$/i.test(inner) && !international) return { ...plain, address: "postmaster" };
  const [whole, route, local = "", domain = ""] = MAILBOX.exec(inner) ?? [];
  if (whole === undefined) return undefined;
  const hops = (route ?? "").split(",").flatMap((hop) => (hop === "" ? [] : [hop.slice(1)]));
  if (![...hops, domain].every((name) => hostOf(name) !== undefined)) return undefined;
  const unquoted = local.startsWith('"') ? local.slice(1, -1).replaceAll(/\\(.)/g, "$1") : local;
  const host = hostOf(domain) ?? "";
  const wire = wireForm(unquoted);
  if (Buffer.byteLength(wire) > 64 || Buffer.byteLength(`${wire}@${host}`) > 254) return undefined;
  return {
    address: { local: unquoted, host },
    routed: hops.length > 0,
    international,
    needsTables: [...hops, domain].some((name) => /xn--|[^\0-\x7f]/i.test(name)),
  };
}

const PLAIN = new RegExp(`^${DOT_STRING}$`, "u");

function wireForm(local: string): string {
  return PLAIN.test(local) ? local : `"${local.replaceAll(/["\\]/g, "\\$&")}"`;
}

/** A domain in small ASCII letters, or a literal as it stands; undefined for what is neither. */
function hostOf(text: string): string | undefined {
  const literal = /^\[(IPv6:)?(.*)\]$/i.exec(text);
  if (literal !== null) {
    const [, tag, ip = ""] = literal;
    const valid = tag === undefined ? isIPv4(ip) : isIPv6(ip) && !ip.includes("%");
    return valid ? text : undefined;
  }
  if (/xn--|[^\0-\x7f]/i.test(text))
    return domainToASCII(text) === "" ? undefined : domainToASCII(text);
  const labels = text.toLowerCase().split(".");
  const good = labels.every((label) => /^(?!-)[a-z0-9-]{1,63}(?<!-)$/.test(label));
  const numeric = /^(?:[0-9]+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? "");
  return good && !numeric && text.length <= 253 ? labels.join(".") : undefined;
}
