/**
 * The queue at work: claims what is due, has it attempted, as much at once as its limits and each destination allow,
 * and settles what came of it. Promises: no destination delays another; an outcome is settled once it is known,
 * however long the store fails; and no failure of the store or of an attempt ends the loop.
 */
import { sessionId, SESSION_ID_ENTROPY_OCTETS } from "../../mail/index.ts";
import { errorText, HourlyCounts } from "../../runtime/index.ts";
import { Attempts } from "./attempts.ts";
import { Bell } from "./bell.ts";
import type { QueueDeps } from "./deps.ts";
import { Figures, type QueueFigures } from "./figures.ts";
import { Insistence, STORE_PAUSE_MS } from "./insistence.ts";
import { LEASE_MS } from "./leases.ts";
import { Notices } from "./notices.ts";
import { scheduleOf, type QueueSettings } from "./settings.ts";
import { Settlements } from "./settlement.ts";

/** How often the store is looked at for what another process changed. */
export const LOOK_MS = 1000;
/** Taken out at once; mail that comes in waits for the store meanwhile. */
const CLAIMED_DESTINATIONS = 20;
/** From a claim of which nothing could start at once to the next: what is under way makes room in lots, not one by one. */
const CROWDED_MS = 20;
/** What is left at a stop, after delivery has ended all attempts, has so long to be settled. */
const LAST_SETTLEMENTS_MS = 5000;
/**
 * Domains elsewhere of which it is counted how often their senders were told of what was sent on for them and failed. Whoever makes an
 * alias fail as often as he likes does not have us write as often to a domain, though it be his own.
 */
const STRANGER_DOMAINS = 10_000;

const MINUTE_MS = 60_000;

export class QueueRunner {
  readonly #settings: () => QueueSettings;
  readonly #deps: QueueDeps;
  readonly #lookMs: number;
  readonly #owner: string;
  readonly #bell: Bell;
  readonly #insistence: Insistence;
  readonly #notices: Notices;
  readonly #figures = new Figures();
  readonly #attempts: Attempts;
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
    this.#notices = new Notices(deps);
    const settlements = new Settlements({
      deps,
      insistence: this.#insistence,
      notices: this.#notices,
      figures: this.#figures,
      strangers: new HourlyCounts(STRANGER_DOMAINS, deps.clock),
      rules: () => ({
        schedule: scheduleOf(settings()),
        wholeLimit: settings().returned_bytes,
        strangerReports: settings().stranger_reports_per_hour,
      }),
    });
    this.#attempts = new Attempts({
      settings,
      deps,
      insistence: this.#insistence,
      settlements,
      onEnd: () => this.#bell.ring(),
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
    await this.#attempts.giveBackWaiting();
    await this.#closeDelivery(graceMs);
    await this.#lastSettlements();
    if (this.#notices.dueIn(0) < Infinity) await this.#notices.send();
    this.#deps.log.info("queue stopped", { ...this.figures() });
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
    await this.#attempts.renewLeases();
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
      const free = this.#settings().attempts - this.#attempts.underWay;
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
      if (claimed === undefined || !(await this.#attempts.take(claimed, at + LEASE_MS)))
        this.#nextClaim = clock.elapsed() + CROWDED_MS;
    }
    return 0;
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
    await Promise.race([promise, this.#attempts.ended()]);
    cancel();
  }
}
