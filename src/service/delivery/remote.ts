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
import { errorText, type Log } from "../../runtime/index.ts";
import type { Tested } from "../../policy/identity/index.ts";
import type { JudgedCertificate, JudgedFault } from "./certificate.ts";
import type { Handover } from "./handover.ts";
import type { Carried } from "./parcel.ts";
import { certificateNotTrusted } from "./statuses.ts";
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
  #handover: Handover | undefined;
  #resolve: ((handed: Handed) => void) | undefined;
  /** The session waits for a transaction. */
  #idle: { readonly reply: Reply; readonly offers: Capabilities } | undefined;
  #tls: TlsFacts | undefined;
  #certificate: JudgedCertificate | undefined;
  /** What the tested policy holds against its certificate. */
  #testedFault: JudgedFault | undefined;
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
    const { host, ip, security } = this.facts;
    const tls = this.#tls;
    const { sha256 = "", why = "" } = this.#certificate ?? {};
    const tested = this.#testedWords();
    return {
      host,
      ...(ip !== undefined && { ip }),
      ...(tls !== undefined && { tls }),
      ...(this.#certificate !== undefined && { certificate: { sha256, why } }),
      security: { ...security, ...(tested !== undefined && { tested }) },
    };
  }

  /** What there was of TLS, for the count of it. */
  get seenTls(): SeenTls {
    const { trusted = true, fault, why = "" } = this.#certificate ?? {};
    const tested = this.#testedProblem();
    return {
      secured: this.#tls !== undefined,
      ...(!trusted && fault !== undefined && { fault: { fault, why } }),
      ...(tested !== undefined && { tested }),
    };
  }

  /** RFC 8461 §5: what a policy would have done that is only tested. */
  #testedWords(): string | undefined {
    if (this.facts.tested === undefined) return undefined;
    const problem = this.#testedProblem();
    if (problem !== undefined) return `it would get no mail: ${problem.why}`;
    return this.#tls === undefined ? "it would get no mail without TLS" : "it would get mail";
  }

  #testedProblem(): SeenTls["tested"] {
    if (this.facts.tested?.ownServer === false)
      return { fault: "server", why: "it is no server of the policy" };
    return this.#tls === undefined ? undefined : this.#testedFault;
  }

  /** What the server showed. One that is not trusted ends the connection, before anything is said over TLS. */
  shown(certificate: JudgedCertificate, testedFault: JudgedFault | undefined): boolean {
    this.#certificate = certificate;
    this.#testedFault = testedFault;
    return certificate.trusted;
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
        return this.#content(ask.offset, ask.limit, reply);
      case "salted password":
        return void this.#salted(ask.salt, ask.iterations, reply);
    }
  }

  tell(tell: SmtpClientTell): void {
    switch (tell.kind) {
      case "secured":
        this.#tls = tell.tls;
        return;
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
    const { trusted = true, why = "" } = this.#certificate ?? {};
    const status = certificateNotTrusted(this.#settings.remote, why, this.facts.security.why);
    this.#finish(trusted ? handed : { kind: "ended", ending: "handshake failed", status });
    this.#onEnded(this);
  }

  #finish(handed: Handed): void {
    const resolve = this.#resolve;
    this.#handover = undefined;
    this.#resolve = undefined;
    resolve?.(handed);
  }

  #content(offset: number, limit: number, reply: Reply): void {
    const handover = this.#handover;
    if (handover === undefined) throw new Error("content of nothing");
    handover.contentAsked = true;
    let octets: ReturnType<typeof handover.parcel.read>;
    try {
      octets = handover.parcel.read(offset, limit);
    } catch (error) {
      return this.#unreadable(error, handover, reply);
    }
    if (!(octets instanceof Promise)) return reply(contentOf(octets));
    octets.then(
      (read) => reply(contentOf(read)),
      (error: unknown) => this.#unreadable(error, handover, reply),
    );
  }

  #unreadable(error: unknown, { parcel }: Handover, reply: Reply): void {
    const problem = errorText(error);
    this.#log.error("message not read", {
      message: parcel.message,
      problem,
      todo: "look at the store; the message is tried again",
    });
    reply({ kind: "unavailable" });
  }

  /** On a thread of Node's pool: it is made to take long. */
  async #salted(salt: Uint8Array, iterations: number, reply: Reply): Promise<void> {
    const password = this.#settings.login?.password.normalize("NFKC") ?? "";
    const octets = await derive(password, salt, iterations, SALTED_OCTETS, "sha256");
    reply({ kind: "salted password", octets });
  }
}

function contentOf(octets: Uint8Array | undefined): SmtpClientAnswer {
  return octets === undefined ? { kind: "unavailable" } : { kind: "content", octets };
}
