/**
 * The way from the greeting to the first transaction: EHLO, HELO or LHLO, STARTTLS, the login. It performs what the replies
 * lead to, and keeps what holds for the whole session: whether TLS stands, and what the server offers.
 */
import type { RemoteReply, Status } from "../../mail/index.ts";
import type { TlsFacts } from "../dialogue/index.ts";
import { NO_CAPABILITIES, type Capabilities } from "./client-capabilities.ts";
import type { ClientEnds } from "./client-ends.ts";
import { ClientLogin, isLoginReply, type LoginMove } from "./client-login.ts";
import { openingMove, type Hello, type OpeningStage } from "./client-opening.ts";
import { classOf, type Reply } from "./client-replies.ts";
import type { SmtpClientSettings } from "./client-requests.ts";
import * as statuses from "./client-statuses.ts";
import type { ClientVoice } from "./client-voice.ts";

export type Arrival =
  /** `say` has something to say at this stage. */
  | { readonly kind: "say"; readonly stage: ArrivalStage }
  | { readonly kind: "wait"; readonly turn: "handshake" | "desk" }
  /** Transactions may begin. */
  | { readonly kind: "open" }
  | { readonly kind: "ended" };

export type ArrivalStage = OpeningStage | "AUTH";

const ENDED: Arrival = { kind: "ended" };

export class ClientArrival {
  readonly #settings: SmtpClientSettings;
  readonly #voice: ClientVoice;
  readonly #ends: ClientEnds;
  #secured: boolean;
  #capabilities: Capabilities = NO_CAPABILITIES;
  #login: ClientLogin | undefined;

  constructor(settings: SmtpClientSettings, voice: ClientVoice, ends: ClientEnds) {
    this.#settings = settings;
    this.#voice = voice;
    this.#ends = ends;
    this.#secured = settings.tls !== undefined;
  }

  get capabilities(): Capabilities {
    return this.#capabilities;
  }

  get loggingIn(): boolean {
    return this.#login !== undefined;
  }

  /** RFC 3207 §4.2: the answer to what is said next replaces all that was offered before. */
  secured(tls: TlsFacts): Arrival {
    this.#secured = true;
    this.#voice.tell({ kind: "secured", tls });
    return { kind: "say", stage: this.#hello };
  }

  say(stage: ArrivalStage): void {
    switch (stage) {
      case "greeting":
        throw new Error("the server has the first word");
      case "EHLO":
      case "HELO":
      case "LHLO":
        return this.#voice.say({ verb: stage, name: this.#settings.hostname });
      case "STARTTLS":
        return this.#voice.say({ verb: stage });
      case "AUTH":
        return this.#voice.say(this.#openLogin().next());
    }
  }

  /** `moreWaits`: octets came together with the reply, behind it. */
  heard(stage: ArrivalStage, reply: Reply, moreWaits: boolean): Arrival {
    if (reply.code === 421) return this.#endBy(reply);
    if (stage !== "AUTH") return this.#heardOpening(stage, reply, moreWaits);
    return isLoginReply(reply)
      ? this.#loginMove(this.#openLogin().heard(reply))
      : this.#outOfStep(reply);
  }

  /** The desk's answer to the login's question. */
  salted(password: Uint8Array): Arrival {
    return this.#loginMove(this.#openLogin().salted(password));
  }

  get #hello(): Hello {
    return this.#settings.protocol === "lmtp" ? "LHLO" : "EHLO";
  }

  #heardOpening(stage: OpeningStage, reply: Reply, moreWaits: boolean): Arrival {
    const { startTls, remote } = this.#settings;
    const now = {
      stage,
      hello: this.#hello,
      startTls,
      secured: this.#secured,
      capabilities: this.#capabilities,
    };
    const move = openingMove(reply, now);
    switch (move.kind) {
      case "say":
        this.#capabilities = move.capabilities;
        return { kind: "say", stage: move.stage };
      case "open":
        this.#capabilities = move.capabilities;
        return this.#opened();
      case "handshake":
        return this.#handshake(moreWaits);
      case "out-of-step":
        return this.#outOfStep(reply);
      case "refused":
        this.#voice.say({ verb: "QUIT" });
        if (stage !== "LHLO" || classOf(reply) !== 5) return this.#endBy(reply);
        this.#ends.end("refused", statuses.noLmtp(remote, reply), statuses.replyOf(reply, remote));
        return ENDED;
      case "no-tls":
        this.#voice.say({ verb: "QUIT" });
        this.#ends.end(
          "TLS required",
          statuses.tlsRequired(remote, move.offered ? reply : undefined),
        );
        return ENDED;
    }
  }

  #handshake(moreWaits: boolean): Arrival {
    if (moreWaits) {
      this.#ends.plaintext();
      return ENDED;
    }
    this.#voice.startTls();
    return { kind: "wait", turn: "handshake" };
  }

  /** Where we have to log in that comes before all transactions. */
  #opened(): Arrival {
    const { login, remote } = this.#settings;
    if (login === undefined) return { kind: "open" };
    if (!this.#secured)
      return this.#leave(statuses.loginImpossible(remote, "there is no TLS to hide it"));
    const opened = ClientLogin.open(login, this.#capabilities.auth ?? []);
    if (opened === undefined)
      return this.#leave(statuses.loginImpossible(remote, "it offers no mechanism that we know"));
    this.#login = opened;
    return { kind: "say", stage: "AUTH" };
  }

  #openLogin(): ClientLogin {
    if (this.#login === undefined) throw new Error("no login was begun");
    return this.#login;
  }

  #loginMove(move: LoginMove): Arrival {
    const { remote } = this.#settings;
    switch (move.kind) {
      case "say":
        return { kind: "say", stage: "AUTH" };
      case "salt":
        this.#voice.ask({ ...move, kind: "salted password" });
        return { kind: "wait", turn: "desk" };
      case "done":
        this.#login = undefined;
        return { kind: "open" };
      case "refused":
        return this.#leave(
          statuses.loginRefused(remote, move.reply),
          statuses.replyOf(move.reply, remote),
        );
      case "refuse":
        this.#ends.end("login failed", statuses.loginDistrusted(remote, move.why));
        return ENDED;
    }
  }

  /** Without a login nothing can be done here, which is said politely. */
  #leave(why: Status, reply?: RemoteReply): Arrival {
    this.#voice.say({ verb: "QUIT" });
    this.#ends.end("login failed", why, reply);
    return ENDED;
  }

  #endBy(reply: Reply): Arrival {
    this.#ends.by(reply);
    return ENDED;
  }

  #outOfStep(reply: Reply): Arrival {
    this.#ends.outOfTurn(reply);
    return ENDED;
  }
}
