/**
 * A POP3 client with a judgement of its own: what it says is the fuzzer's, and a +OK to something that grammar, state or
 * a wrong password forbid is a find. It does not mind what else is refused.
 */
import assert from "node:assert/strict";
import type { Talk } from "../../e2e/talk.ts";
import { ScramClient } from "../../protocol/sasl/scram-client.ts";
import { decoded, meaning, readPlain, textOf, type Meant } from "../pop3/oracle.ts";
import { PASSWORD } from "../pop3/scram.ts";
import { PEOPLE } from "./site.ts";
import { isMalformed, lineLength, silence, type Speaker } from "./turns.ts";

/** Octets of a command line, CRLF included: the server's default. */
const COMMAND_OCTETS = 255;

/** A mailbox that holds more is emptied, so that listings stay short. */
const TIDY = 30;

export class Pop3Speaker implements Speaker {
  readonly #talk: Talk;
  over = false;
  #secured = false;
  /** Messages of the open maildrop. */
  #count: number | undefined;
  readonly #marked = new Set<number>();
  /** The command before was this USER, and it was taken. */
  #user: string | undefined;
  /** Messages of the exchange that is going on, if one is, behind its mechanism. */
  #exchange: string[] | undefined;
  #last = "";

  constructor(talk: Talk) {
    this.#talk = talk;
  }

