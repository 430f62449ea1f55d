/**
 * Plays a scenario over the real driver and a wire in memory. How octets arrive and who is late is the manner: in an
 * orderly one everything settles before anything but octets happens, so that all orderly runs must be alike.
 */
import assert from "node:assert/strict";
import { Conversation, MemoryWire, type Session } from "../../src/protocol/dialogue/index.ts";
import { CheckedSession, type Contract } from "./checked-session.ts";
import { FuzzDesk, type Opinion } from "./desk.ts";
import { Dice } from "./dice.ts";
import { happen } from "./happen.ts";
import type { Happening, Scenario } from "./scenario.ts";
import { Trace, type TraceItem } from "./trace.ts";

/** One protocol's engine, as the player needs it. */
export interface Subject<Ask, Tell, Answer> {
  engine(settings: number): Session<Ask, Tell, Answer>;
  readonly opinion: Opinion<Ask, Answer>;
  contract(settings: number): Contract<Ask, Tell>;
}

export type Manner =
  | "whole" // octets as the scenario has them, everybody prompt
  | "pieces" // cut anywhere, desk and wire late; still orderly
  | "wild"; // and things happen while others are under way

export function play<Ask, Tell, Answer>(
  subject: Subject<Ask, Tell, Answer>,
  scenario: Scenario,
  manner: Manner,
): readonly TraceItem<Ask, Tell, Answer>[] {
  const player = new Player(subject, scenario, manner);
  player.play(scenario);
  return player.finish();
}

class Player<Ask, Tell, Answer> {
  readonly #manner: Manner;
  /** Decides on cuts and delays; undefined where there are none. */
  readonly #dice: Dice | undefined;
  readonly #wire: MemoryWire;
  readonly #desk: FuzzDesk<Ask, Tell, Answer>;
  readonly #session: CheckedSession<Ask, Tell, Answer>;
  readonly #conversation: Conversation<Ask, Tell, Answer>;
  readonly #trace = new Trace<Ask, Tell, Answer>();
  /** The connection is: no octets come any more. */
  #gone = false;

  constructor(subject: Subject<Ask, Tell, Answer>, scenario: Scenario, manner: Manner) {
    const { settings, mood } = scenario;
    this.#manner = manner;
    this.#dice = manner === "whole" ? undefined : new Dice(mood + 1);
    this.#wire = new MemoryWire({ slow: this.#dice?.chance(50) ?? false });
    this.#desk = new FuzzDesk(subject.opinion, mood, this.#dice);
    const engine = subject.engine(settings);
    this.#session = new CheckedSession(engine, subject.contract(settings), this.#trace);
    this.#conversation = new Conversation(this.#session, this.#desk, this.#wire);
  }

  play({ happenings }: Scenario): void {
    this.#conversation.start();
    if (this.#manner !== "wild") this.#settle(); // whoever speaks before the greeting is another matter
    for (const happening of happenings) {
      if (typeof happening !== "string") {
        for (const piece of this.#cut(happening)) this.#deliver(piece);
      } else {
        if (this.#manner !== "wild") this.#settle();
        this.#happen(happening);
      }
    }
    if (this.#manner !== "wild") this.#settle();
  }

  /** The client hangs up, if nobody did before. */
  finish(): readonly TraceItem<Ask, Tell, Answer>[] {
    this.#conversation.closed();
    this.#conversation.receive(Uint8Array.of(65));
    this.#conversation.timeout();
    this.#settle(); // late answers find nobody
    this.#trace.flush();
    return this.#trace.items;
  }

  #cut(octets: Uint8Array): readonly Uint8Array[] {
    if (this.#dice === undefined || this.#dice.chance(20)) return [octets];
    const longest = this.#dice.pick([2, 20, 60, 200]);
    const pieces: Uint8Array[] = [];
    for (let from = 0; from < octets.length;) {
      const length = 1 + this.#dice.below(longest);
      pieces.push(octets.subarray(from, from + length));
      from += length;
    }
    return pieces;
  }

  /** A wire that was paused delivers nothing; what it waits for must come, or it would wait for ever. */
  #deliver(piece: Uint8Array): void {
    if (this.#gone) return;
    while (this.#wire.paused && !this.#wire.ended && this.#session.waitsFor !== "handshake")
      assert.ok(this.#moves(), "the wire is paused and nobody will resume it");
    const waited = this.#session.waitsFor;
    this.#conversation.receive(Uint8Array.from(piece)); // the engine may keep the array
    if (waited !== undefined && !this.#wire.ended)
      assert.ok(this.#wire.paused, "octets stop while it is not the client's turn");
    if (this.#dice?.chance(30) === true) this.#moves();
  }

  #happen(event: Exclude<Happening, Uint8Array>): void {
    if (event === "HANGUP") this.#gone = true;
    if (event === "ANSWER") this.#moves();
    else happen(this.#conversation, this.#wire, event);
  }

  #settle(): void {
    while (this.#moves());
  }

  /** Lets desk or wire get on; false when nothing is left to do. */
  #moves(): boolean {
    if (this.#desk.moves()) return true;
    if (!this.#wire.drain()) return false;
    this.#conversation.drained();
    return true;
  }
}
