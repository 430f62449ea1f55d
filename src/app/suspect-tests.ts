/**
 * Hosts that were reported, looked after while the server runs: those whose time has come, so many at once, of a network one at a time; and those of
 * whose tests a message comes back. Where a site tests nobody for its lists, its store is not asked.
 */
import type { LoadedConfig } from "../config/index.ts";
import { parseIp, routedNetwork, type Ip } from "../mail/index.ts";
import {
  attend,
  attendToReturn,
  kept,
  RETRY_MS,
  type Attending,
  type Examiner,
  type SuspectSettings,
  type SuspectSite,
} from "../operate/suspects/index.ts";
import { errorText, type Clock, type Log } from "../runtime/index.ts";
import type { Store } from "../store/index.ts";
import { suspectSite } from "./suspect-site.ts";

/** Milliseconds between two looks whether somebody's time has come. */
const LOOK_MS = 1000;

/** Hosts whose time has come, looked through for such as are in no network of which one is being tested. */
const LOOKED_THROUGH = 500;

export interface SuspectTestsDeps {
  readonly store: Pick<Store, "suspects" | "published" | "directory">;
  readonly clock: Clock;
  readonly log: Log;
  readonly present: () => LoadedConfig;
  /** Ends its tests soon where `stopped`. */
  readonly examiner: (loaded: LoadedConfig, stopped: () => boolean) => Examiner;
  /** The test that has sent a token. */
  readonly testOf: (token: string) => string | undefined;
}

export class SuspectTests {
  readonly #deps: SuspectTestsDeps;
  readonly #timer: NodeJS.Timeout;
  readonly #running = new Map<Ip, Promise<void>>();
  #stopped = false;
  /** The store could not be written: until then nothing is begun. */
  #pausedUntil = 0;

  constructor(deps: SuspectTestsDeps) {
    this.#deps = deps;
    this.#timer = setInterval(() => this.look(), LOOK_MS).unref();
  }

  /** Begins what is to be done and has room. */
  look(): void {
    const { clock } = this.#deps;
    const settings = this.#settings;
    if (settings === undefined || clock.elapsed() < this.#pausedUntil) return;
    try {
      for (const ip of this.#due(settings)) this.#run(ip, (to) => attend(to, ip));
    } catch (error) {
      this.#failed(error);
    }
  }

  /** A message that this token was for has come back. */
  came(token: string): void {
    if (this.#settings === undefined) return;
    const test = this.#deps.testOf(token);
    if (test === undefined) return;
    this.#judge(test).catch((error: unknown) => this.#failed(error));
  }

  async #judge(test: string): Promise<void> {
    const { store, present, examiner } = this.#deps;
    const about = await examiner(present(), () => this.#stopped).aboutOf(test);
    const ip = parseIp(about ?? "");
    if (ip === undefined || store.suspects.find(ip) === undefined) return;
    this.#run(ip, (to) => attendToReturn(to, ip, test));
  }

  /** Tests end after the try under way; those that do not within the time are left where they are. Either are gone on with. */
  async stop(graceMs: number): Promise<void> {
    clearInterval(this.#timer);
    this.#stopped = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    const grace = setTimeout(resolve, graceMs);
    await Promise.race([Promise.all(this.#running.values()), promise]);
    clearTimeout(grace);
  }

  get #settings(): SuspectSettings | undefined {
    return this.#stopped ? undefined : this.#deps.present().config.suspects;
  }

  /** One of a network: whoever has a network full of hosts that draw out their tests keeps nobody else from his. */
  #due({ tests_at_once: atOnce }: SuspectSettings): readonly Ip[] {
    const { store, clock } = this.#deps;
    let free = atOnce - this.#running.size;
    if (free <= 0) return [];
    const busy = new Set([...this.#running.keys()].map(routedNetwork));
    return store.suspects.due(clock.now(), LOOKED_THROUGH).flatMap(({ ip: text }) => {
      const ip = text as Ip; // as it was reported
      const network = routedNetwork(ip);
      if (free === 0 || busy.has(network)) return [];
      busy.add(network);
      free--;
      return [ip];
    });
  }

  /** After what is under way for the same host. */
  #run(ip: Ip, work: (to: Attending) => Promise<void>): void {
    const before = this.#running.get(ip) ?? Promise.resolve();
    const turn = before
      .then(() => this.#attend(ip, work))
      .finally(() => {
        if (this.#running.get(ip) === turn) this.#running.delete(ip);
      });
    this.#running.set(ip, turn);
  }

  async #attend(ip: Ip, work: (to: Attending) => Promise<void>): Promise<void> {
    const settings = this.#settings;
    if (settings === undefined) return;
    const { store, clock, log, present, examiner } = this.#deps;
    const site = (): SuspectSite => suspectSite(present().config, store, clock);
    const stopped = (): boolean => this.#settings === undefined;
    const { tester } = present().config;
    const to: Attending = {
      // A test takes half an hour: who is protected meanwhile is not listed at its end.
      get site() {
        return site();
      },
      get settings() {
        return present().config.suspects ?? settings;
      },
      tester,
      log,
      examiner: examiner(present(), stopped),
    };
    try {
      await work(to);
    } catch (error) {
      if (this.#stopped) return; // the store is closed, or the test was left where it was
      log.error("suspect not looked after", { ip, problem: errorText(error) });
      const due = clock.now() + RETRY_MS;
      await kept(site(), ip, (suspect) => ({ ...suspect, due })).catch(() => this.#pause());
    }
  }

  #failed(error: unknown): void {
    this.#deps.log.error("suspects not looked after", { problem: errorText(error) });
  }

  #pause(): void {
    this.#pausedUntil = this.#deps.clock.elapsed() + RETRY_MS;
  }
}
