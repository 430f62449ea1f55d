/**
 * The queue at work: claims what is due, has it attempted, as much at once as its limits and each destination allow,
 * and settles what came of it. Promises: no destination delays another; an outcome is settled once it is known,
 * however long the store fails; and no failure of the store or of an attempt ends the loop.
 */
import { sessionId, SESSION_ID_ENTROPY_OCTETS } from "../../mail/index.ts";
import { errorText } from "../../runtime/index.ts";
import type { Claimed, ClaimedRow, Lease, QueueRow } from "../../store/index.ts";
import { attemptLoad } from "./attempt.ts";
import { Bell } from "./bell.ts";
import { Destinations, type Ended, type Rest } from "./destinations.ts";
import type { QueueDeps } from "./deps.ts";
import { Figures, type QueueFigures } from "./figures.ts";
import { Insistence, STORE_PAUSE_MS } from "./insistence.ts";
import { Leases, LEASE_MS } from "./leases.ts";
import { Loads, loadsOf, type Load } from "./loads.ts";
import { Notices } from "./notices.ts";
import { expiryOf, nextAttempt, type Schedule } from "./schedule.ts";
import { scheduleOf, type QueueSettings } from "./settings.ts";
import type { Attempted } from "./settle.ts";
import { isUnfinished, Settlements } from "./settlement.ts";

/** How often the store is looked at for what another process changed. */
export const LOOK_MS = 1000;
/** Taken out at once; mail that comes in waits for the store meanwhile. */
const CLAIMED_DESTINATIONS = 20;
/** From a claim of which nothing could start at once to the next: what is under way makes room in lots, not one by one. */
const CROWDED_MS = 20;
/** What is left at a stop, after delivery has ended all attempts, has so long to be settled. */
const LAST_SETTLEMENTS_MS = 5000;

const MINUTE_MS = 60_000;

export class QueueRunner {
  readonly #settings: () => QueueSettings;
  readonly #deps: QueueDeps;
  readonly #lookMs: number;
  readonly #owner: string;
  readonly #bell: Bell;
  readonly #insistence: Insistence;
  readonly #destinations: Destinations;
  readonly #loads = new Loads();
  readonly #leases = new Leases();
  readonly #notices: Notices;
  readonly #figures = new Figures();
  readonly #settlements: Settlements;
  readonly #performing = new Set<Promise<void>>();
  readonly #loop: Promise<void>;
  /** Not before, by the clock that never goes back. */
  #nextClaim = 0;

  constructor(settings: () => QueueSettings, deps: QueueDeps, lookMs: number) {
    this.#settings = settings;
    this.#deps = deps;
    this.#lookMs = lookMs;
    this.#owner = sessionId(deps.random.octets(SESSION_ID_ENTROPY_OCTETS));
    this.#bell = new Bell(deps.timer);
    this.#insistence = new Insistence(deps);
    this.#destinations = new Destinations(deps.clock);
    this.#notices = new Notices(deps);
    this.#settlements = new Settlements({
      deps,
      insistence: this.#insistence,
      notices: this.#notices,
      figures: this.#figures,
      rules: () => ({ schedule: this.#schedule(), wholeLimit: settings().returned_bytes }),
    });
    this.#loop = this.#run();
  }

  /** Something has come into the queue. Cheap, and nobody has to wait. */
  wake(): void {
    this.#bell.ring();
  }

  figures(): QueueFigures {
    return this.#figures.now();
  }

