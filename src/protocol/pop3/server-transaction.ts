/**
 * The TRANSACTION and UPDATE states (RFC 1939 §5, §6): sends listings and messages in portions that the wire has taken, and
 * has deleted what is marked, at QUIT alone. Promises: a message is sent whole, or without its end mark and the connection closed.
 */
import { isInternational } from "./international.ts";
import type { OpenMaildrop } from "./open-maildrop.ts";
import { unexpected, type Phase } from "./phases.ts";
import { OK, type RefusalName } from "./replies.ts";
import type { Pop3Answer, Pop3Settings } from "./requests.ts";
import type { Retrieval } from "./retrieval.ts";
import type { ServerVoice } from "./server-voice.ts";
import { transact, type TransactionCommand } from "./transaction.ts";

type UnderWay =
  | { readonly kind: "listing"; readonly portions: Iterator<string> }
  | { readonly kind: "retrieval"; readonly retrieval: Retrieval }
  | { readonly kind: "removal"; readonly messages: number };

export class ServerTransaction {
  readonly #maildrop: OpenMaildrop;
  readonly #settings: Pop3Settings;
  readonly #voice: ServerVoice;
  /** The client has said UTF8. */
  readonly #utf8: boolean;
  #underWay: UnderWay | undefined;
  /** Octets of messages since the wire was last waited for: small ones that were asked for together leave together. */
  #unflushed = 0;

  constructor(
    maildrop: OpenMaildrop,
    settings: Pop3Settings,
    voice: ServerVoice,
    { utf8 }: { readonly utf8: boolean },
  ) {
    this.#maildrop = maildrop;
    this.#settings = settings;
    this.#voice = voice;
    this.#utf8 = utf8;
  }

  obey(command: TransactionCommand): Phase {
    const step = transact(command, this.#maildrop, this.#settings.limits.chunkOctets);
    switch (step.kind) {
      case "say":
        return this.#voice.reply(step.text);
      case "refuse":
        return this.#voice.refuse(step.refusal);
      case "list":
        return this.#list(step.portions);
      case "retrieve":
        return this.#retrieve(step.retrieval);
    }
  }

  quit(): Phase {
    const uids = this.#maildrop.marked();
    if (uids.length === 0) return this.#voice.end("quit", OK.quit);
    this.#underWay = { kind: "removal", messages: uids.length };
    this.#voice.ask({ kind: "remove", uids });
    return "removing";
  }

  answered(answer: Pop3Answer): Phase {
    if (this.#underWay?.kind === "retrieval") return this.#read(this.#underWay.retrieval, answer);
    if (this.#underWay?.kind === "removal") return this.#removed(this.#underWay.messages, answer);
    return unexpected(answer);
  }

  /** The wire has taken everything. */
  drained(): Phase {
    this.#unflushed = 0;
    if (this.#underWay?.kind === "listing") return this.#list(this.#underWay.portions);
    if (this.#underWay?.kind === "retrieval") return this.#retrieve(this.#underWay.retrieval);
    return "client";
  }

  /**
   * Sends portion after portion, each when the wire has taken the last one: a client that asks for a thousand listings and
   * reads none must not fill our memory.
   */
  #list(portions: Iterator<string>): Phase {
    const portion = portions.next();
    if (portion.done === true) return this.#done();
    this.#underWay = { kind: "listing", portions };
    this.#voice.send(portion.value);
    this.#voice.flush();
    return "sending";
  }

  /** Asks for the next chunk, or is done. */
  #retrieve(retrieval: Retrieval): Phase {
    if (!retrieval.done) {
      this.#underWay = { kind: "retrieval", retrieval };
      this.#voice.ask(retrieval.next());
      return "sending";
    }
    if (retrieval.whole) this.#voice.tell({ kind: "retrieved", octets: retrieval.octets });
    return this.#done();
  }

  #read(retrieval: Retrieval, answer: Pop3Answer): Phase {
    switch (answer.kind) {
      case "content":
        return this.#send(retrieval, answer.octets);
      case "gone":
      case "unavailable":
        return this.#breakOff(retrieval, answer.kind);
      default:
        return unexpected(answer);
    }
  }

  #send(retrieval: Retrieval, octets: Uint8Array): Phase {
    const first = retrieval.untouched;
    if (first && this.#needsUtf8(octets)) return this.#refuse("needs-utf8");
    const result = retrieval.take(octets);
    if (result.kind === "broken") return this.#breakOff(retrieval, "message-damaged");
    if (first) this.#voice.send(retrieval.whole ? OK.content(retrieval.octets) : OK.top);
    for (const part of result.parts) this.#voice.send(part);
    this.#unflushed += octets.length;
    if (retrieval.done && this.#unflushed < this.#settings.limits.chunkOctets)
      return this.#retrieve(retrieval);
    this.#voice.flush();
    return "sending";
  }

  /** Once +OK has been said there is no honest end but to close: an end mark would make half a message a whole one. */
  #breakOff(retrieval: Retrieval, why: RefusalName): Phase {
    return retrieval.untouched ? this.#refuse(why) : this.#voice.end("retrieval broke off");
  }

  #needsUtf8(beginning: Uint8Array): boolean {
    const refused = !this.#utf8 && this.#settings.internationalMessages === "refused";
    return refused && isInternational(beginning);
  }

  #removed(messages: number, answer: Pop3Answer): Phase {
    switch (answer.kind) {
      case "removed":
        return this.#voice.end("quit", OK.removed(messages));
      case "unavailable":
        return this.#voice.refuseAndEnd("nothing-removed", "quit");
      default:
        return unexpected(answer);
    }
  }

  #refuse(name: RefusalName): Phase {
    this.#underWay = undefined;
    return this.#voice.refuse(name);
  }

  #done(): Phase {
    this.#underWay = undefined;
    return "client";
  }
}