  async turn(rest: string): Promise<number> {
    const length = lineLength(rest);
    if (isMalformed(rest, length)) return this.#sayMalformed(rest);
    if (length === 0) return 0;
    const line = rest.slice(0, length - 2);
    const meant = length <= COMMAND_OCTETS ? meaning(line) : undefined;
    if (this.#exchange !== undefined) await this.#respond(line, this.#exchange);
    else if (meant === undefined) assert.match(await this.#ask(line), /^(?:-ERR|closed)/, line);
    else if (meant.verb === "STLS" && !this.#secured && this.#count === undefined)
      return this.#startTls(rest, length);
    else await this.#command(line, meant);
    return length;
  }

  /** A login that a client of the fuzzer cannot know: the server's nonce is new each time. */
  async scram(person: string, password: string): Promise<void> {
    const client = new ScramClient(person, password);
    const first = await this.#ask(`AUTH SCRAM-SHA-256 ${btoa(client.first)}`);
    if (!first.startsWith("+ ")) return;
    const final = await this.#ask(btoa(client.final(atob(first.slice(2, -2)))));
    if (!final.startsWith("+ ")) return;
    assert.equal(password, PASSWORD, "a wrong proof was taken");
    assert.equal(atob(final.slice(2, -2)), client.serverFinal, "the server knows the password too");
    const opened = await this.#ask("");
    if (opened.startsWith("+OK")) await this.#open(opened);
  }

  async #sayMalformed(rest: string): Promise<number> {
    const reply = await this.#talk.say(rest).reply();
    assert.match(reply, /^-ERR lines end|^-ERR a NUL/, "malformed octets end a session");
    this.over = true;
    return rest.length;
  }

  /** All that is said behind STLS goes out with it, and must come to nothing. */
  async #startTls(rest: string, length: number): Promise<number> {
    const reply = await this.#talk.say(rest).reply();
    if (reply.startsWith("+OK ") && rest.length === length) {
      assert.ok(await this.#talk.secure(), "TLS begins");
      this.#secured = true;
      this.#user = undefined;
      return length;
    }
    assert.match(reply, /^(?:\+OK begin TLS|-ERR|closed)/);
    await silence(this.#talk);
    this.over = true;
    return rest.length;
  }

  // ---- Commands ----

  async #command(line: string, { verb, args }: Meant): Promise<void> {
    const [first = "", second] = args;
    const reply = await this.#ask(line);
    const user = this.#user;
    this.#user = undefined;
    if (verb === "AUTH" && reply.startsWith("+ "))
      return this.#begin(first, second === undefined ? [] : [second]);
    if (!reply.startsWith("+OK")) return;
    if (/^(?:USER|PASS|APOP|AUTH|STLS|UTF8)$/.test(verb)) {
      assert.equal(this.#count, undefined, `${verb} before login only`);
      if (verb === "USER") this.#user = first;
      else if (verb === "PASS") await this.#letIn(reply, user, first);
      else if (verb === "AUTH") await this.#letIn(reply, ...plainLogin(first, [second ?? ""]));
      else assert.equal(verb, "UTF8");
    } else if (verb === "CAPA") await this.#talk.block();
    else if (verb === "QUIT") this.#quit(reply);
    else await this.#transact(verb, first, second, reply);
  }

  #begin(mechanism: string, messages: string[]): void {
    assert.equal(this.#count, undefined, "AUTH before login only");
    this.#exchange = [mechanism.toUpperCase(), ...messages];
  }

  async #respond(line: string, exchange: string[]): Promise<void> {
    exchange.push(line);
    const reply = await this.#ask(line);
    if (reply.startsWith("+ ")) return;
    const [mechanism = "", ...messages] = exchange;
    this.#exchange = undefined;
    if (reply.startsWith("+OK")) await this.#letIn(reply, ...plainLogin(mechanism, messages));
  }

  async #letIn(reply: string, user: string | undefined, password: string): Promise<void> {
    const known = PEOPLE.some((person) => person === user?.toLowerCase());
    assert.ok(known && password === PASSWORD, `${user} was let in with ${password}`);
    await this.#open(reply);
  }

  async #open(reply: string): Promise<void> {
    this.#count = Number(/^\+OK ([0-9]+) messages?\r\n$/.exec(reply)?.[1]);
    assert.ok(this.#count >= 0, reply);
    if (this.#count > TIDY) await this.#tidy(this.#count);
  }

  /** All at once, without waiting for a reply. */
  async #tidy(count: number): Promise<void> {
    const numbers = Array.from({ length: count }, (_, i) => i + 1);
    this.#talk.say(numbers.map((number) => `DELE ${number}\r\n`).join(""));
    for (const number of numbers) {
      assert.match(await this.#talk.reply(), /^\+OK /);
      this.#marked.add(number);
    }
    this.#quit(await this.#ask("QUIT"));
  }

  #quit(reply: string): void {
    this.over = true;
    const deleted = /^\+OK ([0-9]+) messages? deleted, bye\r\n$/.exec(reply)?.[1];
    if (!reply.startsWith("-ERR")) assert.equal(Number(deleted ?? 0), this.#marked.size);
  }

  // ---- The maildrop ----

  async #transact(verb: string, first: string, second: string | undefined, reply: string) {
    assert.ok(this.#count !== undefined, `${verb} after login only`);
    if (first !== "") this.#hasMessage(Number(first));
    const left = this.#count - this.#marked.size;
    switch (verb) {
      case "LIST":
      case "UIDL":
        if (first === "") assert.equal((await this.#talk.block()).split("\r\n").length - 1, left);
        return;
      case "STAT":
        assert.match(reply, new RegExp(`^\\+OK ${left} [0-9]+\\r\\n$`));
        return;
      case "RETR":
      case "TOP":
        return this.#retrieved(reply, await this.#talk.block(), second);
      case "DELE":
        this.#marked.add(Number(first));
        return;
      case "RSET":
        this.#marked.clear();
        return;
      default:
        assert.equal(verb, "NOOP");
    }
  }

  #hasMessage(number: number): void {
    assert.ok(number >= 1 && number <= (this.#count ?? 0), `there is no message ${number}`);
    assert.ok(!this.#marked.has(number), `message ${number} is marked as deleted`);
  }

  /** RFC 1939 §3: as many octets as were promised, but for dots, and for the CRLF that a last line may lack. */
  #retrieved(reply: string, block: string, lines: string | undefined): void {
    const content = `\r\n${block}`.replaceAll("\r\n.", "\r\n").slice(2);
    assert.match(content, /^Return-Path: /, "a message begins as the server wrote it");
    const octets = Number(/^\+OK ([0-9]+) octets\r\n$/.exec(reply)?.[1]);
    if (lines === undefined) assert.ok([octets, octets + 2].includes(content.length), reply);
  }

  async #ask(line: string): Promise<string> {
    const reply = await this.#talk.say(`${line}\r\n`).reply();
    if (reply === "closed")
      assert.match(this.#last, /^-ERR too many errors/, "the end is said before");
    else assert.match(reply, /^(?:\+OK|-ERR|\+)(?: [ -~]*)?\r\n$/);
    this.over = /^(?:-ERR too many errors|closed)/.test(reply);
    this.#last = reply;
    return reply;
  }
}

/** Name and password of a finished exchange; a SCRAM one that the fuzzer made cannot have been right. */
function plainLogin(mechanism: string, messages: readonly string[]): [string | undefined, string] {
  const [first = "", second = ""] = messages.map((base64) => decoded(base64) ?? "");
  const plain = readPlain(first);
  if (mechanism.toUpperCase() === "PLAIN" && typeof plain !== "string")
    return [plain.login, plain.password];
  assert.equal(mechanism.toUpperCase(), "LOGIN");
  return [textOf(first), textOf(second) ?? ""];
}
