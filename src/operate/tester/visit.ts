/**
 * One endpoint, visited: one connection at a time, each case after the other with RSET between, or on a connection of its own. Polite:
 * paced, gone before a server loses patience, back later a few times where it asks for it, and away where nothing helps.
 */
import { CATALOGUE, type Vector } from "../relaytest/index.ts";
import type { Domain } from "../../mail/index.ts";
import { ahead, expectedCase } from "./ahead.ts";
import { Attempt } from "./attempt.ts";
import { NOTHING_OBSERVED, type Observed } from "./observed.ts";
import { gradeOf, type Graded } from "./grade.ts";
import { endpointText, type Endpoint, type Machine } from "./machine.ts";
import { KeptTranscripts } from "./kept-transcripts.ts";
import type { TestMemory, TriedCase } from "./memory.ts";
import { planCases, type Plan, type RemoteCase } from "./remote-cases.ts";
import type { Knowledge } from "./remote-names.ts";
import { firstLook, type FirstLook, type Seen } from "./first-look.ts";
import { Patience } from "./patience.ts";
import {
  changeSince,
  everySenderRefused,
  ownGreetingRefused,
  refusedNow,
  usualSenderRefused,
  whyUnopened,
  type GivenUp,
} from "./refusal.ts";
import type { NotReady, Ready } from "./session.ts";
import { testMessage } from "./test-message.ts";
import { makeToken, type Token } from "./token.ts";
import { VisitSessions } from "./visit-sessions.ts";

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
  /** Called when it has been looked at, with what there is to say if the test ends before the visit does. */
  readonly looked?: (visited: Visited) => Promise<void>;
  /** Interrupted: no further case is begun, and nothing is waited for. */
  readonly stopped?: () => boolean;
  /** Milliseconds after which no further case is begun. Left out: a server that takes a minute for each reply is listened to for days. */
  readonly longestMs?: number;
}

export interface Visited {
  readonly endpoint: Endpoint;
  readonly look: FirstLook;
  readonly plan: Plan;
  readonly tried: readonly TriedCase[];
  /** Why cases were left, where some were. */
  readonly gaveUp?: GivenUp;
  readonly busy: number;
  readonly slowestMs: number;
}

/** Connections that fail one after the other before the rest is given up. */
const FAILURES_LIMIT = 3;

const INTERRUPTED: GivenUp = { why: "the test was interrupted" };

function tooSlow(ms: number, left: number): GivenUp {
  const hours = ms / 3_600_000;
  return { why: `it is too slow: ${left} cases were left after ${hours === 1 ? "an hour" : `${hours} hours`}` };
} // prettier-ignore

