/** The tester of other servers, put together: sockets, resolver, the way back, what is remembered; and the rules of whom it may test. */
import { setTimeout as wait } from "node:timers/promises";
import type { Domain, Ip } from "../mail/index.ts";
import { NetDialler, openResolver } from "../net/index.ts";
import {
  aboutOf,
  findEndpoints,
  isNear,
  MemoryOfNow,
  NotTested,
  testServer,
  type Endpoint,
  type FoundEndpoints,
  type KeptTest,
  type Knowledge,
  type Machine,
  type OptOuts,
  type Target,
  type TestCause,
  type TestMemory,
  type TestOptions,
  type TestResult,
  type WayBack,
} from "../operate/tester/index.ts";
import type { Resolver } from "../protocol/dns/index.ts";
import { silentLog, systemClock, systemRandom } from "../runtime/index.ts";
import type { Config } from "../config/index.ts";
import { askConsent } from "./consent.ts";
import { connectForTest } from "./tester-connection.ts";
import { ownWayBack, type OwnMx } from "./own-way-back.ts";
import { openSink, type Sink } from "./test-sink.ts";

export interface TesterPlan {
  /** The tester's domain. */
  readonly domain: Domain;
  readonly contact?: string;
  readonly dns: Config["dns"];
  readonly dailyCap: number;
  /** Servers that are not to be tested. */
  readonly optOuts: OptOuts;
  /** Milliseconds between two tries at a stranger's server. */
  readonly paceMs: number;
  /** The domain is the one that this site takes mail for. */
  readonly mx?: OwnMx;
  /** Where the command takes what comes back, by itself. */
  readonly sink?: { readonly ip: Ip; readonly port: number };
  /** How long is waited for what was taken, in milliseconds. */
  readonly waitMs: number;
}

export interface TestWanted extends Pick<
  TestOptions,
  "only" | "progress" | "everyTranscript" | "stopped" | "longestMs" | "begun"
> {
  readonly target: Target;
  /** As it was written. */
  readonly name: string;
  readonly ports: readonly number[];
  readonly knowledge: Knowledge;
  readonly mine: boolean;
  /** Why it is tested without its owner's word. */
  readonly cause?: TestCause;
  /** Milliseconds, instead of what politeness asks for. */
  readonly paceMs?: number;
  /** Plain data, which is kept: what was asked for, in the words of whoever asks. */
  readonly asked?: unknown;
  /** Goes on with it, at the same endpoints. */
  readonly resumed?: KeptTest;
}

/** What is kept with a test. */
interface Asked extends FoundEndpoints {
  readonly by: unknown;
}

/** What was asked for, as it was handed in. */
export function askedBefore(test: KeptTest): unknown {
  return (test.asked as Asked).by; // as `test` below wrote it
}

export type TesterResolver = Resolver & { close(): void };

const CONNECT_TIME_MS = 15_000;
const HANDSHAKE_TIME_MS = 30_000;
const DAY_MS = 86_400_000;
const TEST_ID_OCTETS = 8;

/** How soon an interruption ends a wait, in milliseconds. */
const STOP_INTERVAL_MS = 200;

async function sleep(ms: number, stopped?: () => boolean): Promise<void> {
  const until = systemClock.elapsed() + ms;
  for (;;) {
    const left = until - systemClock.elapsed();
    if (left <= 0 || stopped?.() === true) return;
    await wait(Math.min(left, STOP_INTERVAL_MS));
  }
}

export class RelayTester {
  readonly #plan: TesterPlan;
  readonly #memory: TestMemory;
  readonly #dialler: NetDialler;
  readonly #resolver: TesterResolver;
  readonly #machine: Machine;
  readonly #sink: Sink | undefined;
  /** Asked once, however many servers are tested. */
  #ownWayBack: Promise<WayBack> | undefined;

  private constructor(
    plan: TesterPlan,
    memory: TestMemory,
    resolver: TesterResolver,
    sink: Sink | undefined,
  ) {
    const time = { handshakeMs: HANDSHAKE_TIME_MS, sessionMs: DAY_MS };
    this.#plan = plan;
    this.#memory = memory;
    this.#sink = sink;
    this.#dialler = new NetDialler({ clock: systemClock, log: silentLog, ...time });
    this.#resolver = resolver;
    this.#machine = {
      connect: (endpoint) => connectForTest(this.#dialler, endpoint, CONNECT_TIME_MS),
      clock: systemClock,
      sleep,
      random: systemRandom,
    };
  }

