/**
 * A second POP3 server, simple and slow: it reads what the client sent as one text and explains the engine's trace with
 * it, item by item. It knows what must be refused, what must be asked and what a reply must hold, and it fails
 * on anything in the trace that it cannot explain.
 */
import assert from "node:assert/strict";
import type {
  Pop3Answer,
  Pop3Ask,
  Pop3Settings,
  Pop3Tell,
} from "../../../src/protocol/pop3/index.ts";
import type { Happening } from "../scenario.ts";
import { TLS_FACTS, TraceReader, type TraceItem } from "../trace.ts";
import { AuthorizationReference, type Maildrop } from "./authorization.ts";
import { MaildropReference } from "./maildrop.ts";
import { meaning, type Meant } from "./oracle.ts";
import { Witness } from "./witness.ts";

const MALFORMED = /\0|\r(?!\n)|(?<!\r)\n/;
const GREETING = /^\+OK mx\.local\.example POP3 ready \(0123456789ab\)\r\n$/; // no "<": nobody may try APOP

/** Throws when the trace is not what this client had to get. */
export function explain(
  happenings: readonly Happening[],
  settings: Pop3Settings,
  items: readonly TraceItem<Pop3Ask, Pop3Tell, Pop3Answer>[],
): void {
  const reference = new Reference(settings, new Witness(settings, new TraceReader(items)));
  reference.begin();
  for (const happening of happenings)
    if (typeof happening === "string") reference.happen(happening);
    else reference.send(Buffer.from(happening).toString("latin1"));
  reference.end();
}

class Reference {
  readonly #settings: Pop3Settings;
  readonly #witness: Witness;
  readonly #authorization: AuthorizationReference;
  /** From login on. */
  #maildrop: MaildropReference | undefined;
  /** What the client has sent and nobody has read, octets as characters. */
  #rest = "";
  #handshake = false;
  #stopping = false;
  #finished = false;
  #secured: boolean;
  #utf8 = false;

  constructor(settings: Pop3Settings, witness: Witness) {
    this.#settings = settings;
    this.#witness = witness;
    this.#authorization = new AuthorizationReference(witness, settings);
    this.#secured = settings.startTls === "established";
  }

  begin(): void {
    const { tls } = this.#settings;
    if (tls !== undefined) this.#witness.told({ kind: "secured", tls });
    this.#witness.reply(GREETING);
  }

