/**
 * A connection to another server, from its greeting to its end: the desk of its client session. It is handed one handover
 * after the other, and between two it is idle. Promises: each `hand` resolves, once, also when the connection breaks.
 */
import { pbkdf2 } from "node:crypto";
import { promisify } from "node:util";
import type { CarrierSecurity, Ip, RemoteReply, Status } from "../../mail/index.ts";
import {
  Conversation,
  type Desk,
  type Dialogue,
  type TlsFacts,
  type Wire,
} from "../../protocol/dialogue/index.ts";
import {
  needsRequireTls,
  SmtpClientSession,
  type Capabilities,
  type SmtpClientAnswer,
  type SmtpClientAsk,
  type SmtpClientEnding,
  type SmtpClientSettings,
  type SmtpClientTell,
} from "../../protocol/smtp/index.ts";
import type { Log } from "../../runtime/index.ts";
import type { Tested } from "../../policy/identity/index.ts";
import type { JudgedCertificate, JudgedFault } from "./certificate.ts";
import { readContent } from "./content.ts";
import type { Handover } from "./handover.ts";
import type { Carried } from "./parcel.ts";
import { RemoteTls } from "./remote-tls.ts";
import type { SeenTls } from "./tls-results.ts";

/** How a handover ended here. */
export type Handed =
  /** All of it is settled, and the connection is idle or closing. */
  | { readonly kind: "done" }
  /** The server is not one for this message, and idle now. */
  | { readonly kind: "unfit"; readonly status: Status }
  | {
      readonly kind: "ended";
      readonly ending: SmtpClientEnding;
      /** Absent after a QUIT of ours. */
      readonly status?: Status;
      readonly reply?: RemoteReply;
    };

export interface RemoteFacts {
  /** What connections to the same next hop have in common. */
  readonly key: string;
  /** As its records or its route name it, or its address. */
  readonly host: string;
  /** Absent for a socket of this machine. */
  readonly ip?: Ip;
  /** What it has to show. */
  readonly security: CarrierSecurity;
  /** A policy that it would have to satisfy, were it not only tested. */
  readonly tested?: Tested;
  /** By the clock's `elapsed`. */
  readonly openedAt: number;
}

type Reply = (answer: SmtpClientAnswer) => void;

const derive = promisify(pbkdf2);
const SALTED_OCTETS = 32;

export class Remote implements Desk<SmtpClientAsk, SmtpClientTell, SmtpClientAnswer> {
  readonly facts: RemoteFacts;
  readonly #settings: SmtpClientSettings;
  readonly #log: Log;
  /** It has nothing to do: keep it or let it quit. */
  readonly #onIdle: (remote: Remote) => void;
  readonly #onEnded: (remote: Remote) => void;
  readonly #tls: RemoteTls;
  #handover: Handover | undefined;
  #resolve: ((handed: Handed) => void) | undefined;
  /** The session waits for a transaction. */
  #idle: { readonly reply: Reply; readonly offers: Capabilities } | undefined;
  #ended = false;
  messages = 0;

  constructor(
    facts: RemoteFacts,
    settings: SmtpClientSettings,
    log: Log,
    on: {
      readonly idle: (remote: Remote) => void;
      readonly ended: (remote: Remote) => void;
    },
  ) {
    this.facts = facts;
    this.#tls = new RemoteTls(facts.security, facts.tested);
    this.#settings = settings;
    this.#log = log;
    this.#onIdle = on.idle;
    this.#onEnded = on.ended;
  }

  /** Its dialogue, over the wire that leads there. */
  converse(wire: Wire, tls: TlsFacts | undefined): Dialogue {
    const settings = tls === undefined ? this.#settings : { ...this.#settings, tls };
    return new Conversation(new SmtpClientSession(settings), this, wire);
  }

