/**
 * The tester's mouth and ears on one connection: says octets, hears replies one by one, each within its time however it drips, all
 * of them within a number of octets. Keeps what was said, up to a limit, for whoever wants to read it.
 */
import type { Clock } from "../../runtime/index.ts";
import { ReplyReader, type Connection, type Reply, type Utterance } from "../relaytest/index.ts";

export type Heard =
  | { readonly kind: "reply"; readonly reply: Reply }
  /** `rubbish`: no replies of SMTP, or more than anybody should have to listen to. */
  | { readonly kind: "closed" | "silence" | "rubbish" };

/** How long one reply may take from the first octet that was waited for to its last, in milliseconds. */
export const REPLY_TIME_MS = 60_000;

/** Octets that a server may say on one connection. */
export const HEARD_LIMIT = 1_048_576;

/** Octets of a case's conversation that are kept, each side's share. */
export const TRANSCRIPT_LIMIT = 16_384;

export class Talker {
  readonly #connection: Connection;
  readonly #clock: Clock;
  #replies = new ReplyReader();
  #utterances: Utterance[] = [];
  #kept = { client: 0, server: 0 };
  #heardOctets = 0;
  /** The slowest reply so far, in milliseconds; one that was waited for in vain is one too. */
  slowestMs = 0;
  /** The end was heard: nothing more can be said. */
  over = false;

  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
  }

  say(octets: string): void {
    this.#keep("client", octets);
    this.#connection.write(octets);
  }

  async ask(octets: string): Promise<Heard> {
    this.say(octets);
    return this.hear();
  }

  /** The next reply, or why there is none. */
  async hear(withinMs = REPLY_TIME_MS): Promise<Heard> {
    const began = this.#clock.elapsed();
    const heard = await this.#hear(began + withinMs);
    if (heard.kind === "silence" && withinMs < REPLY_TIME_MS) return heard; // none need come
    this.slowestMs = Math.max(this.slowestMs, this.#clock.elapsed() - began);
    if (heard.kind !== "reply") this.over = true;
    return heard;
  }

  async #hear(deadline: number): Promise<Heard> {
    for (;;) {
      const result = this.#replies.next();
      if (result.kind === "reply") return result;
      if (result.kind === "malformed") return { kind: "rubbish" };
      const left = deadline - this.#clock.elapsed();
      if (left <= 0) return this.#nothing("silence");
      const arrival = await this.#connection.read(left);
      if (arrival.kind === "closed") return this.#nothing("closed");
      if (arrival.kind === "silence") return this.#nothing("silence");
      this.#heardOctets += arrival.octets.length;
      this.#keep("server", arrival.octets);
      if (this.#heardOctets > HEARD_LIMIT) return { kind: "rubbish" };
      this.#replies.feed(arrival.octets);
    }
  }

  #nothing(kind: "closed" | "silence"): Heard {
    this.#utterances.push({ by: "nobody", event: kind === "closed" ? "connection closed" : kind });
    return { kind };
  }

  async handshake(): Promise<boolean> {
    const secured = await this.#connection.startTls();
    if (secured) this.#utterances.push({ by: "nobody", event: "TLS established" });
    else this.over = true;
    this.#replies = new ReplyReader(); // what was said in the clear is no answer to what is said in TLS
    return secured;
  }

  close(): void {
    this.over = true;
    this.#connection.close();
  }

  /** What was said since the last time. */
  takeTranscript(): readonly Utterance[] {
    const taken = this.#utterances;
    this.#utterances = [];
    this.#kept = { client: 0, server: 0 };
    return taken;
  }

  #keep(by: "client" | "server", octets: string): void {
    const room = TRANSCRIPT_LIMIT - this.#kept[by];
    if (room <= 0 || octets === "") return;
    this.#kept[by] += octets.length;
    this.#utterances.push({ by, octets: octets.slice(0, room) });
  }
}
