/**
 * What the sealers of an ARC chain say of it (ARC-Authentication-Results, RFC 8617 §4.1.1). Read strictly: strangers' words are
 * quoted in such a field, and what is in quotes or in a comment is no result.
 */
import type { ARCData } from "mailauth";
import { parseDomain, skipComments, type Domain } from "../../mail/index.ts";

/** One set of a chain. */
export interface Sealer {
  /** Who sealed: d= of the ARC-Seal. */
  readonly domain: string;
  /** The author's domain of which this sealer says that it passed DMARC. */
  readonly vouchesFor?: Domain;
}

/** The newest first. Of a chain that is not intact it means nothing. */
export function sealersOf({ chain }: ARCData): readonly Sealer[] {
  if (!chain) return [];
  return chain.toReversed().map((set) => {
    const domain = String(set["arc-seal"]?.parsed?.d?.value ?? "").toLowerCase();
    // Octets, whatever its type says.
    const field = Buffer.from(set["arc-authentication-results"]?.original ?? "").toString("latin1");
    const vouchesFor = dmarcPassed(field.slice(field.indexOf(":") + 1));
    return { domain, ...(vouchesFor !== undefined && { vouchesFor }) };
  });
}

/** `header.from` of the one result `dmarc=pass`; undefined where there is none, or more than one result of DMARC. */
export function dmarcPassed(results: string): Domain | undefined {
  const parts = statements(results);
  const dmarc = parts?.filter((words) => words[0] === "dmarc") ?? [];
  const [only = []] = dmarc;
  if (dmarc.length !== 1 || only[1] !== "=" || only[2] !== "pass") return undefined;
  const from = only.flatMap((word, i) =>
    word === "header.from" && only[i + 1] === "=" ? [only[i + 2] ?? ""] : [],
  );
  return from.length === 1 ? parseDomain(from[0]?.split("@").at(-1) ?? "") : undefined;
}

/** Words of each statement, between semicolons; "=" is a word of its own. Undefined where a quoted string never ends. */
function statements(text: string): string[][] | undefined {
  const found: string[][] = [[]];
  for (let at = skipComments(text, 0); at < text.length; at = skipComments(text, at)) {
    const char = text.charAt(at);
    if (char === ";" || char === "=") {
      if (char === ";") found.push([]);
      else found.at(-1)?.push(char);
      at++;
      continue;
    }
    const next = text.slice(at, at + WORD_LIMIT);
    const word = QUOTED.exec(next) ?? PLAIN.exec(next);
    if (word === null) return undefined;
    found.at(-1)?.push(word[0].startsWith('"') ? word[0] : word[0].toLowerCase());
    at += word[0].length;
  }
  return found;
}

/** Octets of a word; of a longer one the rest is the next. */
const WORD_LIMIT = 1000;
const QUOTED = /^"(?:[^"\\]|\\.)*"/;
const PLAIN = /^[^\s;="()]+/;