  /** Rejects with a ListenError where the sink cannot have its port. */
  static async open(
    plan: TesterPlan,
    memory: TestMemory = new MemoryOfNow(),
    resolver: TesterResolver = openResolver(plan.dns, { clock: systemClock, random: systemRandom }),
  ): Promise<RelayTester> {
    const sink = plan.sink && (await openSink(plan.sink, plan.domain, memory));
    return new RelayTester(plan, memory, resolver, sink);
  }

  /** Throws NotTested where the target may not be tested. */
  async test(wanted: TestWanted): Promise<TestResult> {
    const { target, name, knowledge, asked = null, resumed } = wanted;
    const { endpoints, problems } = await this.#endpoints(wanted);
    if (endpoints.length === 0)
      throw new NotTested("nothing to test", `${name}: there is nothing to test (${problems.join("; ")})`); // prettier-ignore
    await this.#checkConsent(wanted, endpoints);
    const near = endpoints.every(({ ip }) => isNear(ip));
    const { domain, contact, paceMs } = this.#plan;
    const wayBack = await this.#wayBack();
    const { only, progress, everyTranscript, stopped, longestMs, begun } = wanted;
    return testServer(
      {
        about: aboutOf(target),
        target: name,
        endpoints,
        problems,
        id: resumed?.id ?? Buffer.from(systemRandom.octets(TEST_ID_OCTETS)).toString("hex"),
        asked: { by: asked, endpoints, problems } satisfies Asked,
        ...(resumed !== undefined && { before: resumed.found?.visits ?? [] }),
        ...(begun !== undefined && { begun }),
        knowledge,
        foreign: domain,
        paceMs: wanted.paceMs ?? (near ? 0 : paceMs),
        ...(contact !== undefined && { contact }),
        ...(wayBack !== undefined && { wayBack }),
        ...(only !== undefined && { only }),
        ...(progress !== undefined && { progress }),
        ...(everyTranscript !== undefined && { everyTranscript }),
        ...(stopped !== undefined && { stopped }),
        ...(longestMs !== undefined && { longestMs }),
      },
      this.#machine,
      this.#memory,
    );
  }

  async close(): Promise<void> {
    this.#resolver.close();
    await this.#dialler.stop(0);
    await this.#sink?.close();
  }

  #endpoints({ target, ports, resumed }: TestWanted): Promise<FoundEndpoints> {
    if (resumed === undefined) return findEndpoints(target, ports, this.#resolver);
    return Promise.resolve(resumed.asked as Asked); // as `test` wrote it
  }

  /** A test that is gone on with has been counted, and is asked for its owner's consent again. */
  async #checkConsent(
    { target, mine, cause, resumed }: TestWanted,
    endpoints: readonly Endpoint[],
  ): Promise<void> {
    const { optOuts, domain } = this.#plan;
    const goesOn = resumed !== undefined;
    const consent = await askConsent(
      {
        about: aboutOf(target),
        endpoints,
        mine,
        tester: domain,
        optOuts,
        dailyCap: goesOn ? Infinity : this.#plan.dailyCap,
        ...(cause !== undefined && { cause: goesOn ? { ...cause, dailyCap: Infinity } : cause }),
      },
      { machine: this.#machine, resolver: this.#resolver, memory: this.#memory },
    );
    if (consent.kind === "no") throw new NotTested(consent.reason, consent.why);
  }

  async #wayBack(): Promise<WayBack | undefined> {
    const { sink, mx, domain, waitMs } = this.#plan;
    if (sink !== undefined && this.#sink !== undefined)
      return { name: `the sink on ${sink.ip} port ${this.#sink.port}`, waitMs };
    if (mx === undefined) return undefined;
    const asked = { machine: this.#machine, resolver: this.#resolver };
    return (this.#ownWayBack ??= ownWayBack(mx, domain, waitMs, asked));
  }
}
