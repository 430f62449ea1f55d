/**
 * An SMTP client with a judgement of its own: what it says is the fuzzer's, and a yes to something that grammar, order or the
 * relay decision forbid is a find. It does not mind what else is refused.
 */
import assert from "node:assert/strict";
import type { Talk } from "../../e2e/talk.ts";
import { meaning } from "../smtp/oracle.ts";
import { isOurs } from "./site.ts";
import { isMalformed, lineLength, silence, type Speaker } from "./turns.ts";

/** Octets of a command line, CRLF included: the server's default. */
const COMMAND_OCTETS = 4096;

export class SmtpSpeaker implements Speaker {
  readonly #talk: Talk;
  readonly #accepted: (id: string) => void;
  over = false;
  #secured = false;
  #greeted = false;
  #open = false;
  #recipients = 0;
  /** Content that came by BDAT so far. */
  #chunks = "";
  /** 354 was said: what comes is content. */
  #content = false;
  #last = "";

  /** `accepted` hears of each message that the server took. */
  constructor(talk: Talk, accepted: (id: string) => void) {
    this.#talk = talk;
    this.#accepted = accepted;
  }

  turn(rest: string): Promise<number> {
    return this.#content ? this.#sayContent(rest) : this.#sayLine(rest);
  }

  async #sayLine(rest: string): Promise<number> {
    const length = lineLength(rest);
    if (isMalformed(rest, length)) return this.#sayMalformed(rest);
    if (length === 0) return 0;
    const line = rest.slice(0, length - 2);
    const chunk = /^BDAT ([0-9]{1,15})( LAST)? *$/i.exec(line);
    if (chunk !== null)
      return this.#sayChunk(rest, length, Number(chunk[1]), chunk[2] !== undefined);
    if (/^STARTTLS *$/i.test(line) && !this.#secured) return this.#startTls(rest, length);
    const reply = await this.#ask(rest.slice(0, length));
    if (/^[23]/.test(reply)) this.#allow(line, reply);
    return length;
  }

  async #sayMalformed(rest: string): Promise<number> {
    assert.match(await this.#ask(rest), /^(?:521 |421 |closed)/, "malformed octets end a session");
    this.over = true;
    return rest.length;
  }

  /** All that is said behind STARTTLS goes out with it, and must come to nothing. */
  async #startTls(rest: string, length: number): Promise<number> {
    const reply = await this.#ask(rest);
    if (reply.startsWith("220 ") && rest.length === length) {
      assert.ok(await this.#talk.secure(), "TLS begins");
      this.#secured = true;
      this.#greeted = false;
      this.#reset();
      return length;
    }
    assert.match(reply, /^(?:220|501|421|closed)/);
    await silence(this.#talk);
    this.over = true;
    return rest.length;
  }

  async #sayContent(rest: string): Promise<number> {
    const end = `\r\n${rest}`.indexOf("\r\n.\r\n");
    const length = end < 0 ? 0 : end + 3;
    if (isMalformed(rest, length)) return this.#sayMalformed(rest);
    if (length === 0) return 0;
    this.#content = false;
    this.#message(await this.#ask(rest.slice(0, length)));
    return length;
  }

  async #sayChunk(rest: string, line: number, octets: number, last: boolean): Promise<number> {
    const length = line + octets;
    if (rest.length < length) return 0;
    const chunks = this.#chunks + rest.slice(line, length);
    const reply = await this.#ask(rest.slice(0, length));
    this.#chunks = "";
    if (!reply.startsWith("250 ")) return length; // what is left of the transaction then is the server's to say
    assert.ok(this.#recipients > 0, "content without recipients");
    assert.ok(!isMalformed(last ? `${chunks}.` : chunks, 0), "malformed content");
    if (last) this.#message(reply);
    else this.#chunks = chunks;
    return length;
  }

  #message(reply: string): void {
    this.#reset();
    const id = /^250 2\.0\.0 accepted as (\S+)\r\n$/.exec(reply)?.[1];
    if (id !== undefined) this.#accepted(id);
    else assert.match(reply, /^[45]/, "a message is accepted by its id, or refused");
  }

  /** A yes to a line: the grammar has it, it comes in order, and it relays nothing. */
  #allow(line: string, reply: string): void {
    assert.ok(line.length + 2 <= COMMAND_OCTETS && !/[\0-\x1f\x7f]/.test(line));
    const verb = /^[A-Za-z]+/.exec(line)?.[0].toUpperCase() ?? "";
    switch (verb) {
      case "EHLO":
      case "HELO":
        assert.match(line, /^[A-Za-z]+ [^ ()<>@,;\\"]{1,255} *$/);
        this.#greeted = true;
        return this.#reset();
      case "MAIL":
        return this.#allowMail(line);
      case "RCPT":
        return this.#allowRcpt(line);
      case "DATA":
        assert.ok(reply.startsWith("354 ") && this.#recipients > 0 && this.#chunks === "");
        this.#content = true;
        return undefined;
      case "RSET":
        return this.#reset();
      case "QUIT":
        assert.match(reply, /^221 /);
        this.over = true;
        return undefined;
      default:
        return assert.match(verb, /^(?:NOOP|VRFY|HELP)$/, `${reply} to ${line}`);
    }
  }

  #allowMail(line: string): void {
    const meant = meaning(line, "MAIL FROM:");
    assert.ok(meant !== undefined && meant.address !== "postmaster");
    assert.ok(this.#greeted && !this.#open, "MAIL in order");
    this.#open = true;
  }

  #allowRcpt(line: string): void {
    const address = meaning(line, "RCPT TO:")?.address;
    assert.ok(address !== undefined && this.#open && this.#chunks === "", "RCPT in order");
    const key = typeof address === "string" ? "postmaster@local.example" : keyOf(address);
    assert.ok(isOurs(key), `${key} is not ours`);
    this.#recipients++;
  }

  #reset(): void {
    this.#open = false;
    this.#recipients = 0;
    this.#chunks = "";
  }

  async #ask(text: string): Promise<string> {
    const reply = await this.#talk.say(text).reply();
    if (reply === "closed") assert.match(this.#last, /^(?:421|501|521) /, "the end is said before");
    else assert.match(reply, /^(?:[2-5][0-9]{2}[ -].*\r\n)+$/);
    this.over = /^(?:421|521|closed)/.test(reply);
    this.#last = reply;
    return reply;
  }
}

function keyOf({ local, host }: { readonly local: string; readonly host: string }): string {
  return `${local.toLowerCase()}@${host.toLowerCase()}`;
}
