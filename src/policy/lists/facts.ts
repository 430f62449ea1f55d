/**
 * What the lists said of somebody, raw and JSON-safe, as the journal keeps it. What it means and weighs is not in it: that is the
 * settings', and they may be others when it is judged again.
 */
import { factOctets } from "../../mail/index.ts";
import type { AskedAs, List } from "./list.ts";
import type { HealthState } from "./watch.ts";

export type ListFacts = {
  /** Who is there, by part, whether a list was asked or not; absent is what could not be known yet, or nobody wanted to know. */
  readonly about: { readonly [As in AskedAs]?: readonly string[] };
  /** All but those that said no. */
  readonly answers: readonly ListFact[];
  /** "client Spamhaus ZEN": in which part a list had nothing to say, of one subject at least. */
  readonly clear: readonly string[];
  /** Answers beyond the limit. */
  readonly leftOut?: number;
};

/** One list about one subject. */
export type ListFact = {
  /** The list's name. */
  readonly list: string;
  readonly as: AskedAs;
  readonly subject: string;
  /** What came back, whether it counts or not. */
  readonly codes?: readonly string[];
  /** Its reason, printable. */
  readonly text?: string;
  /** Why there are no codes. */
  readonly error?: string;
  /** Of the list; absent where it is well. */
  readonly health?: Exclude<HealthState, "well">;
  /** Of a hit: minutes since the list had this network first, and others that it has been asked about since. */
  readonly sinceMinutes?: number;
  readonly others?: number;
  /** What it said of those others does not show yet that it lists no more than usual. */
  readonly unsure?: true;
};

/** Octets of the answers that are kept, near enough. Of all facts of a stage more are kept. */
const ANSWERS_OCTETS = 12_000;

/** Hosts of the header section, of which a stranger can write many, come last: they are left out first. */
export function boundedAnswers(
  answers: readonly ListFact[],
): Pick<ListFacts, "answers" | "leftOut"> {
  const hopsLast = answers.toSorted((a, b) => Number(a.as === "hop") - Number(b.as === "hop"));
  let octets = 0;
  const beyond = hopsLast.findIndex((one) => (octets += factOctets(one)) > ANSWERS_OCTETS);
  return beyond === -1
    ? { answers: hopsLast }
    : { answers: hopsLast.slice(0, beyond), leftOut: hopsLast.length - beyond };
}

/** By which it is known later that a list was asked about a part and had nothing to say. */
export function clearKey(as: AskedAs, list: string): string {
  return `${as} ${list}`;
}

/** Whether these lists were asked all that they would be asked now. Those that only observe decide nothing, and may be new. */
export function wereAsked({ about, answers, clear }: ListFacts, lists: readonly List[]): boolean {
  const asked = new Set([...clear, ...answers.map(({ as, list }) => clearKey(as, list))]);
  return lists
    .filter(({ mode }) => mode === "vote")
    .every(({ ask, name }) =>
      [...ask].every((as) => {
        const subjects = about[as];
        // What this stage could not know is another stage's; names of addresses are looked up when a list wants them.
        if (subjects === undefined) return as !== "reverse";
        return subjects.length === 0 || asked.has(clearKey(as, name));
      }),
    );
}
