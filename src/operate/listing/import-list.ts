/**
 * What a file of strangers (CIDR text, DROP, rbldnsd's formats) would be as entries. Its parser has settled what overlaps and what is
 * excluded; each stretch of addresses that says one thing becomes the fewest blocks there can be. What an entry cannot say is a problem,
 * and such a file can be served as it is (`files` of the zone).
 */
import {
  blocksBetween,
  blocksOf,
  EXCLUDED,
  faultOf,
  fill,
  text4,
  valuesOf,
  walk4,
  walk6,
  walkNames,
  type Dataset,
  type ParsedList,
  type Words,
} from "../../policy/lists/files/index.ts";
import { parseCode } from "./code.ts";
import type { ListingZone } from "./settings.ts";
import { subjectOf4, subjectOf6, subjectOfName, type Subject } from "./subject.ts";
import { readText, TEXT_OCTETS } from "./text.ts";

/** One entry of a file. */
export interface ImportRow {
  readonly subject: Subject;
  readonly code?: string;
  readonly reason: string;
}

export interface ImportProblem {
  /** From 1; 0: it has none. */
  readonly line: number;
  readonly reason: string;
}

export interface ReadList {
  readonly rows: readonly ImportRow[];
  /** When it ends by itself, milliseconds since 1970. */
  readonly expires: number | undefined;
}

/** What is answered about an entry, or why an entry cannot say it. */
type Said = { readonly code?: string; readonly reason: string } | string;

/** All of it, or what is wrong: the first problems. */
export function rowsOfList(
  parsed: ParsedList,
  zone: ListingZone,
  now: number,
): ReadList | { readonly problems: readonly ImportProblem[]; readonly count: number } {
  const { snapshot, problems, problemCount } = parsed;
  if (snapshot !== undefined && problemCount > 0) return { problems, count: problemCount };
  const fault = faultOf(parsed, { kind: zone.kind, subzone: "" });
  if (fault !== undefined || snapshot === undefined) return wrongAsAWhole(fault ?? "nothing of it could be read"); // prettier-ignore
  const { datasets, expires } = snapshot;
  if (expires !== undefined && expires <= now)
    return wrongAsAWhole(`it ended by itself at ${new Date(expires).toISOString()} ($TIMESTAMP)`);
  const here = datasets.filter(({ subzones }) => subzones.includes(""));
  const double = doubleTold(here);
  if (double !== undefined) return wrongAsAWhole(double);
  const rows: ImportRow[] = [];
  const wrong: ImportProblem[] = [];
  for (const found of here.flatMap((dataset) => [...rowsOf(dataset, zone)]))
    if (typeof found === "string") wrong.push({ line: 0, reason: found });
    else rows.push(found);
  return wrong.length > 0 ? { problems: wrong.slice(0, PROBLEMS_TOLD), count: wrong.length } : { rows, expires }; // prettier-ignore
}

export const PROBLEMS_TOLD = 20;

function wrongAsAWhole(reason: string) {
  return { problems: [{ line: 0, reason }], count: 1 };
}

/** Of several datasets for one zone all answers together would count. */
function doubleTold(datasets: readonly Dataset[]): string | undefined {
  const parts = [
    ["addresses of IPv4", ({ v4 }: Dataset) => v4.answers.length],
    ["addresses of IPv6", ({ v6 }: Dataset) => v6.answers.length],
    ["names", ({ exact, wild }: Dataset) => exact.answers.length + wild.answers.length],
  ] as const;
  for (const [what, size] of parts)
    if (datasets.filter((dataset) => size(dataset) > 0).length > 1)
      return `several datasets of it have ${what}, and an entry has one answer; ${AS_IT_IS}`;
  return undefined;
}

const AS_IT_IS = "such a file can be served as it is (`files` of the zone)";

function* rowsOf(dataset: Dataset, zone: ListingZone): Generator<ImportRow | string> {
  const said = memoized((answer) => saidOf(dataset, zone, answer));
  for (const { first, last, answer } of walk4(dataset.v4))
    for (const block of blocksOf({ first, last })) yield* row(subjectOf4(block), said(answer));
  for (const { first, last, answer } of walk6(dataset.v6)) {
    if (isMapped(first, last)) {
      if (!isTestPoint6(first)) yield "there are IPv4-mapped addresses in it; expected the IPv4 addresses that they are"; // prettier-ignore
      continue;
    }
    for (const block of blocksBetween(first, last)) yield* row(subjectOf6(block), said(answer));
  }
  for (const [table, wild] of [
    [dataset.exact, false],
    [dataset.wild, true],
  ] as const)
    // prettier-ignore
    for (const { name, answer } of walkNames(table)) {
      const subject = subjectOfName(name, wild);
      if (answer === EXCLUDED) yield `${subject.text} is excluded in it, and entries have no exclusions; ${AS_IT_IS}`; // prettier-ignore
      else if (name === "") yield `it lists the zone itself; ${AS_IT_IS}`;
      else yield* row(subject, said(answer));
    }
}

/** The test points of RFC 5782 §5 are no entries: every zone has them. */
function* row(subject: Subject, said: Said): Generator<ImportRow | string> {
  if (subject.text === "127.0.0.2" || subject.text === "test") return;
  yield typeof said === "string" ? `${subject.text}: ${said}` : { subject, ...said };
}

function isMapped(first: Words, last: Words): boolean {
  return first[0] === 0 && first[1] === 0 && first[2] === 0xffff && last[2] === 0xffff;
}

function isTestPoint6(first: Words): boolean {
  return first[3] === 0x7f00_0002;
}

function saidOf(dataset: Dataset, zone: ListingZone, answer: number): Said {
  const values = valuesOf(dataset, answer);
  const codes = new Set(values.map(({ code }) => code).filter((code) => code !== 0));
  const texts = new Set(values.flatMap(({ text }) => text ?? []));
  if (codes.size !== 1 || texts.size > 1)
    return `it has ${codes.size} codes and ${texts.size} texts, and an entry has one of each; ${AS_IT_IS}`;
  const [number = 0] = codes;
  const [text = ""] = texts;
  const code = parseCode(text4(number));
  if (code === undefined) return `${text4(number)} is no code of a list; expected one from 127.0.0.2 on within 127.0.0.0/8`; // prettier-ignore
  const reason = readText(reasonOf(text, dataset, zone));
  if (reason === undefined)
    return `its text: expected at most ${TEXT_OCTETS} octets without controls`;
  return { reason, ...(code !== zone.code && { code }) };
}

/** The file's variables and its text around texts are filled in; `$` still stands for who is listed. */
function reasonOf(text: string, { substitutions }: Dataset, zone: ListingZone): string {
  if (substitutions === undefined) return text.replaceAll("$", "$$$$");
  const { variables, base } = substitutions;
  const isOwnBase = base !== undefined && base === zone.text;
  const plain =
    variables.every((variable) => variable === undefined) && (base === undefined || isOwnBase);
  if (plain) return text;
  const alone = text.startsWith("=") ? "=" : "";
  return (
    alone + (fill(text, "$", isOwnBase ? { variables, base: undefined } : substitutions) ?? "")
  );
}

function memoized(say: (answer: number) => Said): (answer: number) => Said {
  const known = new Map<number, Said>();
  return (answer) => {
    const said = known.get(answer) ?? say(answer);
    known.set(answer, said);
    return said;
  };
}
