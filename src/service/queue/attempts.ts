/**
 * What was claimed, until it is settled or given back: attempts run side by side, as many as all limits allow, and
 * what waits behind them waits here. Promises: no destination delays another, and each claimed row has one end.
 */
import type { Claimed, ClaimedRow, Lease, QueueRow } from "../../store/index.ts";
import { attemptLoad } from "./attempt.ts";
import { Destinations, type Ended, type Rest } from "./destinations.ts";
import type { QueueDeps } from "./deps.ts";
import type { Insistence } from "./insistence.ts";
import { Leases } from "./leases.ts";
import { Loads, loadsOf, type Load } from "./loads.ts";
import { expiryOf, nextAttempt, type Schedule } from "./schedule.ts";
import { scheduleOf, type QueueSettings } from "./settings.ts";
import type { Attempted } from "./settle.ts";
import { isUnfinished, type Settlements } from "./settlement.ts";
import { withoutWithdrawn } from "./withdrawn.ts";

export interface AttemptsParts {
  readonly settings: () => QueueSettings;
  readonly deps: QueueDeps;
  readonly insistence: Insistence;
  readonly settlements: Settlements;
  /** There is room for more. */
  readonly onEnd: () => void;
}

/** Loads that share the outcome of a destination that rests. */
interface Resting {
  readonly loads: readonly Load[];
  readonly rest: Rest;
}

export class Attempts {
  readonly #parts: AttemptsParts;
  readonly #destinations: Destinations;
  readonly #loads = new Loads();
  readonly #leases = new Leases();
  readonly #running = new Set<Promise<void>>();

  constructor(parts: AttemptsParts) {
    this.#parts = parts;
    this.#destinations = new Destinations(parts.deps.clock);
  }

  get underWay(): number {
    return this.#loads.underWay;
  }

  /** Those that run now have all ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#running);
  }

  async renewLeases(): Promise<void> {
    const { queue, clock } = this.#parts.deps;
    await this.#leases.renew(clock.now(), (...lease) => queue.extend(...lease));
  }

  /** Whether anything came of it at once. */
  async take(claimed: Claimed, until: number): Promise<boolean> {
    const rows = claimed.destinations.flatMap((one) => one.rows);
    this.#leases.take(claimed.lease, rows, until);
    const resting = new Map<Rest, Load[]>();
    for (const load of loadsOf(claimed, this.#parts.deps.clock.elapsed())) {
      const rest = this.#restOf(load);
      if (rest === undefined) this.#loads.add(load);
      else resting.set(rest, [...(resting.get(rest) ?? []), load]);
    }
    const started = this.#start();
    for (const [rest, loads] of resting) await this.#share({ loads, rest });
    return started || resting.size > 0;
  }

  async giveBackWaiting(): Promise<void> {
    for (const { lease, rows } of this.#loads.takeAll()) await this.#giveBack(lease, rows);
  }

  #start(): boolean {
    let started = false;
    const { attempts, attempts_per_destination: most } = this.#parts.settings();
    while (!this.#parts.insistence.isStopping && this.#loads.underWay < attempts) {
      const load = this.#loads.start((name) => this.#destinations.limit(name, most));
      if (load === undefined) break;
      const running = this.#perform(load).finally(() => this.#running.delete(running));
      this.#running.add(running);
      started = true;
    }
    return started;
  }

  /** Never rejects. */
  async #perform(claimed: Load): Promise<void> {
    const { deps } = this.#parts;
    const { load, withdrawn } = await withoutWithdrawn(claimed, deps);
    if (withdrawn.length > 0) await this.#giveBack(claimed.lease, withdrawn);
    if (load !== undefined) await this.#attempt(load);
    this.#loads.ended(claimed);
    this.#start();
    this.#parts.onEnd();
  }

  async #attempt(load: Load): Promise<void> {
    const { deps, insistence, settlements } = this.#parts;
    const { lease, destination } = load;
    const began = deps.clock.now();
    const beganElapsed = deps.clock.elapsed();
    const { attempted, attempt } = await attemptLoad(load, deps);
    const { isStopping } = insistence;
    const resting =
      attempt === undefined || isStopping
        ? []
        : this.#learn(destination, { attempt, began: beganElapsed });
    const unfinished = isStopping ? attempted.filter(isUnfinished) : [];
    const ended = isStopping ? attempted.filter((one) => !isUnfinished(one)) : attempted;
    const { carried, passedOver } = attempt ?? {};
    await settlements.end({
      lease,
      destination,
      began,
      attempted: ended,
      ...(carried !== undefined && { carried }),
      ...(passedOver !== undefined && { passedOver }),
    });
    this.#leases.drop(lease, rowsOf(ended));
    if (unfinished.length > 0) await this.#giveBack(lease, rowsOf(unfinished));
    for (const one of resting) await this.#share(one);
  }

  /** What waits for a destination that was just found unreachable need not find that out itself. */
  #learn(destination: string, ended: Ended): readonly Resting[] {
    const most = this.#parts.settings().attempts_per_destination;
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

  async #share({ loads, rest }: Resting): Promise<void> {
    await this.#parts.settlements.share(loads, rest);
    for (const { lease, rows } of loads) this.#leases.drop(lease, rows);
  }

  async #giveBack(lease: Lease, rows: readonly QueueRow[]): Promise<void> {
    const ids = rows.map(({ id }) => id);
    const { deps, insistence } = this.#parts;
    await insistence.until(() => deps.queue.giveBack(lease, ids, deps.clock.now()));
    this.#leases.drop(lease, rows);
  }

  #schedule(): Schedule {
    return scheduleOf(this.#parts.settings());
  }
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