export class Visit {
  readonly #endpoint: Endpoint;
  readonly #test: string;
  readonly #options: VisitOptions;
  readonly #machine: Machine;
  readonly #memory: TestMemory;
  readonly #tried: TriedCase[] = [];
  readonly #sessions: VisitSessions;
  readonly #patience: Patience;
  #failures = 0;
  readonly #transcripts: KeptTranscripts;
  /** Who looks. */
  readonly #sender: Token;
  /** Of the looks. */
  #slowestMs = 0;
  #gaveUp: GivenUp | undefined;
  /** A sender was taken, whichever. */
  #mailTaken = false;

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
    this.#patience = new Patience(machine, options.stopped);
    this.#transcripts = new KeptTranscripts(options.everyTranscript);
    this.#sender = makeToken(machine.random);
    this.#sessions = new VisitSessions(endpoint, options.foreign, machine);
  }

  async run(): Promise<Visited> {
    const look = await this.#look();
    const plan = look.kind === "seen" ? this.#plan(look) : { cases: [], untried: new Map() };
    await this.#options.looked?.(this.#visited(look, plan, INTERRUPTED));
    if (look.kind === "seen") await this.#tryAll(plan, look);
    this.#sessions.hangUp();
    if (this.#options.stopped?.() === true) this.#gaveUp ??= INTERRUPTED;
    if (look.kind === "seen") {
      this.#gaveUp ??= changeSince(look, await this.#look(look.deferred));
      this.#gaveUp ??= this.#mailTaken ? undefined : everySenderRefused(look);
    }
    return this.#visited(look, plan, this.#gaveUp);
  }

  #visited(look: FirstLook, plan: Plan, gaveUp: Visited["gaveUp"]): Visited {
    return {
      endpoint: this.#endpoint,
      look,
      plan,
      tried: this.#tried,
      ...(gaveUp !== undefined && { gaveUp }),
      busy: this.#patience.busy,
      slowestMs: Math.max(this.#sessions.slowestMs, this.#slowestMs),
    };
  }

  /** `putsOff`: it is known to put off everybody, and is not waited for. */
  async #look(putsOff = false): Promise<FirstLook> {
    for (let waits = 0; ; waits++) {
      const look = await firstLook(this.#endpoint, this.#options, this.#machine, this.#sender);
      this.#slowestMs = Math.max(this.#slowestMs, look.slowestMs);
      if (!(await this.#comesBack(look, waits, putsOff))) return look;
    }
  }

  #comesBack(look: FirstLook, waits: number, putsOff: boolean): Promise<boolean> {
    if (look.kind === "busy") return this.#patience.untilFree(waits);
    if (look.kind === "seen" && look.deferred && !putsOff) return this.#patience.untilKnown(waits);
    return Promise.resolve(false);
  }

  #plan({ offers }: Seen): Plan {
    return planCases(CATALOGUE, offers, this.#options.only);
  }

  async #tryAll({ cases }: Plan, look: Seen): Promise<void> {
    const { progress, stopped, paceMs, foreign } = this.#options;
    const where = endpointText(this.#endpoint);
    const before = (await this.#memory.triedBefore(this.#test)).filter(
      ({ endpoint }) => endpoint === where,
    );
    const known = new Set(before.map(({ key }) => key));
    this.#tried.push(...before);
    const left = cases.filter(({ key }) => !known.has(key));
    const expects = (next: readonly RemoteCase[]): Promise<void> =>
      this.#memory.expects(
        this.#test,
        next.map((one) => expectedCase(one, this.#endpoint)),
      );
    let done = cases.length - left.length;
    const { longestMs = Infinity } = this.#options;
    const until = this.#machine.clock.elapsed() + longestMs;
    for await (const next of ahead(left, look, foreign, this.#machine.random, expects)) {
      if (this.#gaveUp !== undefined || stopped?.() === true) return;
      if (this.#machine.clock.elapsed() >= until)
        return this.#giveUp(tooSlow(longestMs, cases.length - done));
      await this.#try(next, look);
      progress?.(++done, cases.length, next.title);
      if (paceMs > 0) await this.#machine.sleep(paceMs, stopped);
    }
  }

  async #try(next: RemoteCase, look: Seen): Promise<void> {
    const graded = await this.#graded(next, look);
    if (graded === undefined) return;
    const tried = { ...expectedCase(next, this.#endpoint), ...graded };
    this.#tried.push(tried);
    await this.#memory.tried(this.#test, tried);
  }

  /** Undefined where the endpoint was given up. */
  async #graded(
    next: RemoteCase,
    look: Seen,
  ): Promise<(Graded & Pick<TriedCase, "transcript">) | undefined> {
    // A connection that others have used before may end for what they did: once more, on one of its own.
    for (let waits = 0, own = next.alone; ; own = true) {
      const session = await this.#sessions.sessionFor(next, own);
      if (session.kind !== "ready") {
        const decisive = ownGreetingRefused(next, session);
        if (decisive !== undefined) return gradeOf({ ...NOTHING_OBSERVED, decisive }, true);
        if (await this.#goOn(session, waits++)) continue;
        return this.#giveUp(whyUnopened(session));
      }
      this.#failures = 0;
      const observed = await this.#attempt(next, session);
      this.#mailTaken ||= observed.mail?.code === 250;
      const refusal = usualSenderRefused(next, observed, look);
      if (!own && (observed.end !== "open" || refusal !== undefined)) {
        this.#sessions.hangUp();
        continue;
      }
      if (refusal !== undefined) {
        this.#sessions.hangUp();
        if (refusal.code < 500 && (await this.#patience.untilFree(waits++))) continue;
        return this.#giveUp(refusedNow("MAIL", refusal));
      }
      const graded = gradeOf(observed, this.#options.wayBack !== undefined);
      const transcript = session.talker.takeTranscript();
      await this.#sessions.afterwards(observed, own);
      return {
        ...graded,
        ...(this.#transcripts.keeps(graded.grade, transcript) && { transcript }),
      };
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

  /** Whether to knock again after what was no session. */
  async #goOn(session: NotReady, waits: number): Promise<boolean> {
    if (session.kind === "busy") return this.#patience.untilFree(waits);
    const failed = session.kind === "failed" || session.kind === "unreachable";
    return failed && ++this.#failures < FAILURES_LIMIT;
  }

  #giveUp(givenUp: GivenUp): undefined {
    this.#gaveUp = this.#options.stopped?.() === true ? INTERRUPTED : givenUp;
  }
}
