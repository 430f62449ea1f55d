/** A test that the memory has kept, as of now: what came back after it had ended counts too. */
import { wrapped } from "../../runtime/index.ts";
import { evidenceOf, type Evidence } from "./evidence.ts";
import type { Found } from "./found.ts";
import { verdictOf, type Verdict } from "./grade.ts";
import type { BegunTest } from "./memory.ts";
import { testJson } from "./report-json.ts";
import { testReport } from "./report-text.ts";
import type { TestResult } from "./result.ts";

export interface KeptTest extends BegunTest {
  /** Milliseconds since 1970; absent while it has no end. */
  readonly endedAt?: number;
  /** Nobody runs it, and it can be gone on with; or somebody does. */
  readonly state: "finished" | "unfinished" | "running";
  /** Absent where it ended before it had looked at the server. */
  readonly found?: Found;
  /** Cases that were tried. */
  readonly tried: number;
  /** Messages that came back, and reports about some. */
  readonly relays: number;
  readonly reports: number;
}

/** What a result of all its cases would say, without reading them: a report that came back changes the grade at most from closed to weak. */
export function verdictAsOfNow({ found, relays }: KeptTest): Verdict {
  return relays > 0 ? "open" : verdictOf(found?.grade ?? "inconclusive");
}

/** When and what it was; the report as of now; the evidence, where there is some. */
export function keptReport(test: KeptTest, result: TestResult | undefined): string {
  const { id, target, at, endedAt, state } = test;
  const until = endedAt === undefined ? state : `ended ${timeText(endedAt)}`;
  const head = `Test ${id} of ${target}: begun ${timeText(at)}, ${until}.`;
  if (result === undefined) return `${head}\nIt ended before it had looked at the server.`;
  return [head, "", testReport(result), ...evidenceLines(evidenceOf(result))].join("\n");
}

function evidenceLines(evidence: Evidence | undefined): readonly string[] {
  if (evidence === undefined) return [];
  const { sha256, cases, until } = evidence;
  const counted = cases === 1 ? "1 case" : `${cases} cases`;
  return [
    "",
    ...wrapped(`Evidence of ${counted} that came back, until ${timeText(until)}:`, ""),
    `SHA-256 ${sha256}`,
  ];
}

/** `shown`: the part of the result that is asked for; the evidence is that of all. */
export function keptJson(test: KeptTest, result: TestResult | undefined, shown = result) {
  const { id, target, at, endedAt, state } = test;
  const evidence = result && evidenceOf(result);
  return {
    id,
    target,
    began: new Date(at).toISOString(),
    ended: endedAt === undefined ? null : new Date(endedAt).toISOString(),
    state,
    evidence:
      evidence === undefined
        ? null
        : { ...evidence, until: new Date(evidence.until).toISOString() },
    result: shown === undefined ? null : testJson(shown),
  };
}

/** "2026-11-28 16:10:02 UTC" */
function timeText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
