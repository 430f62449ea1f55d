/** The TRANSACTION state as the reference knows it: what each command must lead to, for this maildrop. */
import assert from "node:assert/strict";
import type { Pop3Message, Pop3Settings } from "../../../src/protocol/pop3/index.ts";
import type { Witness } from "./witness.ts";

export class MaildropReference {
  readonly #messages: readonly Pop3Message[];
  readonly #witness: Witness;
  readonly #settings: Pop3Settings;
  /** The client has said that it can read international messages. */
  readonly #utf8: boolean;
  readonly #marked = new Set<number>();

  constructor(
    messages: readonly Pop3Message[],
    witness: Witness,
    settings: Pop3Settings,
    utf8: boolean,
  ) {
    this.#messages = messages;
    this.#witness = witness;
    this.#settings = settings;
    this.#utf8 = utf8;
  }

  obey(verb: string, [first, second]: readonly (string | undefined)[]): void {
    const number = Number(first);
    switch (verb) {
      case "NOOP":
        return this.#witness.reply(/^\+OK/);
      case "STAT":
        return this.#listed(this.#left.length, this.#octets);
      case "LIST":
      case "UIDL":
        return first === undefined ? this.#listing(verb) : this.#listedOne(verb, number);
      case "RETR":
        return this.#fetch(number, undefined);
      case "TOP":
        return this.#fetch(number, Number(second));
      case "DELE":
        if (this.#message(number) === undefined) return this.#witness.refuse("ours");
        this.#marked.add(number);
        return this.#witness.reply(/^\+OK /);
      case "RSET":
        this.#marked.clear();
        return this.#witness.reply(/^\+OK /);
      default:
        return assert.fail(`${verb} is no command of a maildrop`);
    }
  }

  quit(): void {
    const uids = [...this.#marked].map((number) => this.#messages[number - 1]?.uid ?? "");
    if (uids.length === 0) return this.#witness.end("quit", () => this.#witness.reply(/^\+OK /));
    const removed = this.#witness.askedToRemove(uids).kind === "removed";
    const lastWords = () =>
      removed ? this.#witness.reply(/^\+OK /) : this.#witness.no("SYS/TEMP");
    return this.#witness.end("quit", lastWords);
  }

  // ---- Listings ----

  #message(number: number): Pop3Message | undefined {
    return this.#marked.has(number) ? undefined : this.#messages[number - 1];
  }

  get #left(): { number: number; message: Pop3Message }[] {
    const numbered = this.#messages.map((message, i) => ({ number: i + 1, message }));
    return numbered.filter(({ number }) => !this.#marked.has(number));
  }

  get #octets(): number {
    return this.#left.reduce((sum, { message }) => sum + message.octets, 0);
  }

  #listed(first: number, second: number | string): void {
    this.#witness.octets(`+OK ${first} ${second}\r\n`, "a listing of one line");
  }

  #listedOne(verb: "LIST" | "UIDL", number: number): void {
    const message = this.#message(number);
    if (message === undefined) this.#witness.refuse("ours");
    else this.#listed(number, shown(verb, message));
  }

  #listing(verb: "LIST" | "UIDL"): void {
    this.#witness.reply(/^\+OK /);
    const lines = this.#left.map(({ number, message }) => `${number} ${shown(verb, message)}\r\n`);
    this.#witness.octets(`${lines.join("")}.\r\n`, verb);
    this.#witness.flushed();
  }

  // ---- Messages ----

  /** Chunk by chunk: what was said of a message is what came of it, stuffed, and nothing that nobody wanted. */
  #fetch(number: number, lines: number | undefined): void {
    const message = this.#message(number);
    if (message === undefined) return this.#witness.refuse("ours");
    let content = "";
    let said = "";
    for (let done = false; !done;) {
      const octets = this.#read(message, content.length);
      if (octets === undefined) return;
      if (content === "")
        this.#witness.reply(lines === undefined ? wholeOf(message) : /^\+OK [^0-9]/);
      content += octets;
      const { wanted, whole } = top(content, lines);
      done = whole || content.length === message.octets;
      const written = done ? ended(wanted) : stuffed(wanted);
      this.#witness.octets(written.slice(said.length), `${content.length} octets of a message`);
      if (!done) this.#witness.flushed(); // the end of a small message may leave together with the next one
      said = written;
    }
    if (lines === undefined) this.#witness.told({ kind: "retrieved", octets: message.octets });
  }

  /** Undefined when that was the end of it. */
  #read({ uid, octets: promised }: Pop3Message, offset: number): string | undefined {
    const limit = this.#settings.limits.chunkOctets;
    const answer = this.#witness.asked({ kind: "read", uid, offset, limit });
    if (answer.kind === "gone") return this.#broken(offset, undefined);
    if (answer.kind === "unavailable") return this.#broken(offset, "SYS/TEMP");
    assert.ok(answer.kind === "content");
    const octets = Buffer.from(answer.octets).toString("latin1");
    if (offset === 0 && this.#unreadable(octets)) {
      this.#witness.refuse("ours", "UTF8");
      return undefined;
    }
    const left = promised - offset;
    const damaged = octets.length > left || (octets === "" && left > 0);
    return damaged ? this.#broken(offset, "SYS/PERM") : octets;
  }

  /** After the first octets there is no honest end but to close. */
  #broken(offset: number, code: "SYS/TEMP" | "SYS/PERM" | undefined): undefined {
    if (offset === 0) this.#witness.refuse("ours", code);
    else this.#witness.end("retrieval broke off");
  }

  #unreadable(beginning: string): boolean {
    if (this.#utf8 || this.#settings.internationalMessages === "sent") return false;
    const [header = ""] = `\r\n${beginning}`.split("\r\n\r\n", 1);
    return /[^\0-\x7f]/.test(header);
  }
}

function shown(verb: "LIST" | "UIDL", { uid, octets }: Pop3Message): string {
  return verb === "LIST" ? String(octets) : uid;
}

function wholeOf({ octets }: Pop3Message): RegExp {
  return new RegExp(`^\\+OK ${octets} octets\\r\\n$`);
}

/** What TOP wants of these octets, and whether that is all it wants. */
function top(content: string, lines: number | undefined): { wanted: string; whole: boolean } {
  if (lines === undefined) return { wanted: content, whole: false };
  const all = content.split(/(?<=\n)/);
  const blank = all.findIndex((line) => line === "\r\n" || line === "\n");
  const wanted = all.slice(0, blank < 0 ? undefined : blank + 1 + lines);
  const whole = blank >= 0 && wanted.length === blank + 1 + lines;
  return { wanted: wanted.join(""), whole: whole && wanted.at(-1)?.endsWith("\n") === true };
}

/** RFC 1939 §3. */
function stuffed(text: string): string {
  return `\n${text}`.replaceAll("\n.", "\n..").slice(1);
}

/** The end mark stands on a line of its own, for a client that ends lines only at CRLF too. */
function ended(text: string): string {
  return `${stuffed(text)}${text === "" || text.endsWith("\r\n") ? "" : "\r\n"}.\r\n`;
}
