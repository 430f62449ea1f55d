/** The evidence of a test: what was said and what came back of it, and the number by which others can see that it is the same. */
import { hash } from "node:crypto";
import type { CaseResult, TestResult } from "./result.ts";

export interface Evidence {
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** Cases in it. */
  readonly cases: number;
  /** When the last return that is in it came, milliseconds since 1970. */
  readonly until: number;
}

const FORM = "gatepost relay evidence 1";

/**
 * The SHA-256 of a test's evidence; undefined where no message came back. With the test's id and `until` it names the evidence for ever:
 * returns that came later than `until` (milliseconds since 1970; left out, none did) are not in it.
 *
 * Hashed is the UTF-8 of one JSON text, without white space, of arrays of texts and numbers in this order:
 * `[form, test id, cases]`. A case is one of which the message itself came back: `[token, endpoint, vector, key, transcript, returns]`, in the
 * order of the tokens. Its transcript has `["client" | "server", octets]` and `["nobody", event]`, in the order in which it was said,
 * octets as characters U+0000 to U+00FF, as far as they were kept. A return is `[time, "relay" | "report", client address, Received
 * fields]`, in the order of the times and then of their JSON texts. Nothing in it depends on how a report looks.
 */
export function evidenceOf(result: TestResult, until = Infinity): Evidence | undefined {
  const cases = result.endpoints
    .flatMap((endpoint) => endpoint.cases)
    .map((one) => ({ ...one, returned: one.returned.filter(({ at }) => at <= until) }))
    .filter(({ returned }) => returned.some(({ kind }) => kind === "relay"))
    .toSorted((a, b) => order(a.token, b.token));
  if (cases.length === 0) return undefined;
  const text = JSON.stringify([FORM, result.id, cases.map(canonical)]);
  return {
    sha256: hash("sha256", text),
    cases: cases.length,
    until: cases
      .flatMap(({ returned }) => returned)
      .reduce((last, { at }) => Math.max(last, at), 0),
  };
}

function canonical({ token, endpoint, vector, key, transcript = [], returned }: CaseResult) {
  const said = transcript.map((one) =>
    one.by === "nobody" ? [one.by, one.event] : [one.by, one.octets],
  );
  const back = returned
    .map(({ at, kind, from, received }) => ({ at, text: [at, kind, from, received] }))
    .toSorted((a, b) => a.at - b.at || order(JSON.stringify(a.text), JSON.stringify(b.text)));
  return [token, endpoint, vector, key, said, back.map(({ text }) => text)];
}

function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