  /** Claims no more, lets attempts end for so long, settles them, and gives the rest back. */
  async stop(graceMs: number): Promise<void> {
    this.#insistence.stop();
    this.#bell.ring();
    await this.#loop;
    for (const { lease, rows } of this.#loads.takeAll()) await this.#giveBack(lease, rows);
    await this.#closeDelivery(graceMs);
    await this.#lastSettlements();
    if (this.#notices.dueIn(0) < Infinity) await this.#notices.send();
  }

  // ---- The loop ----

  async #run(): Promise<void> {
    while (!this.#insistence.isStopping) {
      try {
        await this.#bell.wait(await this.#turn());
      } catch (error) {
        this.#insistence.complain(error);
        await this.#insistence.pause(STORE_PAUSE_MS);
      }
    }
  }

  /** How long there is nothing to do then, in milliseconds, unless somebody rings. */
  async #turn(): Promise<number> {
    const { queue, clock } = this.#deps;
    // Before a claim, which would take what has ended.
    await this.#leases.renew(clock.now(), (...lease) => queue.extend(...lease));
    const noticeMs = this.#settings().notice_minutes * MINUTE_MS;
    if (this.#notices.dueIn(noticeMs) === 0) await this.#notices.send();
    const crowdedMs = await this.#claimDue();
    const dueMs = Math.max((queue.nextDue() ?? Infinity) - clock.now(), crowdedMs);
    return Math.min(this.#lookMs, Math.max(0, dueMs), this.#notices.dueIn(noticeMs));
  }

  /** Milliseconds until there should be another claim, at the earliest. */
  async #claimDue(): Promise<number> {
    const { queue, clock } = this.#deps;
    while (!this.#insistence.isStopping) {
      if (!this.#settings().send) return this.#lookMs;
      const at = clock.now();
      const free = this.#settings().attempts - this.#loads.underWay;
      if (free <= 0) return this.#lookMs; // an attempt that ends will ring
      if ((queue.nextDue() ?? Infinity) > at) return 0;
      const crowdedMs = this.#nextClaim - clock.elapsed();
      if (crowdedMs > 0) return crowdedMs;
      const claimed = await queue.claim({
        owner: this.#owner,
        at,
        until: at + LEASE_MS,
        destinations: Math.min(free, CLAIMED_DESTINATIONS),
        perDestination: this.#settings().recipients_per_destination,
      });
      if (claimed === undefined || !(await this.#take(claimed, at + LEASE_MS)))
        this.#nextClaim = clock.elapsed() + CROWDED_MS;
    }
    return 0;
  }

  /** Whether anything came of it at once. */
  async #take(claimed: Claimed, until: number): Promise<boolean> {
    const resting = new Map<Rest, Load[]>();
    const rows = claimed.destinations.flatMap((one) => one.rows);
    this.#leases.take(claimed.lease, rows, until);
    for (const load of loadsOf(claimed)) {
      const rest = this.#restOf(load);
      if (rest === undefined) this.#loads.add(load);
      else resting.set(rest, [...(resting.get(rest) ?? []), load]);
    }
    if (this.#insistence.isStopping) return false; // stop gives them back
    const started = this.#start();
    for (const [rest, loads] of resting) await this.#share(loads, rest);
    return started || resting.size > 0;
  }

  #start(): boolean {
    let started = false;
    const { attempts, attempts_per_destination: most } = this.#settings();
    while (!this.#insistence.isStopping && this.#loads.underWay < attempts) {
      const load = this.#loads.start((name) => this.#destinations.limit(name, most));
      if (load === undefined) break;
      const performing = this.#perform(load).finally(() => this.#performing.delete(performing));
      this.#performing.add(performing);
      started = true;
    }
    return started;
  }

  // ---- One attempt ----

  /** Never rejects. */
  async #perform(load: Load): Promise<void> {
    const { lease, destination } = load;
    const began = this.#deps.clock.now();
    const { attempted, attempt } = await attemptLoad(load, this.#deps);
    const { isStopping } = this.#insistence;
    const resting =
      attempt === undefined || isStopping ? [] : this.#learn(destination, { attempt, began });
    const unfinished = isStopping ? attempted.filter(isUnfinished) : [];
    const ended = isStopping ? attempted.filter((one) => !isUnfinished(one)) : attempted;
    const connection = attempt?.carried === undefined ? {} : { carried: attempt.carried };
    await this.#settlements.end({ lease, destination, began, attempted: ended, ...connection });
    this.#leases.drop(lease, rowsOf(ended));
    if (unfinished.length > 0) await this.#giveBack(lease, rowsOf(unfinished));
    for (const { loads, rest } of resting) await this.#share(loads, rest);
    this.#loads.ended(load);
    this.#start();
    this.#bell.ring();
  }

  /** What waits for a destination that was just found unreachable need not find that out itself. */
  #learn(destination: string, ended: Ended): readonly Resting[] {
    const most = this.#settings().attempts_per_destination;
    this.#destinations.learn(destination, ended, this.#schedule(), most);
    const rest = this.#destinations.rest(destination);
    return rest === undefined ? [] : [{ loads: this.#loads.take(destination), rest }];
  }

  /** The rest that this load has a share in; none where an operator wants to know again. */
  #restOf({ destination, rows }: Load): Rest | undefined {
    const rest = this.#destinations.rest(destination);
    if (rest === undefined) return undefined;
    const schedule = this.#schedule();
    const wanted = rows.some((row) => row.dueSince > rest.since && isBroughtForward(row, schedule));
    return wanted ? undefined : rest;
  }

  async #share(loads: readonly Load[], rest: Rest): Promise<void> {
    await this.#settlements.share(loads, rest);
    for (const { lease, rows } of loads) this.#leases.drop(lease, rows);
  }

  async #giveBack(lease: Lease, rows: readonly QueueRow[]): Promise<void> {
    const ids = rows.map(({ id }) => id);
    const { queue, clock } = this.#deps;
    await this.#insistence.until(() => queue.giveBack(lease, ids, clock.now()));
    this.#leases.drop(lease, rows);
  }

  async #closeDelivery(graceMs: number): Promise<void> {
    try {
      await this.#deps.delivery.close(graceMs);
    } catch (error) {
      this.#deps.log.error("delivery not closed", { problem: errorText(error) });
    }
  }

  async #lastSettlements(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#deps.timer.after(LAST_SETTLEMENTS_MS, resolve);
    await Promise.race([promise, Promise.all(this.#performing)]);
    cancel();
  }

  #schedule(): Schedule {
    return scheduleOf(this.#settings());
  }
}

/** Loads that share the outcome of a destination that rests. */
interface Resting {
  readonly loads: readonly Load[];
  readonly rest: Rest;
}

function rowsOf(attempted: readonly Attempted[]): readonly QueueRow[] {
  return attempted.map(({ row }) => row);
}

/** It is due before its time: somebody who may know more said so. */
function isBroughtForward(row: ClaimedRow, schedule: Schedule): boolean {
  if (row.last === undefined) return false;
  const next = nextAttempt(schedule, Math.max(0, row.attempts - 1), row.last.at, 0);
  return row.dueSince < Math.min(next, expiryOf(row.acceptedAt, schedule));
}
