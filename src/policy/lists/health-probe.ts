/**
 * What a list is asked to see whether it is one: the entry that each list has and the one that none has (RFC 5782 §5), some that nobody
 * can have listed, and which servers have its zone. Pure: what to ask, and what follows from the answers.
 */
import { canary, CANARY_OCTETS } from "./canary.ts";
import type { Ailment } from "./health-limits.ts";
import type { List, ListKind, ListSubject } from "./list.ts";
import type { ListAnswer, ListErrorReason } from "./reading.ts";
import { testEntry } from "./test-entry.ts";

const PROBE_CANARIES = 3;

/** Octets of chance that a probe takes. */
export const PROBE_OCTETS = PROBE_CANARIES * CANARY_OCTETS;

export interface ProbeSubjects {
  readonly listed: ListSubject;
  readonly unlisted: ListSubject;
  readonly canaries: readonly ListSubject[];
}

export interface ProbeFindings {
  readonly listed: ListAnswer;
  readonly unlisted: ListAnswer;
  readonly canaries: readonly ListAnswer[];
  /** Names of the zone's servers (NS, and the first one in its SOA record), sorted; empty: the DNS names none, or does not say. */
  readonly servers: readonly string[];
  /** Milliseconds that the slowest of them took. */
  readonly ms: number;
}

/** Something is wrong; `why` for people. */
export interface Fault {
  readonly ailment: Ailment;
  readonly why: string;
}

export function probeSubjects(
  { kind, test }: Pick<List, "kind" | "test">,
  chance: Uint8Array,
): ProbeSubjects {
  const canaries = Array.from({ length: PROBE_CANARIES }, (_, i) =>
    canary(kind === "addresses" ? "ipv4" : "name", chance.subarray(i * CANARY_OCTETS)),
  );
  const [has, hasNot] = kind === "addresses" ? ["127.0.0.2", "127.0.0.1"] : ["test", "invalid"];
  return { listed: test ?? entry(kind, has), unlisted: entry(kind, hasNot), canaries };
}

/** The worst that was found. `known`: the servers that had the zone before. */
export function probeFault(findings: ProbeFindings, known: readonly string[]): Fault | undefined {
  const { listed, unlisted, canaries, servers } = findings;
  const faults = [
    ...canaries.map((answer) => canaryFault(answer, "what nobody can have listed")),
    canaryFault(unlisted, "the test entry that no list has (RFC 5782 §5)"),
    testPointFault(listed),
    movedFault(servers, known),
  ];
  return faults.find((fault) => fault !== undefined);
}

/** All was answered, and as it should be. */
export function isClean(findings: ProbeFindings, known: readonly string[]): boolean {
  if (probeFault(findings, known) !== undefined) return false;
  return answersOf(findings).every((one) => one.kind !== "error" || one.why === "unknown code");
}

/** In the order in which they count: those of one probe say more than one about how well the list answers. */
export function answersOf({ listed, unlisted, canaries }: ProbeFindings): readonly ListAnswer[] {
  return [listed, unlisted, ...canaries];
}

/** Of an answer about somebody who is listed nowhere. */
export function canaryFault(answer: ListAnswer, whom: string): Fault | undefined {
  if (answer.kind === "listed")
    return { ailment: "lists everybody", why: `it lists ${whom}: ${answer.codes.join(", ")}` };
  if (answer.kind === "error" && answer.why === "unknown code")
    return { ailment: "lists everybody", why: `it lists ${whom}: ${answer.code ?? "?"}` };
  return answerFault(answer);
}

/** Of any answer. */
export function answerFault(answer: ListAnswer): Fault | undefined {
  if (answer.kind !== "error") return undefined;
  const code = answer.code ?? "?";
  switch (answer.why) {
    case "outside 127/8":
      return {
        ailment: "no list any more",
        why: `it answers ${code}, which no list does: its name may have been sold or be for sale`,
      };
    case "error code":
      return { ailment: "turns us away", why: `it answers ${code}: it does not answer us` };
    default:
      return undefined;
  }
}

/** No answer; and not because of us. */
export function isFailure(answer: ListAnswer): boolean {
  return answer.kind === "error" && FAILURES.has(answer.why);
}

const FAILURES: ReadonlySet<ListErrorReason> = new Set<ListErrorReason>([
  "refused",
  "servfail",
  "timeout",
  "unreachable",
  "malformed",
  "alias-loop",
]);

function testPointFault(answer: ListAnswer): Fault | undefined {
  return answer.kind === "clear"
    ? {
        ailment: "emptied",
        why: "it does not list the test entry that it always has (RFC 5782 §5): it may have been emptied",
      }
    : answerFault(answer);
}

/** Servers come and go; all of them at once go with the name, to whoever has it now. */
function movedFault(servers: readonly string[], known: readonly string[]): Fault | undefined {
  const isMoved = servers.length > 0 && known.length > 0 && !servers.some((s) => known.includes(s));
  return isMoved
    ? {
        ailment: "moved",
        why: `its zone has other servers: ${servers.slice(0, 2).join(", ")}; before ${known.slice(0, 2).join(", ")}`,
      }
    : undefined;
}

function entry(kind: ListKind, text: string): ListSubject {
  const subject = testEntry(kind, text);
  if (subject === undefined) throw new Error(`${text} is nothing in a list of ${kind}`);
  return subject;
}
