/** The client's mouth and ears in a relay test: says octets, hears replies one by one, remembers both. */
import type { Connection } from "./connection.ts";
import { answerOf, ReplyReader } from "./reply.ts";
import type { Transcript, Utterance } from "./transcript.ts";

/** What came for something said: an answer as the catalogue writes it, or one of the words below. */
export type Heard = string;

const CLOSED: Heard = "closed";
export const SILENCE: Heard = "silence";
const MALFORMED: Heard = "malformed reply";

const NO_MORE: ReadonlySet<Heard> = new Set([CLOSED, SILENCE, MALFORMED]);

export class Speaker {
  readonly #connection: Connection;
  readonly #replies = new ReplyReader();
  readonly #utterances: Utterance[] = [];

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get transcript(): Transcript {
    return this.#utterances;
  }

  /** Says the octets, if any, and hears `count` answers; fewer when one is `until`, or that no more will come. */
  async converse(octets: string, count: number, until?: Heard): Promise<readonly Heard[]> {
    if (octets !== "") {
      this.#utterances.push({ by: "client", octets });
      this.#connection.write(octets);
    }
    const heard: Heard[] = [];
    for (let i = 0; i < count; i++) {
      const answer = await this.#hear();
      heard.push(answer);
      if (answer === until || NO_MORE.has(answer)) break;
    }
    return heard;
  }

  /** TLS from here on; false when the server does not. */
  async handshake(): Promise<boolean> {
    const secured = await this.#connection.startTls();
    if (secured) this.#utterances.push({ by: "nobody", event: "TLS established" });
    return secured;
  }

  async #hear(): Promise<Heard> {
    for (;;) {
      const result = this.#replies.next();
      if (result.kind === "reply") return answerOf(result.reply);
      if (result.kind === "malformed") return MALFORMED;
      const arrival = await this.#connection.read();
      if (arrival.kind === "closed") return this.#nothing("connection closed", CLOSED);
      if (arrival.kind === "silence") return this.#nothing("silence", SILENCE);
      this.#utterances.push({ by: "server", octets: arrival.octets });
      this.#replies.feed(arrival.octets);
    }
  }

  #nothing(event: "connection closed" | "silence", heard: Heard): Heard {
    this.#utterances.push({ by: "nobody", event });
    return heard;
  }
}
