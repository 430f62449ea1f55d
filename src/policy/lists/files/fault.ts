/**
 * Whether a list's file may be used. All of it or nothing: a line that cannot be read may be the exclusion without which an innocent
 * is listed, or the end of a file that is not yet whole. And a file that lists most of the world is no list.
 */
import type { ListFormat } from "./format.ts";
import type { ParsedList } from "./parser.ts";
import type { ListProblem } from "./problems.ts";
import { EXCLUDED, type ListSnapshot, type Segments } from "./snapshot.ts";

export interface WantedList {
  readonly kind: "addresses" | "names";
  /** "": the list itself; undefined: all that the file has, of which there may be any. */
  readonly subzone: string | undefined;
}

/** Of all IPv4 addresses. Whoever lists what nobody may use has about a seventh. */
export const SHARE_LIMIT = 0.5;

/** So many are told. */
const TOLD = 3;

const NAME_FORMATS: ReadonlySet<ListFormat> = new Set(["dnset", "generic"]);

/** What is wrong, where, and what was expected; undefined where the file may be used. */
export function faultOf(parsed: ParsedList, wanted: WantedList): string | undefined {
  const { snapshot, refusal, problems, problemCount } = parsed;
  if (snapshot === undefined) return refusal ?? "nothing of it could be read";
  if (problemCount > 0) return toldOf(problems, problemCount);
  return kindFault(parsed.format, wanted) ?? reachFault(snapshot, wanted);
}

function toldOf(problems: readonly ListProblem[], count: number): string {
  const told = problems.slice(0, TOLD).map(({ line, reason }) => line === 0 ? reason : `line ${line}: ${reason}`); // prettier-ignore
  return [...told, ...(count > told.length ? [`and ${count - told.length} more`] : [])].join("; ");
}

function kindFault(format: ListFormat, { kind }: WantedList): string | undefined {
  if (format === "combined") return undefined; // it may have both
  const has = NAME_FORMATS.has(format) ? "names" : "addresses";
  if (has === kind) return undefined;
  return `it has ${has} (${format}), and is to be a list of ${kind}; expected kind = "${has}"`;
}

function reachFault(snapshot: ListSnapshot, { subzone }: WantedList): string | undefined {
  const part = snapshot.datasets.filter(({ subzones }) => subzone === undefined || subzones.includes(subzone)); // prettier-ignore
  if (part.length === 0) {
    if (subzone === undefined) return "there is no dataset in it";
    const there = [...new Set(snapshot.datasets.flatMap(({ subzones }) => subzones))];
    const names = there.map((name) => (name === "" ? "@" : name)).join(", ");
    return `no dataset in it is for ${subzone === "" ? "the list itself (@)" : subzone}; expected as subzone one of ${names}`;
  }
  const share = Math.max(...part.map(({ v4 }) => segmentsShare(v4)));
  if (share <= SHARE_LIMIT) return undefined;
  return `it lists ${Math.round(share * 100)} % of all IPv4 addresses; expected at most ${SHARE_LIMIT * 100} %`;
}

/** Of all IPv4 addresses. */
export function segmentsShare({ answers, firsts, lasts }: Segments): number {
  let addresses = 0;
  for (let i = 0; i < answers.length; i++) {
    if (answers[i] === EXCLUDED) continue;
    addresses += (lasts[i] ?? 0) - (firsts[i] ?? 0) + 1;
  }
  return addresses / 2 ** 32;
}
