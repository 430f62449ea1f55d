/**
 * What the server says and what its desk is told. It counts refusals and knows the one way in which a session ends: `ended`,
 * last words, close. So the maildrop is let go before the last words leave: the client may come back as soon as it reads them.
 */
import { REPLIES_LIMIT, Voice, type Steps } from "../dialogue/index.ts";
import type { Phase } from "./phases.ts";
import { isCounted, refusalLine, type RefusalName } from "./replies.ts";
import type { Pop3Ask, Pop3Ending, Pop3Settings, Pop3Tell } from "./requests.ts";

export class ServerVoice extends Voice<Pop3Ask, Pop3Tell> {
  readonly #settings: Pop3Settings;
  #errors = 0;
  /** Octets of replies in the steps gathered so far. */
  #said = 0;

  constructor(settings: Pop3Settings) {
    super();
    this.#settings = settings;
  }

  /** A reply that is complete: the client has the next word. */
  reply(text: string): Phase {
    this.#said += text.length;
    this.send(text);
    return "client";
  }

  /** The client has the next word, unless this was one error too many. */
  refuse(name: RefusalName): Phase {
    if (isCounted(name)) this.#errors++;
    return this.#errors < this.#settings.limits.errors
      ? this.reply(this.#line(name))
      : this.refuseAndEnd("too-many-errors", "too many errors");
  }

  refuseAndEnd(name: RefusalName, ending: Pop3Ending): Phase {
    return this.end(ending, this.#line(name));
  }

  end(ending: Pop3Ending, lastWords?: string): Phase {
    this.tell({ kind: "ended", ending });
    if (lastWords !== undefined) this.send(lastWords);
    this.finish(true);
    return "client";
  }

  /** The client has gone: there is nobody to say anything to. */
  left(): void {
    this.tell({ kind: "ended", ending: "closed by client" });
    this.finish(false);
  }

  /** So much has been said that the wire should take it first. */
  get isLong(): boolean {
    return this.#said > REPLIES_LIMIT;
  }

  override take(): Steps<Pop3Ask, Pop3Tell> {
    this.#said = 0;
    return super.take();
  }

  #line(name: RefusalName): string {
    return refusalLine(name, this.#settings.sessionId);
  }
}
