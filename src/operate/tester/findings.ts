/**
 * What a report says, in whatever form: of a test of a server elsewhere (findings-of-test.ts), of this site's own proof
 * (findings-of-proof.ts), or of a target that could not be tested.
 */
import { CATALOGUE, type Transcript } from "../relaytest/index.ts";
import type { Character } from "./character.ts";
import { worst, type Grade, type Verdict } from "./grade.ts";
import type { OpeningName } from "./openings.ts";
import type { Returned } from "./returns.ts";

export interface Findings {
  /** As it was asked for. */
  readonly target: string;
  readonly verdict: Verdict;
  /** "Closed: …", in one line. */
  readonly headline: string;
  /** What of it was not tested, in words; each makes the verdict inconclusive, if not worse. */
  readonly unfinished: readonly string[];
  /** What is to be known of it as a whole, a sentence or two each. */
  readonly notes: readonly string[];
  readonly places: readonly Place[];
  /** Why there is no more to say; absent where there is. */
  readonly untested?: string;
}

/** An address and port that was tested, or a listener that was proved. */
export interface Place {
  /** "mx.example.org 192.0.2.1:25" */
  readonly name: string;
  readonly grade: Grade;
  /** Why nobody answered there. */
  readonly unheard?: string;
  /** Why its grade is not that of its vectors. */
  readonly doubt?: string;
  readonly facts: readonly string[];
  readonly character: readonly Character[];
  readonly holes: readonly Hole[];
  readonly vectors: readonly TriedVector[];
  /** Vectors that were not tried, by the reason. */
  readonly untried: ReadonlyMap<string, readonly string[]>;
}

export interface Hole {
  readonly name: OpeningName;
  readonly grade: Grade;
  /** In words. */
  readonly wrong: string;
  /** What to do, most likely first. */
  readonly todo: readonly string[];
  /** By id. */
  readonly vectors: readonly string[];
  /** One try that shows it. */
  readonly example?: Try;
}

/** A vector, in one way to greet the server. */
export interface TriedVector {
  readonly id: string;
  /** What a weak server does with it. */
  readonly why: string;
  /** "EHLO in TLS" */
  readonly manner: string;
  readonly grade: Grade;
  /** At least one. */
  readonly tries: readonly Try[];
}

export interface Try {
  /** "R30 from <>" */
  readonly title: string;
  readonly manner: string;
  /** "192.0.2.1:25" */
  readonly endpoint: string;
  readonly grade: Grade;
  readonly reason: string;
  readonly transcript?: Transcript;
  readonly returned: readonly Returned[];
}

/** `why` in words, of a target that may not be tested or cannot be found. */
export function untestedFindings(target: string, why: string): Findings {
  return {
    target,
    verdict: "inconclusive",
    headline: `Not tested: ${why}`,
    unfinished: [],
    notes: [],
    places: [],
    untested: why,
  };
}

/** Open where one of them is; closed where all are. */
export function worstVerdict(verdicts: Iterable<Verdict>): Verdict {
  const all = new Set(verdicts);
  if (all.has("open")) return "open";
  return all.has("inconclusive") ? "inconclusive" : "closed";
}

/** In the order in which each was first tried. */
export function byVector<Tried extends Try>(
  tries: readonly Tried[],
  vectorOf: (tried: Tried) => string,
): readonly TriedVector[] {
  const groups = Map.groupBy(tries, (tried) => `${vectorOf(tried)}\n${tried.manner}`);
  return [...groups.values()].flatMap((of) => {
    const [first] = of;
    if (first === undefined) return [];
    const id = vectorOf(first);
    const grade = worst(of.map((tried) => tried.grade));
    return [{ id, why: WHYS.get(id) ?? "", manner: first.manner, grade, tries: of }];
  });
}

const WHYS: ReadonlyMap<string, string> = new Map(
  CATALOGUE.flatMap(({ vectors }) => vectors.map(({ id, why }) => [id, why])),
);
