/**
 * What a POP3 session did, for the journal: logins, how many messages were fetched and deleted, how it ended.
 */
import type { TlsFacts } from "../../protocol/dialogue/index.ts";
import type { Clock, Fields } from "../../runtime/index.ts";
import type { SessionRecord } from "../../store/index.ts";
import { loginEvent, Recorder, type LoginWay, type SessionFrame } from "../record/index.ts";
import type { Pop3Peer } from "./peer.ts";

/** For the journal, and for the log in one line. */
export interface SessionEnd {
  readonly record: SessionRecord | undefined;
  readonly summary: Fields;
}

export class SessionLog {
  readonly #peer: Pop3Peer;
  readonly #recorder: Recorder;
  #tls: TlsFacts | undefined;
  #opened = false;
  #retrieved = 0;
  #deleted = 0;
  /** The last one that was tried. */
  #login: string | undefined;

  constructor(peer: Pop3Peer, clock: Clock) {
    this.#peer = peer;
    this.#recorder = new Recorder(peer.session, clock);
    this.#tls = peer.tls;
  }

  secured(tls: TlsFacts): void {
    this.#tls = tls;
  }

  /** `name` as the client sent it; undefined where no name was read. `result` in one or two words. */
  login(name: string | undefined, result: string, way: LoginWay = {}): void {
    const event = loginEvent(name, result, way);
    this.#recorder.add(event);
    this.#login = event.login;
  }

  opened(): void {
    this.#opened = true;
  }

  retrieved(): void {
    this.#retrieved++;
  }

  deleted(messages: number): void {
    this.#deleted += messages;
  }

  /**
   * The one record of the session. A client that looks for mail each minute and finds none, or guesses passwords
   * all night, is one row; one that took mail away is found by itself.
   */
  end(ending: string): SessionEnd {
    const { session, ip } = this.#peer;
    const retrieved = this.#retrieved;
    const deleted = this.#deleted;
    if (this.#opened) this.#recorder.add({ kind: "maildrop", retrieved, deleted });
    return {
      record: this.#recorder.end(this.#frame(), ending, retrieved + deleted === 0),
      summary: { session, ip, login: this.#login, retrieved, deleted, ending },
    };
  }

  #frame(): SessionFrame {
    const { session, ip, listener, port, proxy } = this.#peer;
    return {
      protocol: "pop3",
      session,
      listener,
      ip,
      port,
      ...(proxy !== undefined && { proxied: proxy }),
      ...(this.#tls !== undefined && { tls: this.#tls }),
    };
  }
}
