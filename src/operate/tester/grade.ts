/**
 * What was seen, judged: each case by itself, and the server by its worst. Only a message that came back makes a server an open
 * relay; whatever else it took shows that it might be one, and is called so.
 */
import type { Observed } from "./observed.ts";

/** From best to worst, but for the one that says nothing. */
export const GRADES = ["closed", "weak", "inconclusive", "accepts", "accepted", "relayed"] as const;

/**
 * `closed`: refused for good (5xx). `weak`: put off (4xx), or hung up on. `accepts`: the recipient was taken, which proves nothing.
 * `accepted`: the message was. `relayed`: it came back. `inconclusive`: it could not be found out.
 */
export type Grade = (typeof GRADES)[number];

export interface Graded {
  readonly grade: Grade;
  /** In words; of `closed` the server's own. */
  readonly reason: string;
}

/** `wayBack`: what it does with a message for its own people would be seen. */
export function gradeOf(observed: Observed, wayBack: boolean): Graded {
  const { taken, own, obeyedContent, heldBack, decisive, end } = observed;
  const words = decisive === undefined ? "" : wordsOf(decisive.lines);
  if (taken === "message") return { grade: "accepted", reason: words };
  if (taken === "recipient")
    return {
      grade: "accepts",
      reason: heldBack
        ? `${words} (no message was sent: it would not have come back, or gone to somebody else)`
        : words,
    };
  if (own !== undefined && !obeyedContent)
    return own.beside && !wayBack
      ? { grade: "accepted", reason: `${words} (for its own people, or for the other address too)` }
      : { grade: "closed", reason: `taken as mail for its own domain: ${words}` };
  if (obeyedContent)
    return {
      grade: "accepts",
      reason: "it obeyed as commands what were none: mail can be smuggled through it",
    };
  if (end === "silence") return { grade: "inconclusive", reason: "it did not answer in time" };
  if (end === "rubbish") return { grade: "inconclusive", reason: "what it says is not SMTP" };
  if (decisive === undefined)
    return end === "closed"
      ? { grade: "weak", reason: "it hung up" }
      : { grade: "inconclusive", reason: "nothing was refused, and nothing taken" };
  return { grade: decisive.code >= 500 ? "closed" : "weak", reason: words };
}

/** Characters of a server's reply that are kept. */
const WORDS_LIMIT = 200;

/** Of a reply, as one printable line. */
export function wordsOf(lines: readonly string[]): string {
  const words = lines.map((line, i) => (i === 0 ? line : line.slice(4))).join(" ");
  return words.replace(/[^\x20-\x7e]/g, "?").slice(0, WORDS_LIMIT);
}

export function worst(grades: Iterable<Grade>): Grade {
  let at = 0;
  for (const grade of grades) at = Math.max(at, GRADES.indexOf(grade));
  return GRADES[at] ?? "closed";
}

/** What a whole test says. */
export type Verdict = "closed" | "open" | "inconclusive";

export function verdictOf(grade: Grade): Verdict {
  switch (grade) {
    case "closed":
    case "weak":
      return "closed";
    case "relayed":
      return "open";
    case "inconclusive":
    case "accepts":
    case "accepted":
      return "inconclusive";
  }
}
