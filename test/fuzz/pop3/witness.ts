/** What an engine must have done, said item by item of its trace: a reply, an ask, a refusal, the end. */
import assert from "node:assert/strict";
import type {
  Pop3Answer,
  Pop3Ask,
  Pop3Ending,
  Pop3Settings,
  Pop3Tell,
} from "../../../src/protocol/pop3/index.ts";
import type { TraceReader } from "../trace.ts";

const REPLY = /^(?:\+OK|-ERR|\+)(?: [ -~]*)?\r\n/;

/** Of RFC 2449 §8, RFC 3206 and RFC 6856. */
export type Code = "AUTH" | "IN-USE" | "SYS/TEMP" | "SYS/PERM" | "UTF8";

export class Witness {
  readonly #settings: Pop3Settings;
  readonly #trace: TraceReader<Pop3Ask, Pop3Tell, Pop3Answer>;
  #errors = 0;
  over = false;

  constructor(settings: Pop3Settings, trace: TraceReader<Pop3Ask, Pop3Tell, Pop3Answer>) {
    this.#settings = settings;
    this.#trace = trace;
  }

  /** One line; RFC 2449 §4: at most 512 octets, RFC 5034 §4: but for challenges. */
  reply(form: RegExp): void {
    const reply = this.#trace.text(REPLY, "a reply");
    assert.match(reply, form);
    assert.ok(reply.length <= 512 || reply.startsWith("+ "), "512 octets at most");
  }

  /** Exactly this. */
  octets(text: string, why: string): void {
    this.#trace.exactly(text, why);
  }

  /** A no in one line, with this response code or none, that names the session. */
  no(code?: Code): void {
    const begins = code === undefined ? "(?!\\[)" : `\\[${code}\\] `;
    this.reply(new RegExp(`^-ERR ${begins}[^ ].* \\(${this.#settings.sessionId}\\)\\r\\n$`));
  }

  /** The client's faults are counted, up to the limit. */
  refuse(whose: "client's" | "ours", code?: Code): void {
    const tooMany = whose === "client's" && ++this.#errors >= this.#settings.limits.errors;
    if (tooMany) this.end("too many errors", () => this.no());
    else this.no(code);
  }

  told(tell: Pop3Tell): void {
    assert.deepEqual(this.#trace.take("told", tell.kind).tell, tell);
  }

  asked(ask: Pop3Ask): Pop3Answer {
    assert.deepEqual(this.#trace.take("asked", ask.kind).ask, ask);
    return this.#trace.take("answered", ask.kind).answer;
  }

  /** In whatever order. */
  askedToRemove(uids: readonly string[]): Pop3Answer {
    const { ask } = this.#trace.take("asked", "remove");
    assert.ok(ask.kind === "remove");
    assert.deepEqual(ask.uids.toSorted(), uids.toSorted(), "what is deleted is what was marked");
    return this.#trace.take("answered", "remove").answer;
  }

  /** The wire has it. */
  flushed(): void {
    this.#trace.take("flushed", "what was said");
  }

  startTls(): void {
    this.#trace.take("start-tls", "STLS");
  }

  /** The maildrop is let go before the client reads the last words. */
  end(ending: Pop3Ending, lastWords: () => void = () => {}): void {
    this.gone(ending);
    lastWords();
    this.#trace.take("closed", ending);
  }

  /** The client is, so that nothing has to be closed. */
  gone(ending: Pop3Ending): void {
    this.told({ kind: "ended", ending });
    this.over = true;
  }

  finish(): void {
    this.#trace.end();
  }
}