  send(octets: string): void {
    if (this.#witness.over || octets === "") return;
    if (this.#handshake) return this.#witness.end("plaintext after STLS");
    this.#rest += octets;
    this.#run();
  }

  happen(event: Exclude<Happening, Uint8Array>): void {
    if (this.#witness.over) return;
    switch (event) {
      case "TLS":
        return this.#secure();
      case "TIMEOUT": // RFC 1939 §3: without a word
        return this.#witness.end("timeout");
      case "SHUTDOWN":
        this.#stopping = true;
        return this.#run();
      case "HANGUP":
        return this.#witness.gone("closed by client");
      case "FINISHED":
        this.#finished = true;
        return this.#run();
      case "ANSWER":
      case "SWITCH":
        return undefined;
    }
  }

  end(): void {
    if (!this.#witness.over) this.#witness.gone("closed by client");
    this.#witness.finish();
  }

  // ---- Lines ----

  get #waits(): boolean {
    return this.#witness.over || this.#handshake;
  }

  #run(): void {
    while (!this.#waits && this.#line());
    if (this.#finished && !this.#waits) this.#witness.gone("closed by client");
  }

  /** False while no line is complete. */
  #line(): boolean {
    if (this.#stopping) {
      this.#witness.end("shutdown", () => this.#witness.no("SYS/TEMP"));
      return false;
    }
    const crlf = this.#rest.indexOf("\r\n");
    const wrong = MALFORMED.exec(this.#rest);
    const undecided = wrong?.[0] === "\r" && wrong.index === this.#rest.length - 1;
    if (wrong !== null && !undecided && (crlf < 0 || wrong.index < crlf)) {
      const ending = wrong[0] === "\0" ? "NUL" : wrong[0] === "\r" ? "bare CR" : "bare LF";
      this.#witness.end(ending, () => this.#witness.no());
      return false;
    }
    if (crlf < 0) return false;
    const line = this.#rest.slice(0, crlf);
    this.#rest = this.#rest.slice(crlf + 2);
    this.#read(line);
    return true;
  }

  #read(line: string): void {
    const { commandLineOctets, saslLineOctets } = this.#settings.limits;
    const { exchanging } = this.#authorization;
    const tooLong = line.length + 2 > (exchanging ? saslLineOctets : commandLineOctets);
    if (exchanging && !tooLong) return this.#open(this.#authorization.respond(line));
    const meant = tooLong ? undefined : meaning(line);
    if (meant?.verb !== "PASS") this.#authorization.forget(); // RFC 1939 §7: PASS comes immediately after USER
    if (meant === undefined) this.#witness.refuse("client's");
    else this.#obey(meant);
  }

  #obey({ verb, args }: Meant): void {
    if (verb === "CAPA") return this.#capabilities();
    if (verb === "QUIT") return this.#quit();
    const authorizing = /^(?:USER|PASS|APOP|AUTH|STLS|UTF8)$/.test(verb);
    if (authorizing !== (this.#maildrop === undefined)) return this.#witness.refuse("client's");
    if (this.#maildrop !== undefined) return this.#maildrop.obey(verb, args);
    switch (verb) {
      case "APOP":
        return this.#witness.refuse("client's");
      case "STLS":
        return this.#startTls();
      case "UTF8":
        this.#utf8 = true;
        return this.#witness.reply(/^\+OK /);
      default:
        return this.#open(this.#authorization.login(verb, args, this.#mayShowPassword));
    }
  }

  #open(messages: Maildrop | undefined): void {
    if (messages === undefined) return;
    const count = messages.length === 1 ? "1 message" : `${messages.length} messages`;
    this.#witness.octets(`+OK ${count}\r\n`, "a login");
    this.#maildrop = new MaildropReference(messages, this.#witness, this.#settings, this.#utf8);
  }

  #quit(): void {
    if (this.#maildrop !== undefined) this.#maildrop.quit();
    else this.#witness.end("quit", () => this.#witness.reply(/^\+OK /));
  }

  get #mayShowPassword(): boolean {
    return this.#secured || this.#settings.plainTextLogin;
  }

  get #mayStartTls(): boolean {
    return !this.#secured && this.#settings.startTls === "offered";
  }

  /** RFC 2449 §5: what is listed can be had now. */
  #capabilities(): void {
    const plain = this.#settings.authLogin ? " PLAIN LOGIN" : " PLAIN";
    const secret = this.#mayShowPassword;
    const lines = [
      "TOP",
      "UIDL",
      "RESP-CODES",
      "AUTH-RESP-CODE",
      "PIPELINING",
      "EXPIRE NEVER",
      "UTF8 USER",
    ];
    if (secret) lines.push("USER");
    const plus = this.#settings.tls?.exporter === undefined ? "" : "SCRAM-SHA-256-PLUS ";
    lines.push(`SASL ${plus}SCRAM-SHA-256${secret ? plain : ""}`);
    if (this.#mayStartTls && this.#maildrop === undefined) lines.push("STLS");
    lines.push("IMPLEMENTATION Gatepost");
    this.#witness.reply(/^\+OK /);
    this.#witness.octets(`${lines.join("\r\n")}\r\n.\r\n`, "capabilities");
    this.#witness.flushed();
  }

  // ---- TLS ----

  #startTls(): void {
    if (!this.#mayStartTls) return this.#witness.refuse("client's");
    if (this.#rest !== "")
      return this.#witness.end("plaintext after STLS", () => this.#witness.reply(/^\+OK /));
    this.#witness.reply(/^\+OK /);
    this.#witness.startTls();
    this.#handshake = true;
  }

  /** RFC 2595 §4: nothing that was said before counts. */
  #secure(): void {
    if (!this.#handshake) return;
    assert.ok(!this.#authorization.exchanging);
    this.#handshake = false;
    this.#secured = true;
    this.#utf8 = false;
    this.#authorization.forget();
    this.#witness.told({ kind: "secured", tls: TLS_FACTS });
    this.#run();
  }
}
