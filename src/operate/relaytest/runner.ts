/**
 * Has one conversation: says what a case says and compares what is answered, up to the first difference. Then
 * it stops expecting but goes on talking: a server that took a recipient which it should not have is given
 * a message too, so that what becomes of it is seen and not supposed.
 */
import { GOODBYE, GREETING, type Case, type Turn } from "./case.ts";
import type { Connection } from "./connection.ts";
import { SILENCE, Speaker, type Heard } from "./speaker.ts";
import type { Transcript } from "./transcript.ts";

export interface Run {
  readonly transcript: Transcript;
  readonly outcome: Outcome;
}

export type Outcome =
  | { readonly kind: "as expected" }
  | {
      readonly kind: "deviation";
      /** Octets, as characters. */
      readonly said: string;
      readonly expected: readonly string[];
      readonly got: readonly Heard[];
    }
  /** The conversation could not be had. */
  | { readonly kind: "failure"; readonly reason: string };

/** Runs a case over a fresh connection, and ends it. */
export async function run({ turns, message }: Case, connection: Connection): Promise<Run> {
  const speaker = new Speaker(connection);
  const outcome = await converse(turns, message, speaker);
  connection.close();
  return { transcript: speaker.transcript, outcome };
}

async function converse(
  turns: readonly Turn[],
  message: string,
  speaker: Speaker,
): Promise<Outcome> {
  for (const [i, turn] of turns.entries()) {
    if (turn.kind === "handshake") {
      if (!(await speaker.handshake())) return { kind: "failure", reason: "no TLS handshake" };
      continue;
    }
    const got = await speaker.converse(turn.octets, turn.answers.length);
    if (agree(turn.answers, got)) continue;
    if (turn === GREETING) return { kind: "failure", reason: `no greeting: ${got.join()}` };
    await pursue(turns.slice(i + 1), message, speaker);
    return { kind: "deviation", said: turn.octets, expected: turn.answers, got };
  }
  return { kind: "as expected" };
}

function agree(expected: readonly string[], got: readonly Heard[]): boolean {
  return expected.every((answer, i) => answer === got[i]);
}

/** Says the rest of the script, and then a message, whatever is answered. */
async function pursue(rest: readonly Turn[], message: string, speaker: Speaker): Promise<void> {
  for (const turn of rest)
    if (turn.kind === "say" && turn !== GOODBYE)
      await speaker.converse(turn.octets, turn.answers.length);
  // Replies to what was said before may still be on their way: they are passed over.
  const heard = await speaker.converse("DATA\r\n", LATE_REPLIES_LIMIT, "354");
  // Silence at once: the server may be in the middle of some content, and our DATA was part of it.
  if (heard.includes("354") || heard[0] === SILENCE) await speaker.converse(message, 1);
}

/** Replies among which the one to DATA is looked for. */
const LATE_REPLIES_LIMIT = 100;
