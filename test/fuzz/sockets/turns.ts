/** A client that takes turns: it says one thing and hears the reply before it says the next, whatever its scenario holds. */
import assert from "node:assert/strict";
import type { Talk } from "../../e2e/talk.ts";
import type { Happening } from "../scenario.ts";

export interface Speaker {
  /** The server has said its last word. */
  readonly over: boolean;
  /** Says the first complete thing of `rest` and hears the reply; resolves to its octets, 0 when nothing is complete. */
  turn(rest: string): Promise<number>;
}

export async function takeTurns(
  talk: Talk,
  speaker: Speaker,
  happenings: readonly Happening[],
): Promise<void> {
  let rest = "";
  for (const happening of happenings) {
    if (speaker.over || happening === "HANGUP") break;
    if (happening === "FINISHED") return ends(talk, rest);
    if (typeof happening === "string") continue; // TLS begins when the server says so
    rest += Buffer.from(happening).toString("latin1");
    for (let said = 1; said > 0 && !speaker.over;) {
      said = await speaker.turn(rest);
      rest = rest.slice(said);
    }
  }
  if (speaker.over) await silence(talk);
  talk.destroy();
}

/** The client says the rest and closes its side; nothing in that can be answered with a yes. */
async function ends(talk: Talk, rest: string): Promise<void> {
  talk.say(rest).finish();
  assert.doesNotMatch(await talk.rest(), /^(?:[23]|\+)/);
}

/** The connection ends, and not a word comes before that. What may come are octets of TLS. */
export async function silence(talk: Talk): Promise<void> {
  talk.finish();
  assert.doesNotMatch(await talk.rest(), /^(?:[2-5][0-9]{2}[ -]|\+OK|-ERR)/m);
}

/** The octets of a first line, CRLF included; 0 when it is not complete. */
export function lineLength(rest: string): number {
  return rest.includes("\r\n") ? rest.indexOf("\r\n") + 2 : 0;
}

const MALFORMED = /\0|\r(?!\n)|(?<!\r)\n/;

/** An octet that no line may hold stands before `end`, or anywhere when that is 0. A last CR may yet get its LF. */
export function isMalformed(rest: string, end: number): boolean {
  const wrong = MALFORMED.exec(end === 0 ? rest : rest.slice(0, end));
  return wrong !== null && !(wrong[0] === "\r" && wrong.index === rest.length - 1);
}
