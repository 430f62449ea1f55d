/**
 * A mail server in memory whose time is a test's: closed, for `local.example` with a user and a postmaster, but for what its script
 * says otherwise. What it relays comes back at once.
 */
import { parseAddress, parseIp, type Address, type Ip } from "../../../src/mail/index.ts";
import type { Arrival, Connection } from "../../../src/operate/relaytest/index.ts";
import type { Machine, NotReached, TestMemory } from "../../../src/operate/tester/index.ts";
import { readReturn } from "../../../src/operate/tester/returns.ts";
import { readToken } from "../../../src/operate/tester/token.ts";
import { ManualClock, systemRandom } from "../../../src/runtime/index.ts";

export const HERE = parseIp("127.0.0.1") as Ip; // it is one

const SOMEBODY = parseAddress("x@tester.example") as Address; // it is one

export interface Session {
  /** Of all connections, from 1. */
  readonly number: number;
  readonly from: string;
  readonly taken: readonly string[];
  /** Commands so far, on this connection. */
  readonly commands: number;
}

export interface HostScript {
  /** Undefined: the usual answer. "greeting" and "." are asked too; "DROP" closes, "SILENCE" says nothing. */
  readonly answer?: (command: string, session: Session) => string | undefined;
  /** Milliseconds that each answer takes. */
  readonly delayMs?: number;
  /** Whether a message that was taken is passed on to the tester's domain. */
  readonly relays?: (session: Session, message: number) => boolean;
  /** How long such a message is under way, in milliseconds of the tester's sleep. */
  readonly relaysAfterMs?: number;
  /** What it has taken it reports to the sender as undeliverable. */
  readonly bounces?: true;
  /** Keywords of EHLO. */
  readonly offers?: readonly string[];
  /** What ends a message's content. */
  readonly endOfContent?: string;
  /** What came in the clear behind STARTTLS is obeyed in TLS. */
  readonly obeysPlaintext?: true;
  /** A greeting takes no recipients back. */
  readonly keepsTaken?: true;
  /** Nobody listens. */
  readonly unreachable?: true;
}

export class ScriptedHost {
  readonly clock = new ManualClock();
  readonly #script: HostScript;
  readonly #memory: TestMemory;
  connections = 0;
  messages = 0;
  /** Everything that was said to it, each connection's octets. */
  readonly heard: string[] = [];
  /** Milliseconds that the tester slept. */
  readonly slept: number[] = [];
  /** What is under way, and when it arrives, in milliseconds of the clock. */
  readonly #underway: { readonly at: number; readonly arrive: () => void }[] = [];

  constructor(script: HostScript, memory: TestMemory) {
    this.#script = script;
    this.#memory = memory;
  }

  get machine(): Machine {
    return {
      clock: this.clock,
      random: systemRandom,
      sleep: (ms, stopped) => {
        this.slept.push(ms);
        if (stopped?.() === true) return Promise.resolve();
        this.clock.advance(ms);
        this.#arrivals();
        return Promise.resolve();
      },
      connect: () => Promise.resolve(this.#connect()),
    };
  }

  /** Does it after so many milliseconds, or now. */
  later(ms: number, arrive: () => void): void {
    this.#underway.push({ at: this.clock.elapsed() + ms, arrive });
    this.#arrivals();
  }

  #arrivals(): void {
    const now = this.clock.elapsed();
    const due = this.#underway.filter(({ at }) => at <= now);
    for (const one of due) {
      this.#underway.splice(this.#underway.indexOf(one), 1);
      one.arrive();
    }
  }

  #connect(): Connection | NotReached {
    if (this.#script.unreachable === true)
      return { kind: "not reached", why: "connection refused" };
    return new HostConnection(this, this.#script, this.#memory, ++this.connections);
  }
}

class HostConnection implements Connection {
  readonly #host: ScriptedHost;
  readonly #script: HostScript;
  readonly #memory: TestMemory;
  readonly #number: number;
  #out = "";
  /** Until then nothing of it is heard. */
  #readyAt: number;
  #closed = false;
  #input = "";
  #inContent = false;
  #awaitsTls = false;
  #from = "";
  #taken: string[] = [];
  #commands = 0;

  constructor(host: ScriptedHost, script: HostScript, memory: TestMemory, number: number) {
    this.#host = host;
    this.#script = script;
    this.#memory = memory;
    this.#number = number;
    this.#readyAt = host.clock.elapsed();
    host.heard.push("");
    this.#say("greeting", "220 mx.local.example ESMTP Scripted");
  }

