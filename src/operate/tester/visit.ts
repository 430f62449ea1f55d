/**
 * One endpoint, visited: one connection at a time, each case after the other with RSET between, or on a connection of its own. Polite:
 * paced, gone before a server loses patience, back later a few times where it asks for it, and away where nothing helps.
 */
import { CATALOGUE, type Vector } from "../relaytest/index.ts";
import type { Domain } from "../../mail/index.ts";
import { Attempt } from "./attempt.ts";
import { NOTHING_OBSERVED, type Observed } from "./observed.ts";
import { gradeOf, type Graded } from "./grade.ts";
import { endpointText, type Endpoint, type Machine } from "./machine.ts";
import type { TestMemory, TriedCase } from "./memory.ts";
import { planCases, spellOut, type Plan, type RemoteCase } from "./remote-cases.ts";
import { remoteNames, type Knowledge } from "./remote-names.ts";
import { firstLook, type FirstLook } from "./first-look.ts";
import { Patience } from "./patience.ts";
import { openSession, type NotReady, type Ready } from "./session.ts";
import { testMessage } from "./test-message.ts";
import { makeToken } from "./token.ts";

export interface VisitOptions {
  readonly knowledge: Knowledge;
  /** The tester's domain. */
  readonly foreign: Domain;
  readonly contact?: string;
  /** By what messages come back, in words; left out, by nothing. */
  readonly wayBack?: { readonly name: string };
  /** Milliseconds between two cases. */
  readonly paceMs: number;
  readonly only?: (vector: Vector) => boolean;
  /** Called after each case; `of` of how many. */
  readonly progress?: (done: number, of: number, title: string) => void;
  /** Transcripts of everything are kept, not of what is worth a look. */
  readonly everyTranscript?: boolean;
  /** No further case is begun. */
  readonly stopped?: () => boolean;
}

export interface Visited {
  readonly endpoint: Endpoint;
  readonly look: FirstLook;
  readonly plan: Plan;
  readonly tried: readonly TriedCase[];
  /** Why cases were left, where some were. */
  readonly gaveUp?: string;
  readonly busy: number;
  readonly slowestMs: number;
}

/** Connections that fail one after the other before the rest is given up. */
const FAILURES_LIMIT = 3;

/** Refusals on one connection: servers slow down or hang up after ten, or after three that they do not understand. */
const REFUSALS_LIMIT = 8;
const SYNTAX_LIMIT = 2;

/** Transcripts that are kept of one endpoint. */
const TRANSCRIPTS_LIMIT = 300;

export class Visit {
  readonly #endpoint: Endpoint;
  readonly #test: string;
  readonly #options: VisitOptions;
  readonly #machine: Machine;
  readonly #memory: TestMemory;
  readonly #tried: TriedCase[] = [];
  #open: (Ready & { readonly manner: string }) | undefined;
  #refusals = { syntax: 0, all: 0 };
  readonly #patience: Patience;
  #failures = 0;
  #slowestMs = 0;
  #transcripts = 0;
  #gaveUp: string | undefined;

  constructor(
    endpoint: Endpoint,
    test: string,
    options: VisitOptions,
    machine: Machine,
    memory: TestMemory,
  ) {
    this.#endpoint = endpoint;
    this.#test = test;
    this.#options = options;
    this.#machine = machine;
    this.#memory = memory;
    this.#patience = new Patience(machine);
  }

