/**
 * What the server says and what its desk is told. It counts refusals and
 * knows the one way in which a session ends: last words, `ended`, close.
 */
import { printable, type Status } from "../../mail/index.ts";
import { latin1, REPLIES_LIMIT, Voice } from "../dialogue/index.ts";
import { REPLIES, statusLine } from "./replies.ts";
import type { SmtpAsk, SmtpEnding, SmtpSettings, SmtpTell } from "./requests.ts";

/** How much of a refused command the desk is told, in octets. */
const TOLD_COMMAND_LIMIT = 200;

const NOTHING = new Uint8Array(0);

export class ServerVoice extends Voice<SmtpAsk, SmtpTell> {
  readonly #sessionId: string;
  readonly #errorLimit: number;
  #errors = 0;
  /** Octets said that may still wait for the wire. */
  #unsent = 0;
  #command: Uint8Array = NOTHING;

  constructor(settings: SmtpSettings) {
    super();
    this.#sessionId = settings.sessionId;
    this.#errorLimit = settings.limits.errors;
  }

  /** The command being dealt with, for what the desk is told of its refusal. */
  about(command: Uint8Array | undefined): void {
    this.#command = command ?? NOTHING;
  }

  say(status: Status): void {
    this.text(statusLine(status, this.#sessionId));
  }

  /** A reply that no Status stands for: the greeting, the yes to EHLO, 354. */
  text(data: string): void {
    this.send(data);
    this.#unsent += data.length;
  }

  /** So much has been said that the wire should take it first. */
  get isLong(): boolean {
    return this.#unsent > REPLIES_LIMIT;
  }

  override flush(): void {
    super.flush();
    this.sent();
  }

  /** What was said so far leaves. */
  sent(): void {
    this.#unsent = 0;
  }

  /** The engine's own no; the desk hears of it. */
  refuse(status: Status): void {
    this.refuseExcused(status);
    this.#countError();
  }

  /** A no that is nobody's error. */
  refuseExcused(status: Status): void {
    this.say(status);
    this.#tellRefused(status);
  }

  /** The desk's no. */
  refuseForDesk(status: Status): void {
    this.say(status);
    this.#countError();
  }

  /** The end because of what the client said. */
  refuseAndEnd(status: Status, ending: SmtpEnding): void {
    this.#tellRefused(status);
    this.end(ending, status);
  }

  end(ending: SmtpEnding, lastWords?: Status): void {
    if (lastWords !== undefined) this.say(lastWords);
    this.tell({ kind: "ended", ending });
    this.finish(true);
    this.#command = NOTHING;
  }

  /** The other side has gone: there is nobody to say anything to. */
  left(): void {
    this.tell({ kind: "ended", ending: "closed by client" });
    this.finish(false);
    this.#command = NOTHING;
  }

  #tellRefused(status: Status): void {
    this.tell({ kind: "refused", command: shown(this.#command), status });
  }

  #countError(): void {
    if (++this.#errors >= this.#errorLimit) this.end("too many errors", REPLIES.tooManyErrors);
  }
}

/** A command as the desk may keep it: of AUTH the mechanism's name alone, for all else in it can be a password. */
function shown(command: Uint8Array): string {
  const text = printable(latin1(command.subarray(0, TOLD_COMMAND_LIMIT)));
  const auth = /^AUTH(?![A-Za-z0-9])(?: [A-Za-z0-9_-]{1,20}(?= |$))?/i.exec(text);
  if (auth === null) return text;
  return auth[0].length === text.length ? text : `${auth[0]} ...`;
}
