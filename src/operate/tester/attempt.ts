/**
 * One case, said to the server: step by step, as far as it makes sense with what is answered. Where it takes a recipient that it must
 * not take, it is given a message too, so that what becomes of it is seen and not supposed.
 */
import type { Reply } from "../relaytest/index.ts";
import type { Observed } from "./observed.ts";
import type { RemoteCase } from "./remote-cases.ts";
import type { Recipient, RemoteStep } from "./remote-steps.ts";
import type { Heard, Talker } from "./talker.ts";

/** Replies to a burst that are listened to. */
const BURST_REPLIES_LIMIT = 100;

/** How long the next one may take, in milliseconds: some servers stop in the middle of what they take for an attack. */
const BURST_REPLY_MS = 10_000;

/** How long a reply is waited for that need not come, in milliseconds. */
const EXTRA_REPLY_MS = 2000;

export class Attempt {
  readonly #talker: Talker;
  readonly #message: string;
  #taken: Observed["taken"] = "nothing";
  #own: (Recipient & { readonly kind: "own" }) | undefined;
  #decisive: Reply | undefined;
  #obeyedContent = false;
  /** A recipient was taken that may be. */
  #controlTaken = false;
  /** A recipient was taken to whom no message is sent. */
  #foreign = false;
  #mail: Reply | undefined;
  #inContent = false;
  #lastCode = 0;
  #end: Observed["end"] = "open";
  #syntax = 0;
  #refused = 0;

  constructor(talker: Talker, message: string) {
    this.#talker = talker;
    this.#message = message;
  }

