/** How a session ends: in whose words, and what that means for the transaction under way. */
import type { Outcome, RemoteReply, Status } from "../../mail/index.ts";
import { momentText, type Moment } from "./client-moments.ts";
import type { Reply } from "./client-replies.ts";
import type { SmtpClientEnding, SmtpClientSettings } from "./client-requests.ts";
import * as statuses from "./client-statuses.ts";
import type { ClientTransfer } from "./client-transfer.ts";
import type { ClientVoice } from "./client-voice.ts";

export interface ClientSituation {
  readonly moment: Moment;
  readonly transfer: ClientTransfer | undefined;
}

export class ClientEnds {
  readonly #remote: string;
  readonly #voice: ClientVoice;
  readonly #now: () => ClientSituation;

  constructor(
    { remote }: Pick<SmtpClientSettings, "remote">,
    voice: ClientVoice,
    now: () => ClientSituation,
  ) {
    this.#remote = remote;
    this.#voice = voice;
    this.#now = now;
  }

  plaintext(): void {
    this.end("plaintext after STARTTLS", statuses.plaintextAfterStartTls(this.#remote));
  }

  malformed(why: string): void {
    this.end("malformed reply", statuses.malformed(this.#remote, why));
  }

  /** A reply that answers nothing; undefined when it is not even a whole one. */
  outOfTurn(reply: Reply | undefined): void {
    if (reply?.code === 421) this.by(reply);
    else if (reply !== undefined && this.#now().transfer?.interruptedBy(reply) === true)
      this.end("interrupted", statuses.statusOf(reply, this.#remote));
    else this.end("out of step", statuses.outOfStep(this.#remote, reply));
  }

  silent(): void {
    this.#connection("timeout", statuses.silent(this.#remote, this.#where()));
  }

  lost(): void {
    this.#connection("closed by server", statuses.lost(this.#remote, this.#where()));
  }

  /** In words of the server, which is about to close or to be left. */
  by(reply: Reply): void {
    this.#over("refused", statuses.outcomeOf(reply, this.#remote), true);
  }

  end(ending: SmtpClientEnding, status: Status, reply?: RemoteReply): void {
    this.#over(ending, reply === undefined ? { status } : { status, reply }, false);
  }

  #where(): string {
    return momentText(this.#now().moment);
  }

  #connection(ending: SmtpClientEnding, why: Status): void {
    const { stage, turn } = this.#now().moment;
    if (stage === "QUIT") this.#voice.end("quit");
    else if (turn !== "handshake") this.end(ending, why);
    else this.end("handshake failed", statuses.handshakeFailed(this.#remote));
  }

  /** `answered`: the server said so itself. What is settled already stays as it is. */
  #over(ending: SmtpClientEnding, why: Outcome, answered: boolean): void {
    const { transfer } = this.#now();
    transfer?.lost(why, answered);
    transfer?.tellSettled();
    this.#voice.end(ending, why);
  }
}
