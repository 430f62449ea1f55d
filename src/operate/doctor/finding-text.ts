/** Findings as a person reads them: what is right in a line, what is not with the difference. */
import type { Finding, Verdict } from "./finding.ts";
import { wrapped } from "../../runtime/index.ts";

const ORDER: readonly Verdict[] = ["right", "missing", "wrong", "unknown", "left out"];

const VERDICT_WIDTH = 10;
const INDENT = " ".repeat(VERDICT_WIDTH);

/** Records are never cut, for they are copied. */
export function findingsText(findings: readonly Finding[]): string {
  const counts = ORDER.map((verdict) => {
    const count = findings.filter((one) => one.verdict === verdict).length;
    return count === 0 ? [] : [`${count} ${verdict}`];
  }).flat();
  return [...findings.flatMap(findingLines), "", counts.join(", ")].join("\n");
}

function findingLines({ verdict, subject, why, wanted, found }: Finding): readonly string[] {
  const head = `${verdict.padEnd(VERDICT_WIDTH)}${subject}`;
  const reason = why === undefined ? [] : wrapped(why, INDENT);
  switch (verdict) {
    case "left out":
      return [head];
    case "right":
      return [head, ...reason, ...(why === undefined ? [] : labelled("found", found))];
    case "missing":
    case "wrong":
    case "unknown":
      return [head, ...reason, ...labelled("wanted", wanted), ...labelled("found", found)];
  }
}

function labelled(label: string, texts: readonly string[]): readonly string[] {
  return texts.map((text, n) => `${INDENT}${(n === 0 ? label : "").padEnd(8)}${text}`);
}