  write(octets: string): void {
    if (this.#closed) return;
    this.#host.heard[this.#number - 1] += octets;
    this.#input += octets;
    while (!this.#closed && !this.#awaitsTls && (this.#inContent ? this.#content() : this.#line()));
  }

  read(withinMs: number): Promise<Arrival> {
    const { clock } = this.#host;
    const wait = this.#readyAt - clock.elapsed();
    if (this.#out !== "" && wait <= withinMs) {
      if (wait > 0) clock.advance(wait);
      const octets = this.#out;
      this.#out = "";
      return Promise.resolve({ kind: "octets", octets });
    }
    if (this.#out === "" && this.#closed) return Promise.resolve({ kind: "closed" });
    clock.advance(withinMs);
    return Promise.resolve({ kind: "silence" });
  }

  startTls(): Promise<boolean> {
    this.#awaitsTls = false;
    const before = this.#input;
    this.#input = "";
    if (this.#script.obeysPlaintext === true) this.write(before);
    return Promise.resolve(true);
  }

  close(): void {
    this.#closed = true;
    this.#out = "";
  }

  #line(): boolean {
    const end = this.#input.indexOf("\r\n");
    if (end < 0) return false;
    const command = this.#input.slice(0, end);
    this.#input = this.#input.slice(end + 2);
    this.#commands++;
    this.#say(command, this.#usual(command));
    return true;
  }

  #content(): boolean {
    const { endOfContent = "\r\n.\r\n" } = this.#script;
    const end = this.#input.indexOf(endOfContent);
    if (end < 0) return false;
    const content = this.#input.slice(0, end);
    this.#input = this.#input.slice(end + endOfContent.length);
    this.#inContent = false;
    const answer = this.#say(".", "250 2.0.0 taken");
    if (
      answer.startsWith("250") &&
      this.#script.relays?.(this.#session(), ++this.#host.messages) === true
    )
      this.#passOn(content);
    if (answer.startsWith("250") && this.#script.bounces === true)
      this.#deliver(this.#from.split("@")[0] ?? "", "Subject: undelivered\r\n\r\n");
    this.#taken = [];
    return true;
  }

  /** As a server does that rewrites whatever it is told into token@domain. */
  #passOn(content: string): void {
    for (const recipient of this.#taken)
      this.#host.later(this.#script.relaysAfterMs ?? 0, () => this.#deliver(recipient, content));
  }

  #deliver(path: string, content: string): void {
    const read = readToken(/(t-[a-z2-7]{16}(?:\.b)?)/.exec(path)?.[1] ?? "");
    if (read === undefined) return;
    const received = "Received: from tester ([172.17.0.1]) by mx.local.example; now\r\n";
    void this.#memory.came(
      readReturn({
        token: read.token,
        toSender: read.isSender,
        reversePath: SOMEBODY,
        client: HERE,
        at: this.#host.clock.now(),
        content: Buffer.from(`${received}${content}\r\n`, "latin1"),
      }),
    );
  }

  #session(): Session {
    return { number: this.#number, from: this.#from, taken: this.#taken, commands: this.#commands };
  }

  /** Returns the answer. */
  #say(command: string, usual: string): string {
    const answer = this.#script.answer?.(command, this.#session()) ?? usual;
    this.#readyAt = this.#host.clock.elapsed() + (this.#script.delayMs ?? 0);
    if (answer === "DROP") this.#closed = true;
    else if (answer !== "SILENCE") this.#out += `${answer}\r\n`;
    if (answer.startsWith("421") || /^QUIT/i.test(command)) this.#closed = true;
    this.#note(command, answer);
    return answer;
  }

  #note(command: string, answer: string): void {
    const yes = answer.startsWith("2");
    if (command === "STARTTLS") this.#awaitsTls = yes;
    if (command === "DATA") this.#inContent = answer.startsWith("354");
    else if (/^MAIL FROM:/i.test(command) && yes) [this.#from, this.#taken] = [command, []];
    else if (/^RCPT TO:/i.test(command) && yes) this.#taken.push(command);
    else if (/^RSET/i.test(command)) this.#taken = [];
    else if (/^(?:EHLO|HELO)/i.test(command) && this.#script.keepsTaken !== true) this.#taken = [];
  }

  #usual(command: string): string {
    const [verb = ""] = command.toUpperCase().split(/[ :]/);
    switch (verb) {
      case "EHLO":
        return [
          "250-mx.local.example",
          ...(this.#script.offers ?? []).map((one) => `250-${one}`),
          "250 SIZE",
        ].join("\r\n");
      case "HELO":
      case "RSET":
      case "NOOP":
      case "MAIL":
        return "250 2.0.0 good";
      case "RCPT":
        return /^RCPT TO:<(?:user|postmaster)(?:@local\.example)?>$/i.test(command)
          ? "250 2.1.5 good"
          : "550 5.7.1 no relaying";
      case "DATA":
        return this.#taken.length > 0 ? "354 go on" : "503 5.5.1 no recipient";
      case "STARTTLS":
        return "220 go on";
      case "QUIT":
        return "221 2.0.0 bye";
      default:
        return "500 5.5.1 what?";
    }
  }
}