  get carried(): Carried {
    const { host, ip } = this.facts;
    return { host, ...(ip !== undefined && { ip }), ...this.#tls.carried };
  }

  /** What there was of TLS, for the count of it. */
  get seenTls(): SeenTls {
    return this.#tls.seen;
  }

  /** What the server showed. One that is not trusted ends the connection, before anything is said over TLS. */
  shown(certificate: JudgedCertificate, testedFault: JudgedFault | undefined): boolean {
    return this.#tls.shown(certificate, testedFault);
  }

  /** It is spoken to in the clear, whatever it offers. */
  get withoutTls(): boolean {
    return this.#settings.startTls === "off";
  }

  get ended(): boolean {
    return this.#ended;
  }

  hand(handover: Handover): Promise<Handed> {
    handover.begin();
    if (this.#ended) return Promise.resolve({ kind: "ended", ending: "closed by server" });
    this.#handover = handover;
    this.messages++;
    const { promise, resolve } = Promise.withResolvers<Handed>();
    this.#resolve = resolve;
    this.#goOn();
    return promise;
  }

  /** It ends as soon as it is idle. */
  quit(): void {
    const idle = this.#idle;
    this.#idle = undefined;
    idle?.reply({ kind: "quit" });
  }

  /** The connection is gone; `status` says why, where its session never began. */
  gone(status: Status): void {
    if (!this.#ended) this.#end({ kind: "ended", ending: "closed by server", status });
  }

  ask(ask: SmtpClientAsk, reply: Reply): void {
    switch (ask.kind) {
      case "transaction":
        this.#idle = { reply, offers: ask.capabilities };
        return this.#goOn();
      case "content":
        return this.#content(ask, reply);
      case "salted password":
        return void this.#salted(ask.salt, ask.iterations, reply);
    }
  }

  tell(tell: SmtpClientTell): void {
    switch (tell.kind) {
      case "secured":
        return this.#tls.secured(tell.tls);
      case "settled":
        return this.#handover?.settled(tell.outcomes);
      case "ended": {
        const { ending, status, reply } = tell;
        return this.#end({
          kind: "ended",
          ending,
          ...(status !== undefined && { status }),
          ...(reply !== undefined && { reply }),
        });
      }
    }
  }

  body(): boolean {
    throw new Error("a client receives no content");
  }

  /** The next transaction, or the end of the handover, when the session is there for it. */
  #goOn(): void {
    if (this.#idle === undefined) return;
    const { reply, offers } = this.#idle;
    const { remote, protocol = "smtp" } = this.#settings;
    if (this.#handover?.requireTls === true && protocol === "smtp" && !offers.requireTls) {
      this.#finish({ kind: "unfit", status: needsRequireTls(remote) });
      return this.#onIdle(this);
    }
    const transaction = this.#handover?.next(offers, protocol);
    if (transaction !== undefined) {
      this.#idle = undefined;
      return reply({ kind: "transaction", transaction });
    }
    this.#finish({ kind: "done" });
    this.#onIdle(this);
  }

  #end(handed: Handed): void {
    this.#ended = true;
    this.#idle = undefined;
    const status = this.#tls.distrusted(this.#settings.remote);
    this.#finish(
      status === undefined ? handed : { kind: "ended", ending: "handshake failed", status },
    );
    this.#onEnded(this);
  }

  #finish(handed: Handed): void {
    const resolve = this.#resolve;
    this.#handover = undefined;
    this.#resolve = undefined;
    resolve?.(handed);
  }

  #content(part: { readonly offset: number; readonly limit: number }, reply: Reply): void {
    const handover = this.#handover;
    if (handover === undefined) throw new Error("content of nothing");
    handover.contentAsked = true;
    readContent(handover.parcel, part, this.#log, reply);
  }

  /** On a thread of Node's pool: it is made to take long. */
  async #salted(salt: Uint8Array, iterations: number, reply: Reply): Promise<void> {
    const password = this.#settings.login?.password.normalize("NFKC") ?? "";
    const octets = await derive(password, salt, iterations, SALTED_OCTETS, "sha256");
    reply({ kind: "salted password", octets });
  }
}
