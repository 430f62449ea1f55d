/** The formats of local lists, and which one a file has, as far as its first lines tell. */
import { DATASETS, RbldnsdLines } from "./rbldnsd-lines.ts";
import type { FormatLines } from "./format-lines.ts";
import { CidrLines, DropLines } from "./plain-lines.ts";
import type { Problems } from "./problems.ts";
import { specialIn } from "./specials.ts";

export const LIST_FORMATS = [
  "cidr",
  "drop",
  "ip4set",
  "ip4trie",
  "ip4tset",
  "ip6trie",
  "ip6tset",
  "dnset",
  "generic",
  "combined",
] as const;

export type ListFormat = (typeof LIST_FORMATS)[number];

/** What a file's name says: "relays.ip4trie" is one. */
export function formatByName(path: string): ListFormat | undefined {
  const extension = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  return LIST_FORMATS.find((format) => format === extension);
}

export function linesOf(format: ListFormat, problems: Problems): FormatLines {
  switch (format) {
    case "cidr":
      return new CidrLines(problems);
    case "drop":
      return new DropLines(problems);
    default:
      return new RbldnsdLines(DATASETS.get(format), problems);
  }
}

/** What the lines that tell something look like. */
interface Signs {
  v4: number;
  v6: number;
  names: number;
  records: number;
  /** Something that only rbldnsd knows. */
  rbldnsd: boolean;
}

/**
 * Of the first lines, or of all of a short file; the reason where they leave it open. ip4trie, the tsets and ip6tset look like others:
 * whoever means them says so.
 */
export function guessFormat(lines: readonly string[]): ListFormat | { readonly unknown: string } {
  const signs: Signs = { v4: 0, v6: 0, names: 0, records: 0, rbldnsd: false };
  for (const line of lines) {
    if (line.startsWith("{")) return "drop";
    const special = specialIn(line);
    if (special !== undefined && /^dataset[ \t]/i.test(special)) return "combined";
    if (special !== undefined || /^:(?!:)/.test(line)) signs.rbldnsd = true;
    else if (!/^(?:$|[#;])/.test(line)) addSigns(signs, line);
  }
  const { v4, v6, names, records, rbldnsd } = signs;
  if (names > 0 && v4 + v6 > 0) return { unknown: "it has names and addresses" };
  if (names > 0) return records === names ? "generic" : "dnset";
  if (!rbldnsd) return "cidr";
  if (v4 > 0 && v6 > 0)
    return { unknown: "it has addresses of IPv4 and IPv6, and is no CIDR text" };
  return v6 > 0 ? "ip6trie" : "ip4set";
}

function addSigns(signs: Signs, line: string): void {
  const entry = line.replace(/^![ \t]*/, "");
  const [, key = "", behind = ""] = /^([^ \t#;]*)[ \t]*(.*)$/.exec(entry) ?? [];
  if (/^[0-9]+[./-][0-9./-]*(?::|$)/.test(key)) {
    signs.v4++;
    const short = !/^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+(?:\/|-[0-9]+\.|$)/.test(key);
    signs.rbldnsd ||= short;
  } else if (/^[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]*(?:[/-].*)?$/.test(key)) {
    signs.v6++;
    signs.rbldnsd ||= !/::|\/|(?:[^:]+:){7}/.test(key);
  } else {
    signs.names++;
    if (/^(?:[0-9]+[smhdw]?[ \t]+)?(?:IN[ \t]+)?(?:A|TXT|MX)[ \t]/i.test(behind)) signs.records++;
    return;
  }
  if (entry !== line || !/^(?:$|[#;-])/.test(behind)) signs.rbldnsd = true;
}
