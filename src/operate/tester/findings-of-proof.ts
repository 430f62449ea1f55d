/** The site's own proof in the words that every report of a test has: a server that can be asked from inside is asked everything. */
import {
  cellText,
  holds,
  judgementText,
  proofSummary,
  untriedLines,
  type Failure,
  type ProofResult,
} from "../relaytest/index.ts";
import { byVector, type Findings, type Place, type Try } from "./findings.ts";
import { worst, type Grade } from "./grade.ts";

export function proofFindings(hostname: string, result: ProofResult): Findings {
  return {
    target: hostname,
    verdict: holds(result) ? "closed" : "open",
    headline: proofHeadline(hostname, holds(result)),
    unfinished: [],
    notes: [proofSummary(result), ...untriedLines(result)],
    places: [
      ...[...result.tried].map(([listener, sessions]) => listenerPlace(listener, sessions, result)),
      decisionPlace(result),
    ],
  };
}

/** "Closed: …", in one line. */
export function proofHeadline(hostname: string, held: boolean): string {
  return held
    ? `Closed: ${hostname} refused everything that it must refuse, on every listener.`
    : `OPEN RELAY: ${hostname} would carry mail that it must not; it would open no port.`;
}

type ProofTry = Try & { readonly vector: string };

function listenerPlace(
  listener: string,
  sessions: ReadonlyMap<string, number>,
  { failures }: ProofResult,
): Place {
  const failed = Map.groupBy(
    failures.filter((failure) => failure.listener === listener),
    ({ tried }) => tried.vector.id,
  );
  const tries = [...sessions].flatMap(([vector, count]): readonly ProofTry[] => {
    const wrong = (failed.get(vector) ?? []).map((failure) => failedTry(failure));
    return wrong.length > 0 ? wrong : [rightTry(listener, vector, count)];
  });
  return place(listener, tries);
}

function place(name: string, tries: readonly ProofTry[], why?: string): Place {
  return {
    name,
    grade: worst(tries.map(({ grade }) => grade)),
    facts: [],
    character: [],
    holes: [],
    vectors: byVector(tries, ({ vector }) => vector).map((one) => ({
      ...one,
      why: why ?? one.why,
    })),
    untried: new Map(),
  };
}

const IN_MEMORY = "the proof";

function rightTry(listener: string, vector: string, sessions: number): ProofTry {
  const often = sessions === 1 ? "one session" : `${sessions} sessions`;
  return {
    vector,
    title: vector,
    manner: IN_MEMORY,
    endpoint: listener,
    grade: "closed",
    reason: `the one right answer in ${often}`,
    returned: [],
  };
}

function failedTry({ listener, tried, judgement, transcript }: Failure): ProofTry {
  return {
    vector: tried.vector.id,
    title: tried.title,
    manner: IN_MEMORY,
    endpoint: listener,
    grade: GRADE_OF[judgement.kind],
    reason: judgementText(judgement),
    transcript,
    returned: [],
  };
}

/** What was answered otherwise than written is no relay yet, and proves nothing. */
const GRADE_OF: Readonly<Record<Failure["judgement"]["kind"], Grade>> = {
  relayed: "relayed",
  wrong: "inconclusive",
  inconclusive: "inconclusive",
};

function decisionPlace({ cells, openCells }: ProofResult): Place {
  const name = "decision table";
  const decided = { vector: "decisions", title: name, manner: IN_MEMORY, endpoint: name };
  const open = openCells.map((cell): ProofTry => ({
    ...decided,
    grade: "relayed",
    reason: cellText(cell),
    returned: [],
  }));
  const reason = `none of ${cells} lets anybody's mail out without a right`;
  return place(
    name,
    open.length > 0 ? open : [{ ...decided, grade: "closed", reason, returned: [] }],
    "what policy decides for each kind of client and recipient",
  );
}
