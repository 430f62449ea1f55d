/** What the client says and what its desk is told; it knows the one way in which a session ends. */
import type { Outcome } from "../../mail/index.ts";
import { Voice } from "../dialogue/index.ts";
import { encodeCommand, type ClientCommand } from "./client-commands.ts";
import type { SmtpClientAsk, SmtpClientEnding, SmtpClientTell } from "./client-requests.ts";

export class ClientVoice extends Voice<SmtpClientAsk, SmtpClientTell> {
  #gone = false;

  say(command: ClientCommand): void {
    this.send(encodeCommand(command));
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
    this.finish(!this.#gone);
  }
}
