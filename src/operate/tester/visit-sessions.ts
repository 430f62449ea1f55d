/**
 * The connections of one visit, one at a time: kept from case to case while both sides have not had enough of it, left with QUIT before
 * a server loses patience with refusals.
 */
import type { Domain } from "../../mail/index.ts";
import type { Endpoint, Machine } from "./machine.ts";
import type { Observed } from "./observed.ts";
import type { RemoteCase } from "./remote-cases.ts";
import { openSession, type Opened, type Ready } from "./session.ts";

/** Refusals on one connection: servers slow down or hang up after ten, or after three that they do not understand. */
const REFUSALS_LIMIT = 8;
const SYNTAX_LIMIT = 2;

export class VisitSessions {
  readonly #endpoint: Endpoint;
  readonly #name: Domain;
  readonly #machine: Machine;
  #open: (Ready & { readonly manner: string }) | undefined;
  #refusals = { syntax: 0, all: 0 };
  /** The slowest reply so far, in milliseconds. */
  slowestMs = 0;

  /** `name`: what is greeted with. */
  constructor(endpoint: Endpoint, name: Domain, machine: Machine) {
    this.#endpoint = endpoint;
    this.#name = name;
    this.#machine = machine;
  }

  /** The connection that is kept, where the case may share it; or a new one. */
  async sessionFor(next: RemoteCase, own: boolean): Promise<Opened> {
    const kept = this.#open;
    if (!own && kept?.manner === next.manner && !kept.talker.over && !this.#isWorn()) return kept;
    this.hangUp();
    const opening = {
      manner: next.manner,
      name: this.#name,
      ...(next.hello !== undefined && { hello: next.hello }),
    };
    const opened = await openSession(this.#endpoint, opening, this.#machine);
    if (opened.kind === "ready") this.#open = { ...opened, manner: own ? "alone" : next.manner };
    else this.#heard(opened);
    return opened;
  }

  /** Behind a case: takes back what it did, or leaves. */
  async afterwards({ end, refusals }: Observed, own: boolean): Promise<void> {
    this.#refusals.all += refusals.all;
    this.#refusals.syntax += refusals.syntax;
    if (own || end !== "open" || this.#isWorn()) return this.hangUp();
    const reset = await this.#open?.talker.ask("RSET\r\n");
    this.#open?.talker.takeTranscript();
    if (reset?.kind !== "reply" || reset.reply.code !== 250) this.hangUp();
  }

  hangUp(): void {
    const talker = this.#open?.talker;
    if (talker !== undefined && !talker.over) talker.say("QUIT\r\n");
    if (talker !== undefined) this.#heard(talker);
    talker?.close();
    this.#open = undefined;
    this.#refusals = { syntax: 0, all: 0 };
  }

  #heard({ slowestMs }: { readonly slowestMs: number }): void {
    this.slowestMs = Math.max(this.slowestMs, slowestMs);
  }

  #isWorn(): boolean {
    return this.#refusals.syntax >= SYNTAX_LIMIT || this.#refusals.all >= REFUSALS_LIMIT;
  }
}
