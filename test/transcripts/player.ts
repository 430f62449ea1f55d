/** Plays a transcript's other side over the real driver and a wire in memory, in one of several manners. */
import { Conversation, MemoryWire, octetsOf } from "../../src/protocol/dialogue/index.ts";
import { encodeLines } from "./escapes.ts";
import { ScriptedDesk, type Area } from "./scripted-desk.ts";
import type { Event, Transcript, Turn } from "./transcript.ts";

/** How octets arrive and the desk behaves. None of it may change what happens. */
export interface Manner {
  readonly name: string;
  /** Cuts a turn's octets; `offset` is how many came in earlier turns. */
  cut(octets: Uint8Array, offset: number): readonly Uint8Array[];
  /** Turns may come in pieces. */
  readonly cuts: boolean;
  /** The desk answers only when the turn's octets are there. */
  readonly late: boolean;
  /** Desk and wire ask for a pause at everything, and the other side keeps to it. */
  readonly slow: boolean;
}

const whole = (octets: Uint8Array): Uint8Array[] => (octets.length === 0 ? [] : [octets]);
const single = (octets: Uint8Array): Uint8Array[] =>
  Array.from(octets, (octet) => Uint8Array.of(octet));

export const MANNERS = {
  whole: { name: "with whole turns", cuts: false, cut: whole, late: false, slow: false },
  octets: { name: "octet by octet", cuts: true, cut: single, late: false, slow: false },
  wholeLate: {
    name: "with whole turns and a late desk",
    cuts: false,
    cut: whole,
    late: true,
    slow: false,
  },
  octetsLate: {
    name: "octet by octet with a late desk",
    cuts: true,
    cut: single,
    late: true,
    slow: false,
  },
  wholeSlow: {
    name: "with whole turns, all slow",
    cuts: false,
    cut: whole,
    late: true,
    slow: true,
  },
  octetsSlow: { name: "octet by octet, all slow", cuts: true, cut: single, late: true, slow: true },
} as const satisfies Record<string, Manner>;

/** Whole turns but for one, which comes in two pieces: `position` counts the conversation's octets. */
export function cutAt(position: number): Manner {
  const cut = (octets: Uint8Array, offset: number): Uint8Array[] => {
    const at = Math.min(Math.max(position - offset, 0), octets.length);
    return [...whole(octets.subarray(0, at)), ...whole(octets.subarray(at))];
  };
  return { name: `cut at ${position}`, cuts: true, cut, late: position % 2 === 1, slow: false };
}

/** The transcript with what happened in place of what was expected. */
export function play<Ask, Tell, Answer>(
  transcript: Transcript,
  area: Area<Ask, Tell, Answer>,
  manner: Manner,
): Transcript {
  const stage = new Stage(transcript, area, manner);
  const turns = transcript.turns.map((turn, i) => stage.perform(turn, i === 0));
  return { ...transcript, turns, record: stage.finish() };
}

class Stage<Ask, Tell, Answer> {
  readonly #manner: Manner;
  readonly #wire: MemoryWire;
  readonly #desk: ScriptedDesk<Ask, Tell, Answer>;
  readonly #conversation: Conversation<Ask, Tell, Answer>;
  #offset = 0;
  #closedSeen = false;

  constructor(transcript: Transcript, area: Area<Ask, Tell, Answer>, manner: Manner) {
    this.#manner = manner;
    this.#wire = new MemoryWire({ slow: manner.slow });
    this.#desk = new ScriptedDesk(area, transcript.setup, {
      // The first answer may have to wait for something earlier; then the desk is late for its whole life.
      late: manner.late || beginsEarly(transcript),
      slow: manner.slow,
    });
    this.#conversation = new Conversation(area.engine(transcript.setup), this.#desk, this.#wire);
  }

  perform(turn: Turn, first: boolean): Turn {
    if (first) this.#conversation.start();
    if (turn.event !== undefined) this.#happen(turn.event);
    for (const piece of this.#manner.cut(turn.octets, this.#offset)) this.#deliver(piece);
    this.#offset += turn.octets.length;
    this.#settle();
    const closed = this.#wire.ended && !this.#closedSeen;
    this.#closedSeen = this.#wire.ended;
    return { ...turn, said: encodeLines(octetsOf(this.#wire.take())), closed };
  }

  /** The other side hangs up, if nobody did before. */
  finish(): readonly string[] {
    this.#conversation.closed();
    return this.#desk.record;
  }

  #deliver(piece: Uint8Array): void {
    if (this.#manner.slow && this.#wire.paused) this.#settle();
    // The engine may keep the array, so it gets one of its own.
    this.#conversation.receive(Uint8Array.from(piece));
  }

  #happen(event: Event): void {
    switch (event) {
      case "TLS":
        if (!this.#wire.startingTls) throw new Error("the engine does not expect a handshake");
        this.#wire.startingTls = false;
        return this.#conversation.secured({ version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384" });
      case "TIMEOUT":
        return this.#conversation.timeout();
      case "SHUTDOWN":
        return this.#conversation.shutdown();
      case "HANGUP":
        return this.#conversation.closed();
      case "PAUSE":
        return undefined;
    }
  }

  /** Lets the desk answer and the wire drain until nothing moves any more. */
  #settle(): void {
    let moved = true;
    while (moved) {
      moved = this.#desk.answerNext();
      if (this.#desk.drain()) moved = true;
      if (this.#wire.drain()) {
        this.#conversation.drained();
        moved = true;
      }
    }
  }
}

/** Something happens before a server has been told to greet. */
function beginsEarly({ roles, turns }: Transcript): boolean {
  const first = turns[0];
  return (
    roles.engine === "S" &&
    first !== undefined &&
    (first.octets.length > 0 || first.event !== undefined)
  );
}
