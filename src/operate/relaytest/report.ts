/** A proof's result for people: one line when it holds; when it does not, the worst session whole and the others by name. */
import { printTranscript } from "./transcript.ts";
import { holds, type DecisionCell, type Failure, type ProofResult } from "./proof.ts";

/** Failed vectors that are named one by one. */
const NAMED_LIMIT = 40;

export function proofReport(result: ProofResult): string {
  return [
    proofSummary(result),
    ...untriedLines(result),
    ...openCellLines(result),
    ...failureLines(result),
  ].join("\n");
}

/** The proof in one line. */
export function proofSummary(result: ProofResult): string {
  const { vectors, sessions, cells, failures, openCells } = result;
  if (holds(result))
    return `relay proof holds: ${vectors} relay vectors in ${sessions} sessions, ${cells} decisions`;
  const failed = byVector(failures).length;
  return `relay proof FAILED: ${failed} of ${vectors} relay vectors, ${openCells.length} of ${cells} decisions`;
}

/** What was not tried, and why; nothing where all was. */
export function untriedLines(result: ProofResult): readonly string[] {
  return [...waitingLines(result), ...trustedLines(result)];
}

function waitingLines({ waiting }: ProofResult): string[] {
  if (waiting.size === 0) return [];
  const parts = [...waiting].map(([feature, count]) => `${feature} (${count})`);
  return [`not yet tried, for want of: ${parts.join(", ")}`];
}

function trustedLines({ trusted }: ProofResult): string[] {
  return [...trusted].map(
    ([client, ids]) => `not tried, because ${client} is trusted: ${ids.join(", ")}`,
  );
}

function openCellLines({ openCells }: ProofResult): string[] {
  return openCells.map((cell) => `open: ${cellText(cell)}`);
}

export function cellText({ client, recipient, decision }: DecisionCell): string {
  return `${client} to ${recipient}: ${decision.kind}`;
}

function failureLines({ failures }: ProofResult): string[] {
  const [first, ...others] = byVector(failures.toSorted((a, b) => severity(a) - severity(b)));
  if (first === undefined) return [];
  const named = others.slice(0, NAMED_LIMIT).map(headline);
  const unnamed = others.length - named.length;
  return [
    ...inFull(first),
    ...(named.length === 0 ? [] : ["also:"]),
    ...named,
    ...(unnamed === 0 ? [] : [`and ${unnamed} vectors more`]),
  ];
}

/** A vector's failures; there is at least one. */
interface FailedVector {
  readonly worst: Failure;
  readonly sessions: number;
}

/** In the order of their first failures. */
function byVector(failures: readonly Failure[]): readonly FailedVector[] {
  const failed = new Map<string, FailedVector>();
  for (const failure of failures) {
    const { id } = failure.tried.vector;
    const before = failed.get(id);
    failed.set(id, { worst: before?.worst ?? failure, sessions: (before?.sessions ?? 0) + 1 });
  }
  return [...failed.values()];
}

function severity({ judgement }: Failure): number {
  switch (judgement.kind) {
    case "relayed":
      return 0;
    case "wrong":
      return 1;
    case "inconclusive":
      return 2;
  }
}

function inFull(failed: FailedVector): string[] {
  const { tried, transcript } = failed.worst;
  return [
    headline(failed),
    `  ${tried.vector.why}`,
    ...printTranscript(transcript).map((line) => `  ${line}`),
  ];
}

function headline({ worst, sessions }: FailedVector): string {
  const { listener, tried, judgement } = worst;
  const often = sessions === 1 ? "" : ` (${sessions} sessions)`;
  return `${tried.title} on ${listener}: ${judgementText(judgement)}${often}`;
}

export function judgementText(judgement: Failure["judgement"]): string {
  switch (judgement.kind) {
    case "relayed":
      return `RELAYED to ${judgement.to.join(", ")}`;
    case "wrong":
      return `${judgement.what}: expected ${judgement.expected}, got ${judgement.got}`;
    case "inconclusive":
      return `could not be tried: ${judgement.reason}`;
  }
}
