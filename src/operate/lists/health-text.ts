/** How lists are, as a person reads it: what there is to say of each that is not simply well. */
import { visible } from "../../mail/index.ts";
import type { ShownHealth } from "./health-json.ts";

/** "3 of 150", "2.0 %" */
export function hitsText({ hits }: ShownHealth): string | null {
  return hits === null ? null : `${hits.listed} of ${hits.subjects}`;
}

export function usualText({ hits }: ShownHealth): string | null {
  if (hits === null) return null;
  return hits.usual === null ? "not yet" : percent(hits.usual);
}

/** Below the table. */
export function healthNotes(all: readonly ShownHealth[]): readonly string[] {
  return all.flatMap(notesOf).map(visible);
}

function notesOf(one: ShownHealth): readonly string[] {
  const { list, mode, state, since, why, unknownCodes, windows, others, lastProbe } = one;
  const last = windows.at(-1);
  return [
    ...(state === "sick" || state === "trial"
      ? [`${list} counts for nothing since ${shortTime(since)}: ${why ?? ""}`]
      : []),
    ...(state === "unproven" && lastProbe !== null && lastProbe.found !== "in order"
      ? [`${list} counts for nothing yet: ${lastProbe.found}`]
      : []),
    ...unknownCodes.map(
      ({ code, count, last: at }) =>
        `${list} answered ${code} ${times(count)}, last at ${shortTime(at)}: no answer of it is called so, and it counts for nothing`,
    ),
    ...(others !== null && others.onlyHere + others.onlyElsewhere > 0
      ? [
          `${list} and other lists, of ${others.compared}: ${others.shared} listed by both, ${others.onlyHere} only here, ${others.onlyElsewhere} only elsewhere`,
        ]
      : []),
    ...(last === undefined || mode === "observe"
      ? []
      : [
          `${list} spoke ill and was heard from ${shortTime(last.from)} to ${shortTime(last.until)}; \`gatepost lists amnesty "${list}"\` shows whom it kept out`,
        ]),
  ];
}

/** "2026-01-31 23:59" */
export function shortTime(iso: string | null): string {
  return iso === null ? "-" : iso.slice(0, 16).replace("T", " ");
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
