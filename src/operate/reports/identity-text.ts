/** How well it was known who wrote to us, as a person reads it: 80 columns, a domain a line, in the end what it means for the bar. */
import { IDENTITY_LEVELS, type IdentityLevel } from "../../mail/index.ts";
import type { SeenDomain } from "./identity.ts";
import { number, stranger } from "./words.ts";

/** Domains that are shown; --json has them all. */
const SHOWN_LIMIT = 40;

/** What an operator can ask for beyond nothing. */
const BARS = IDENTITY_LEVELS.filter((level) => level !== "none");

/** In two lines, for the longest of them is too long for one. */
const HEADS: Readonly<Record<IdentityLevel, readonly [string, string]>> = {
  none: ["", "none"],
  "forward-confirmed": ["forward-", "confirmed"],
  aligned: ["", "aligned"],
  certificate: ["", "certificate"],
  pinned: ["", "pinned"],
};

const NAME_COLUMNS = 24;
const COUNT_COLUMNS = 8;
const BAR_COLUMNS = 12;

export function identityText(
  domains: readonly SeenDomain[],
  all: Omit<SeenDomain, "domain">,
  days: number,
): readonly string[] {
  const when = days === 1 ? "today (UTC)" : `in the last ${number(days)} days`;
  if (domains.length === 0)
    return [`Nobody who has not logged in has written to this server ${when}.`];
  const shown = domains.slice(0, SHOWN_LIMIT);
  const left = domains.length - shown.length;
  return [
    `Messages from outside ${when}, and how many each setting of`,
    `admission.require (${BARS.join(", ")}) would have`,
    "refused:",
    "",
    headRow("", "", 0),
    headRow("from", "messages", 1),
    ...shown.map((one) => domainRow(nameOf(one), one)),
    ...(left > 0 ? [`and ${number(left)} more domains; --json has them all`] : []),
    "",
    domainRow("all", all),
  ];
}

function headRow(name: string, count: string, line: 0 | 1): string {
  const heads = BARS.map((level) => HEADS[level][line]);
  return row(name, count, heads).trimEnd();
}

function domainRow(name: string, { messages, refused }: Omit<SeenDomain, "domain">): string {
  return row(
    name,
    number(messages),
    BARS.map((level) => (refused[level] === 0 ? "-" : number(refused[level]))),
  );
}

function nameOf({ domain }: SeenDomain): string {
  if (domain === null) return "(counted together)";
  return domain === "" ? "<> (reports, no sender)" : stranger(domain);
}

function row(name: string, count: string, bars: readonly string[]): string {
  const cut = name.length > NAME_COLUMNS ? `${name.slice(0, NAME_COLUMNS - 1)}…` : name;
  const counts = bars.map((bar) => bar.padStart(BAR_COLUMNS)).join("");
  return `${cut.padEnd(NAME_COLUMNS)}${count.padStart(COUNT_COLUMNS)}${counts}`;
}
