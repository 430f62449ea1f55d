/**
 * The desk of the mailbox that messages come back to: it takes mail for tokens that a test has sent, in the tester's domain, and for
 * nobody else. Of a message it keeps the beginning, which is all that is read of it.
 */
import { status, type Domain, type Ip, type ReversePath } from "../../mail/index.ts";
import type { Desk } from "../../protocol/dialogue/index.ts";
import type { SmtpAnswer, SmtpAsk, SmtpTell } from "../../protocol/smtp/index.ts";
import { errorText, type Clock, type Log } from "../../runtime/index.ts";
import type { TestMemory } from "./memory.ts";
import { readReturn } from "./returns.ts";
import { readToken, type Token } from "./token.ts";

export interface SinkDeps {
  readonly domain: Domain;
  readonly memory: Pick<TestMemory, "knows" | "came">;
  readonly clock: Clock;
  readonly log: Log;
}

/** Octets of a message that are kept until it has been read. */
const KEPT_LIMIT = 65_536;

const PROCEED: SmtpAnswer = { kind: "proceed" };
const SOURCE = "tester";

interface Recipient {
  readonly token: Token;
  readonly toSender: boolean;
}

export class SinkDesk implements Desk<SmtpAsk, SmtpTell, SmtpAnswer> {
  readonly #deps: SinkDeps;
  readonly #client: Ip;
  #reversePath: ReversePath = null;
  #recipients: Recipient[] = [];
  #content: Uint8Array[] = [];
  #octets = 0;

  constructor(deps: SinkDeps, client: Ip) {
    this.#deps = deps;
    this.#client = client;
  }

  ask(ask: SmtpAsk, reply: (answer: SmtpAnswer) => void): void {
    this.#answer(ask).then(reply, (error: unknown) => {
      this.#deps.log.error("sink", { problem: errorText(error) });
      reply(said(451, "4.3.0", "cannot be decided now"));
    });
  }

  tell(tell: SmtpTell): void {
    if (tell.kind === "reset" || tell.kind === "ended") this.#clear();
  }

  body(slice: Uint8Array): boolean {
    const room = KEPT_LIMIT - this.#octets;
    if (room > 0) this.#content.push(Uint8Array.from(slice.subarray(0, room)));
    this.#octets += Math.min(room, slice.length);
    return true;
  }

  async #answer(ask: SmtpAsk): Promise<SmtpAnswer> {
    switch (ask.kind) {
      case "sender":
        this.#clear();
        this.#reversePath = ask.reversePath;
        return said(250, "2.1.0", "go on");
      case "recipient":
        return this.#recipient(ask);
      case "message":
        return this.#message();
      case "connected":
      case "helo":
      case "content":
        return PROCEED;
      default:
        return said(502, "5.5.1", "nobody logs in here"); // it offers none
    }
  }

  async #recipient({ forwardPath }: SmtpAsk & { readonly kind: "recipient" }): Promise<SmtpAnswer> {
    const host = forwardPath === "postmaster" ? undefined : forwardPath.host;
    const read = forwardPath === "postmaster" ? undefined : readToken(forwardPath.local);
    const here = host?.kind === "domain" && host.domain === this.#deps.domain;
    if (read === undefined || !here || !(await this.#deps.memory.knows(read.token)))
      return said(550, "5.1.1", "only messages of a relay test are taken here");
    this.#recipients.push({ token: read.token, toSender: read.isSender });
    return said(250, "2.1.5", "this is awaited");
  }

  async #message(): Promise<SmtpAnswer> {
    const content = Buffer.concat(this.#content);
    const [reversePath, client, at] = [this.#reversePath, this.#client, this.#deps.clock.now()];
    for (const recipient of this.#recipients)
      await this.#deps.memory.came(readReturn({ ...recipient, reversePath, client, at, content }));
    this.#clear();
    return said(250, "2.0.0", "it has come back");
  }

  #clear(): void {
    this.#recipients = [];
    this.#content = [];
    this.#octets = 0;
  }
}

function said(code: number, enhanced: string, text: string): SmtpAnswer {
  return { kind: "status", status: status(code, enhanced, text, SOURCE) };
}
