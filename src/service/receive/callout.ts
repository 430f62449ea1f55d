/**
 * One question to an inner host: would this recipient be taken? A session of our client, in SMTP or LMTP, that stops after RCPT, from the null
 * sender, so that nothing can come of it. Promises: it always answers, in its time, with a Status: 2xx yes, 5xx no, 4xx that it
 * cannot be said now.
 */
import { formatStatus, status, type Address, type Domain, type Status } from "../../mail/index.ts";
import { formatInnerHost, type InnerHost } from "../../policy/routing/index.ts";
import {
  Conversation,
  type Desk,
  type Dialogue,
  type Wire,
} from "../../protocol/dialogue/index.ts";
import {
  SMTP_CLIENT_LIMITS,
  SmtpClientSession,
  type SmtpClientAnswer,
  type SmtpClientAsk,
  type SmtpClientTell,
} from "../../protocol/smtp/index.ts";
import { errorText } from "../../runtime/index.ts";

export type Callout = (host: InnerHost, recipient: Address) => Promise<CalloutAnswer>;

export interface CalloutAnswer {
  readonly status: Status;
  /** It came to a session in which the question could be put; else the host is away for everybody. */
  readonly reached: boolean;
}

export interface CalloutDeps {
  readonly hostname: Domain;
  /**
   * Connects and lets `open` converse; resolves when the connection is gone, to words where there never was one. An aborted signal
   * drops it.
   */
  reach(
    host: InnerHost,
    open: (wire: Wire) => Dialogue,
    signal: AbortSignal,
  ): Promise<string | undefined>;
  /** For all of it, milliseconds. */
  readonly timeMs: number;
  /** A signal that is aborted after so many milliseconds. */
  deadline(ms: number): AbortSignal;
}

export function callout(deps: CalloutDeps): Callout {
  return async (host, recipient) => {
    const remote = formatInnerHost(host);
    const questioner = new Questioner(recipient, remote);
    const signal = deps.deadline(deps.timeMs);
    const late = (): void => questioner.notAnswered("it was silent for too long");
    signal.addEventListener("abort", late);
    const open = (wire: Wire): Dialogue => {
      const limits = SMTP_CLIENT_LIMITS; // longer than the deadline, which ends it all
      const { hostname } = deps;
      const { protocol } = host;
      const startTls = "socket" in host ? "off" : "opportunistic";
      const settings = { hostname, remote, protocol, startTls, limits } as const;
      return new Conversation(new SmtpClientSession(settings), questioner, wire);
    };
    deps.reach(host, open, signal).then(
      (problem) => questioner.notAnswered(problem ?? "it ended the connection"),
      (error: unknown) => questioner.notAnswered(errorText(error)),
    );
    const answer = await questioner.answer;
    signal.removeEventListener("abort", late);
    return answer;
  };
}

/** The client session's desk: has one question, and keeps the first thing that is said to it. */
class Questioner implements Desk<SmtpClientAsk, SmtpClientTell, SmtpClientAnswer> {
  readonly #recipient: Address;
  readonly #remote: string;
  readonly #answer = Promise.withResolvers<CalloutAnswer>();
  #asked = false;

  constructor(recipient: Address, remote: string) {
    this.#recipient = recipient;
    this.#remote = remote;
  }

  get answer(): Promise<CalloutAnswer> {
    return this.#answer.promise;
  }

  ask(_ask: SmtpClientAsk, reply: (answer: SmtpClientAnswer) => void): void {
    const question = { kind: "query", recipients: [this.#recipient] } as const;
    const asked = this.#asked;
    this.#asked = true;
    reply(asked ? { kind: "quit" } : question);
  }

  tell(tell: SmtpClientTell): void {
    if (tell.kind === "settled")
      for (const { status: said } of tell.outcomes)
        this.#answer.resolve({ status: said, reached: true });
    else if (tell.kind === "ended")
      this.notAnswered(tell.status === undefined ? "it left" : formatStatus(tell.status));
  }

  body(): boolean {
    return true;
  }

  /** Too late where there is an answer: a promise resolves once. */
  notAnswered(why: string): void {
    const words = "the mail server of this domain cannot be asked at the moment";
    const said = status(451, "4.4.1", words, "receive/callout", `${this.#remote}: ${why}`);
    this.#answer.resolve({ status: said, reached: this.#asked });
  }
}