  async run(): Promise<Visited> {
    const look = await this.#look();
    const plan = look.kind === "seen" ? this.#plan(look) : { cases: [], untried: new Map() };
    if (look.kind === "seen") await this.#tryAll(plan, look);
    this.#hangUp();
    return {
      endpoint: this.#endpoint,
      look,
      plan,
      tried: this.#tried,
      ...(this.#gaveUp !== undefined && { gaveUp: this.#gaveUp }),
      busy: this.#patience.busy,
      slowestMs: Math.max(this.#slowestMs, look.slowestMs),
    };
  }

  async #look(): Promise<FirstLook> {
    for (let waits = 0; ; waits++) {
      const look = await firstLook(this.#endpoint, this.#options, this.#machine);
      if (!(await this.#comesBack(look, waits))) return look;
    }
  }

  #comesBack(look: FirstLook, waits: number): Promise<boolean> {
    if (look.kind === "busy") return this.#patience.untilFree(waits);
    if (look.kind === "seen" && look.deferred) return this.#patience.untilKnown(waits);
    return Promise.resolve(false);
  }

  #plan({ offers }: FirstLook & { readonly kind: "seen" }): Plan {
    return planCases(CATALOGUE, offers, this.#options.only);
  }

  async #tryAll({ cases }: Plan, look: FirstLook & { readonly kind: "seen" }): Promise<void> {
    const { progress, stopped, paceMs } = this.#options;
    const where = endpointText(this.#endpoint);
    const before = (await this.#memory.triedBefore(this.#test)).filter(
      ({ endpoint }) => endpoint === where,
    );
    const done = new Set(before.map(({ key }) => key));
    this.#tried.push(...before);
    for (const [i, planned] of cases.entries()) {
      if (done.has(planned.key)) continue;
      if (stopped?.() === true) this.#gaveUp = "the test was interrupted";
      if (this.#gaveUp !== undefined) return;
      const token = makeToken(this.#machine.random);
      const names = remoteNames(look.names, this.#options.foreign, token);
      const spelled = spellOut(planned, names, token, look.offers.mailbox);
      await this.#try(spelled);
      progress?.(i + 1, cases.length, spelled.title);
      if (paceMs > 0) await this.#machine.sleep(paceMs);
    }
  }

  async #try(next: RemoteCase): Promise<void> {
    const { key, token, manner, title, vector, foreignSender } = next;
    const expected = { endpoint: endpointText(this.#endpoint), key, token };
    await this.#memory.expects(this.#test, expected);
    const graded = await this.#graded(next);
    if (graded === undefined) return;
    const tried = { ...expected, vector: vector.id, title, manner, foreignSender, ...graded };
    this.#tried.push(tried);
    await this.#memory.tried(this.#test, tried);
  }

  /** Undefined where the endpoint was given up. */
  async #graded(next: RemoteCase): Promise<(Graded & Pick<TriedCase, "transcript">) | undefined> {
    // A connection that others have used before may end for what they did: once more, on one of its own.
    for (let waits = 0, own = next.alone; ; own = true) {
      const session = await this.#session(next, own);
      if (session.kind !== "ready") {
        if (!(await this.#goOn(session, waits++))) return this.#unopened(session);
        continue;
      }
      const observed = await this.#attempt(next, session);
      if (observed.end !== "open" && !own) {
        this.#hangUp();
        continue;
      }
      const graded = gradeOf(observed, this.#options.wayBack !== undefined);
      const transcript = session.talker.takeTranscript();
      await this.#afterwards(observed, own);
      return { ...graded, ...(this.#keeps(graded) && { transcript }) };
    }
  }

  #attempt(next: RemoteCase, { talker }: Ready): Promise<Observed> {
    const { foreign, contact } = this.#options;
    const message = testMessage({
      foreign,
      token: next.token,
      target: endpointText(this.#endpoint),
      title: next.title,
      at: this.#machine.clock.now(),
      ...(contact !== undefined && { contact }),
    });
    return new Attempt(talker, message).run(next);
  }

  /** The connection that is kept, where the case may share it; or a new one. */
  async #session(next: RemoteCase, own: boolean): Promise<Ready | NotReady> {
    const kept = this.#open;
    if (!own && kept?.manner === next.manner && !kept.talker.over && !this.#isWorn()) return kept;
    this.#hangUp();
    const opening = {
      manner: next.manner,
      name: this.#options.foreign,
      ...(next.hello !== undefined && { hello: next.hello }),
    };
    const opened = await openSession(this.#endpoint, opening, this.#machine);
    if (opened.kind === "ready") {
      this.#failures = 0;
      this.#open = { ...opened, manner: own ? "alone" : next.manner };
    }
    return opened;
  }

  #isWorn(): boolean {
    return this.#refusals.syntax >= SYNTAX_LIMIT || this.#refusals.all >= REFUSALS_LIMIT;
  }

  async #afterwards({ end, refusals }: Observed, own: boolean): Promise<void> {
    this.#refusals.all += refusals.all;
    this.#refusals.syntax += refusals.syntax;
    if (own || end !== "open" || this.#isWorn()) return this.#hangUp();
    const reset = await this.#open?.talker.ask("RSET\r\n");
    this.#open?.talker.takeTranscript();
    if (reset?.kind !== "reply" || reset.reply.code !== 250) this.#hangUp();
  }

  #hangUp(): void {
    const talker = this.#open?.talker;
    if (talker !== undefined && !talker.over) talker.say("QUIT\r\n");
    if (talker !== undefined) this.#slowestMs = Math.max(this.#slowestMs, talker.slowestMs);
    talker?.close();
    this.#open = undefined;
    this.#refusals = { syntax: 0, all: 0 };
  }

  /** Whether to knock again after what was no session. */
  async #goOn(session: NotReady, waits: number): Promise<boolean> {
    if (session.kind === "busy") return this.#patience.untilFree(waits);
    const failed = session.kind === "failed" || session.kind === "unreachable";
    return failed && ++this.#failures < FAILURES_LIMIT;
  }

  /** A case's own greeting may be refused; anything else is about the endpoint. */
  #unopened(session: NotReady): Graded | undefined {
    if (session.kind === "turned away" && session.at === "hello")
      return gradeOf({ ...NOTHING_OBSERVED, decisive: session.reply }, true);
    this.#gaveUp =
      "why" in session ? session.why : "it refuses to talk, or asks to come back too often";
    return undefined;
  }

  #keeps({ grade }: Graded): boolean {
    if (grade === "closed" && this.#options.everyTranscript !== true) return false;
    return this.#transcripts++ < TRANSCRIPTS_LIMIT;
  }
}
