/**
 * Days of a server's life from one seed: users send, servers answer as they like, an operator meddles, the store fails,
 * and the server dies at any step of the store and starts again on what is in the file.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  openQueue,
  type QueueRunner,
  type QueueSettings,
} from "../../../src/service/queue/index.ts";
import { queueSchema } from "../../../src/service/queue/settings.ts";
import type { Store } from "../../../src/store/index.ts";
import { openSqliteStore } from "../../../src/store/sqlite/index.ts";
import { Dice } from "../../fuzz/dice.ts";
import { audit } from "./audit.ts";
import { Ledger } from "./ledger.ts";
import { MortalStore } from "./mortal-store.ts";
import { Network } from "./network.ts";
import { People } from "./people.ts";
import { known, makeSite, queueDeps, type Mailboxes } from "./site.ts";
import { SimulatedTime } from "./time.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Steps of the store until the server dies, at most: some days. */
const LONGEST_LIFE = 200;
/** Deaths after which the file is closed and opened again; the others only begin anew on it, which costs a tenth. */
const REOPENED_PERCENT = 10;
/** Hours from one event to the next, at most. */
const EVENT_HOURS = 20;
/** How often the runner looks at the store unasked; seconds would only cost time here. */
const LOOK_MS = 5 * MINUTE_MS;
/** Days from one check of everything to the next. */
const CHECK_DAYS = 5;

export interface Lived {
  readonly days: number;
  readonly seed: number;
  readonly deaths: number;
  readonly connections: number;
  readonly counts: Ledger["counts"];
  readonly inQueue: number;
  /** What broke a promise; none when all were kept. */
  readonly problems: readonly string[];
}

/** Lives through so many days; `shown` hears now and then how many are over. */
export async function live(
  days: number,
  seed: number,
  shown: (day: number) => void = () => {},
): Promise<Lived> {
  const folder = mkdtempSync(join(tmpdir(), "gatepost-simulation-"));
  const world = new World(seed, join(folder, "store.db"));
  try {
    return await world.live(days, shown);
  } finally {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

class World {
  readonly #seed: number;
  readonly #path: string;
  readonly #dice: Dice;
  readonly #time = new SimulatedTime();
  readonly #ledger = new Ledger();
  readonly #network: Network;
  readonly #people: People;
  readonly #settings: QueueSettings = queueSchema.parse({ recipients_per_destination: 4 });
  #store: Store | undefined;
  #mortal: MortalStore | undefined;
  #runner: QueueRunner | undefined;
  #mailboxes: Mailboxes | undefined;
  #deaths = 0;

  constructor(seed: number, path: string) {
    this.#seed = seed;
    this.#path = path;
    this.#dice = new Dice(seed);
    this.#people = new People(this.#dice, this.#time, this.#ledger);
    this.#network = new Network(seed, this.#time, this.#ledger, () => known(this.#store));
  }

  async live(days: number, shown: (day: number) => void): Promise<Lived> {
    await this.#open();
    this.#mailboxes = await makeSite(known(this.#store));
    this.#start();
    for (let day = 1; day <= days && this.#ledger.problems.length === 0; day++) {
      await this.#day(day * DAY_MS);
      const store = known(this.#store);
      await this.#people.readMail(store, known(this.#mailboxes));
      if (day % CHECK_DAYS === 0 || day === days)
        await audit(store, this.#ledger, this.#time.now());
      shown(day);
    }
    const { rows: inQueue } = await known(this.#store).queue.counts();
    return {
      days,
      seed: this.#seed,
      deaths: this.#deaths,
      connections: this.#network.connections,
      counts: { ...this.#ledger.counts, messages: this.#people.sent },
      inQueue,
      problems: this.#ledger.problems,
    };
  }

  async close(): Promise<void> {
    await this.#mortal?.idle();
    await this.#store?.close();
  }

  // ---- A day ----

  async #day(end: number): Promise<void> {
    while (this.#time.elapsed() < end) {
      const next = Math.min(end, this.#time.elapsed() + this.#dice.below(EVENT_HOURS * HOUR_MS));
      await this.#pass(next);
      await this.#happen();
    }
  }

  /** Everything that follows from what was begun, until then. */
  async #pass(until: number): Promise<void> {
    await this.#settleDown();
    while (this.#time.elapsed() < until) {
      this.#time.jump(until);
      await this.#settleDown();
    }
  }

  async #settleDown(): Promise<void> {
    await known(this.#mortal).idle();
    if (known(this.#mortal).isDead) await this.#rise();
  }

  #happen(): Promise<void> {
    const event = this.#dice.weighted<() => Promise<void>>([
      [70, () => this.#send()],
      [10, () => this.#meddle()],
      [4, () => this.#failForAWhile()],
      [4, () => this.#restart()],
      [12, () => Promise.resolve()],
    ]);
    return event();
  }

  async #send(): Promise<void> {
    const draft = known(this.#mortal).openMessage();
    this.#people.send(draft, known(this.#mailboxes), () => this.#runner?.wake());
    await this.#settleDown();
  }

  async #meddle(): Promise<void> {
    await this.#people.meddle(known(this.#store));
    this.#runner?.wake();
    await this.#settleDown();
  }

  // ---- The server ----

  async #open(): Promise<void> {
    this.#store = await openSqliteStore({ path: this.#path, exclusive: true, clock: this.#time });
    await this.#store.recover();
  }

  #start(): void {
    const mortal = new MortalStore(known(this.#store), 1 + this.#dice.below(LONGEST_LIFE));
    this.#mortal = mortal;
    const [mailboxes, delivery, time] = [known(this.#mailboxes), this.#network, this.#time];
    const deps = queueDeps(mortal, { mailboxes, delivery, time }, this.#dice.next());
    this.#runner = openQueue(() => this.#settings, deps, LOOK_MS);
  }

  /** It died somewhere: another one starts on what is in the file. */
  async #rise(): Promise<void> {
    this.#deaths++;
    this.#time.forgetAlarms();
    this.#network.reset();
    if (this.#dice.chance(REOPENED_PERCENT)) {
      await known(this.#store).close();
      await this.#open();
    } else await known(this.#store).recover();
    this.#start();
    await this.#settleDown();
  }

  /** An orderly end, unless it dies in that, and another start. */
  async #restart(): Promise<void> {
    let stopped = false;
    void known(this.#runner)
      .stop(0)
      .finally(() => (stopped = true));
    const isOver = (): boolean => stopped || known(this.#mortal).isDead;
    for (let i = 0; i < 100 && !isOver(); i++) {
      await known(this.#mortal).idle();
      if (!isOver()) this.#time.jump(this.#time.elapsed() + MINUTE_MS);
    }
    if (!isOver()) this.#ledger.complain("the server does not stop");
    if (known(this.#mortal).isDead) return this.#rise();
    this.#time.forgetAlarms();
    this.#start();
  }

  async #failForAWhile(): Promise<void> {
    const mortal = known(this.#mortal);
    mortal.fail(true);
    await this.#pass(this.#time.elapsed() + this.#dice.below(HOUR_MS));
    mortal.fail(false);
  }
}
