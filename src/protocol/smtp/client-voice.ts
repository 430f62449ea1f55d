/** What the client says and what its desk is told, gathered as the steps of one input; it knows the one way in which a session ends. */
import type { Outcome } from "../../mail/index.ts";
import { CLOSE, FLUSH, NO_STEPS, START_TLS, type Step, type Steps } from "../dialogue/index.ts";
import { encodeCommand, type ClientCommand } from "./client-commands.ts";
import type { SmtpClientAsk, SmtpClientEnding, SmtpClientTell } from "./client-requests.ts";

export class ClientVoice {
  #steps: Step<SmtpClientAsk, SmtpClientTell>[] = [];
  #ended = false;
  #gone = false;

  /** Nothing is said after that. */
  get ended(): boolean {
    return this.#ended;
  }

  say(command: ClientCommand): void {
    this.#steps.push({ kind: "send", data: encodeCommand(command) });
  }

  content(data: Uint8Array): void {
    this.#steps.push({ kind: "send", data });
  }

  ask(ask: SmtpClientAsk): void {
    this.#steps.push({ kind: "ask", ask });
  }

  tell(tell: SmtpClientTell): void {
    this.#steps.push({ kind: "tell", tell });
  }

  flush(): void {
    this.#steps.push(FLUSH);
  }

  startTls(): void {
    this.#steps.push(START_TLS);
  }

  /** The connection is gone: there is nobody to say anything to. */
  gone(): void {
    this.#gone = true;
  }

  /** `why` is left out where nothing went wrong. */
  end(ending: SmtpClientEnding, why?: Outcome): void {
    this.tell({
      kind: "ended",
      ending,
      ...(why !== undefined && { status: why.status }),
      ...(why?.reply !== undefined && { reply: why.reply }),
    });
    if (!this.#gone) this.#steps.push(CLOSE);
    this.#ended = true;
  }

  /** The steps gathered since the last time. */
  take(): Steps<SmtpClientAsk, SmtpClientTell> {
    if (this.#steps.length === 0) return NO_STEPS;
    const steps = this.#steps;
    this.#steps = [];
    return steps;
  }
}