  async run({ steps, alone }: RemoteCase): Promise<Observed> {
    for (const step of steps) {
      if (this.#end !== "open" || (!alone && (this.#mail?.code ?? 0) >= 400)) break;
      await this.#step(step);
    }
    if (this.#end === "open" && this.#inContent) await this.#contentForNobody();
    else if (this.#end === "open" && this.#deservesMessage()) await this.#pursue();
    return {
      taken: this.#taken,
      ...(this.#own !== undefined && { own: this.#own }),
      obeyedContent: this.#obeyedContent,
      ...(this.#mail !== undefined && { mail: this.#mail }),
      heldBack: this.#taken === "recipient" && this.#foreign,
      ...(this.#decisive !== undefined && { decisive: this.#decisive }),
      end: this.#end,
      refusals: { syntax: this.#syntax, all: this.#refused },
    };
  }

  async #step(step: RemoteStep): Promise<void> {
    switch (step.kind) {
      case "command":
        return this.#command(step);
      case "data":
        this.#inContent = (await this.#ask("DATA\r\n"))?.code === 354;
        return;
      case "content":
        return this.#content(step);
      case "chunk":
        return this.#chunk(step);
      case "burst":
        return this.#burst(step);
      case "handshake":
        if (this.#lastCode !== 220 || !(await this.#talker.handshake())) this.#end = "closed";
        return;
    }
  }

  async #command({ octets, recipient }: RemoteStep & { readonly kind: "command" }): Promise<void> {
    const reply = await this.#ask(octets);
    if (reply === undefined) return;
    if (octets.startsWith("MAIL")) this.#mail ??= reply;
    if (isYes(reply)) this.#took(recipient, reply);
  }

  #took(recipient: Recipient | undefined, reply: Reply): void {
    if (recipient?.kind === "control") this.#controlTaken = true;
    if (recipient === undefined || recipient.kind === "control") return;
    if (recipient.kind === "own") {
      this.#own = recipient;
      this.#decisive = reply;
      return;
    }
    this.#take("recipient", reply);
    if (!recipient.ours) this.#foreign = true;
  }

  #deservesMessage(): boolean {
    if (this.#taken === "recipient") return !this.#foreign;
    return this.#taken === "nothing" && this.#own?.write === true;
  }

  /** Nothing is said as content that the server would take for commands. */
  async #content({
    octets,
    hidesCommands,
  }: RemoteStep & { readonly kind: "content" }): Promise<void> {
    if (!this.#inContent) return;
    this.#inContent = false;
    const reply = await this.#ask(octets);
    if (reply === undefined || !isYes(reply)) return;
    if (!hidesCommands) return this.#given(reply);
    // One reply is the message's; each one more before QUIT's is to what stood in it.
    const more = await this.#untilQuit("QUIT\r\n");
    this.#obeyedContent = more.some(({ code }) => code < 400); // a no to all of it, and the end, is no obedience
    if (more.some(({ code }) => code === 354)) return this.#take("message", more.at(-1) ?? reply);
    this.#given(reply);
    if (this.#obeyedContent) this.#decisive = more.at(-1);
  }

  /** The server has a message, for its own people or for somebody whom it must not have taken. */
  #given(reply: Reply): void {
    if (this.#taken === "recipient") return this.#take("message", reply);
    this.#own ??= { kind: "own", beside: false, write: false };
    this.#decisive = reply;
  }

  async #chunk({ octets, replies }: RemoteStep & { readonly kind: "chunk" }): Promise<void> {
    this.#talker.say(octets);
    for (let i = 0; i < replies; i++) {
      const reply = this.#note(await this.#talker.hear(i === 0 ? undefined : EXTRA_REPLY_MS));
      if (reply === undefined) return;
      if (i === 0 && isYes(reply)) this.#given(reply);
    }
  }

  async #burst(step: RemoteStep & { readonly kind: "burst" }): Promise<void> {
    const { octets } = step;
    if (octets.startsWith("STARTTLS")) return this.#injection(octets);
    const opensContent = octets.includes("\r\nDATA\r\n");
    const replies = await this.#untilQuit(
      `${octets}${opensContent ? "" : "DATA\r\n"}QUIT\r\n`,
      !opensContent,
    );
    const yes = replies.find(({ code }) => code === 354);
    if (yes === undefined) return;
    this.#took(step.recipient, yes);
    if (opensContent) this.#take("message", yes);
    else if (!this.#deservesMessage()) this.#end = "closed"; // in the middle of a content that is never sent
    else await this.#finish();
  }

  /** CVE-2011-0411: what was said in the clear is answered in TLS, where nothing was said yet. */
  async #injection(octets: string): Promise<void> {
    const reply = await this.#ask(octets);
    if (reply?.code !== 220) return;
    if (!(await this.#talker.handshake())) {
      this.#end = "closed";
      return;
    }
    const replies = await this.#untilQuit("DATA\r\nQUIT\r\n", true);
    this.#obeyedContent = replies.length > 1 && replies.some(({ code }) => code < 400);
    const yes = replies.find(({ code }) => code === 354);
    if (yes === undefined) return;
    this.#take("recipient", yes);
    await this.#finish();
  }

  /** Says it, and hears what comes up to QUIT's reply, the end, or, where it is asked, the wish for content. */
  async #untilQuit(octets: string, untilContent = false): Promise<readonly Reply[]> {
    this.#talker.say(octets);
    const replies: Reply[] = [];
    while (replies.length < BURST_REPLIES_LIMIT) {
      const withinMs = replies.length === 0 ? undefined : BURST_REPLY_MS;
      const reply = this.#note(await this.#talker.hear(withinMs));
      if (reply === undefined || reply.code === 221) break;
      replies.push(reply);
      if (untilContent && reply.code === 354) return replies;
    }
    this.#end = "closed";
    return replies;
  }

  /** DATA was answered 354, and QUIT behind it has become content. */
  async #finish(): Promise<void> {
    const reply = await this.#ask(this.#message);
    if (reply === undefined) return;
    if (isYes(reply)) this.#takeMessage(reply);
    else this.#refusedAfterAll(reply);
    this.#end = "closed";
  }

  /** DATA was let through: for its own people, who get nothing, or where every recipient had been refused. */
  async #contentForNobody(): Promise<void> {
    if (this.#controlTaken) this.#own ??= { kind: "own", beside: false, write: false };
    if (this.#own !== undefined) {
      this.#end = "closed"; // in the middle of a content that is never sent
      return;
    }
    this.#taken = "recipient";
    await this.#finish();
  }

  async #pursue(): Promise<void> {
    const data = await this.#ask("DATA\r\n");
    if (data?.code !== 354) return this.#refusedAfterAll(data);
    const reply = await this.#ask(this.#message);
    if (reply !== undefined && isYes(reply)) this.#takeMessage(reply);
    else this.#refusedAfterAll(reply);
  }

  /** Nobody gets anything of a message that is refused as a whole. */
  #refusedAfterAll(reply: Reply | undefined): void {
    if (reply === undefined) return;
    this.#taken = "nothing";
    this.#own = undefined;
    this.#decisive = reply;
  }

  /** What was its own is given to it, and is no more than that. */
  #takeMessage(reply: Reply): void {
    if (this.#taken === "nothing" && this.#own !== undefined) this.#decisive = reply;
    else this.#take("message", reply);
  }

  #take(what: "recipient" | "message", reply: Reply): void {
    if (this.#taken === "message") return;
    this.#taken = what;
    this.#decisive = reply;
  }

  async #ask(octets: string): Promise<Reply | undefined> {
    return this.#note(await this.#talker.ask(octets));
  }

  #note(heard: Heard): Reply | undefined {
    if (heard.kind !== "reply") {
      this.#end = heard.kind;
      return undefined;
    }
    const { reply } = heard;
    this.#lastCode = reply.code;
    if (reply.code >= 400) {
      this.#refused++;
      if (reply.code >= 500 && reply.code < 505) this.#syntax++;
      if (this.#taken === "nothing") this.#decisive = reply;
    }
    if (reply.code === 421) this.#end = "closed";
    return reply;
  }
}

function isYes({ code }: Reply): boolean {
  return code >= 200 && code < 300;
}
