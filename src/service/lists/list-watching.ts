/**
 * Watches the lists that are asked: tells those who ask whether a list has a vote, probes it, tells the log when that changes, and keeps
 * what it knows in the store. Promises: nobody waits for it, and what it has found out counts from that moment on.
 */
import {
  afterEvent,
  afterRestart,
  HEALTH_LIMITS,
  newHealth,
  probeDelayMs,
  wasUsual,
  type DnsList,
  type HealthEvent,
  type HealthReducer,
  type List,
  type ListEvent,
  type ListHealth,
  type ListStanding,
  type ListWatch,
} from "../../policy/lists/index.ts";
import { errorText, type Log } from "../../runtime/index.ts";
import type { ListHealths } from "../../store/index.ts";
import { readHealth, writeHealth } from "./kept-health.ts";
import { ListOpinions } from "./list-opinions.ts";
import { Probing, type NextProbe } from "./probing.ts";
import type { ProbeDeps } from "./probe.ts";

export interface ListWatchingDeps extends ProbeDeps {
  readonly store: ListHealths;
  readonly log: Log;
  /** Of tests that take a guard away. */
  readonly reduce?: HealthReducer;
}

interface Watched {
  readonly list: DnsList;
  readonly health: ListHealth;
}

/** A list that has somebody is probed, unless it was so lately; a hit takes longer to be confirmed. */
export const PROBE_AFTER_HIT_MS = 600_000;

const FILE: ListStanding = { state: "well", since: 0 };

export class ListWatching implements ListWatch {
  readonly #deps: ListWatchingDeps;
  readonly #probing: Probing;
  readonly #opinions = new ListOpinions();
  #watched = new Map<string, Watched>();
  /** Files are the operator's own. */
  #files = new Set<string>();
  /** Else nothing is learnt, probed or written. */
  #watches = false;

  constructor(deps: ListWatchingDeps) {
    this.#deps = deps;
    this.#probing = new Probing({
      ...deps,
      found: (list, findings) => {
        if (!this.#watches) return undefined;
        const at = deps.clock.now();
        // What was found of a zone that the list had before a reload says nothing about the present one.
        if (this.#watched.get(list.name)?.list.zone === list.zone)
          this.#apply(list.name, { kind: "probe", at, findings });
        return this.#next(list.name);
      },
    });
  }

  /** These from now on, and no others: those that are new as they were kept. */
  watch(lists: readonly List[]): void {
    this.#watches = true;
    for (const name of this.#watched.keys()) this.#probing.cancel(name);
    this.recall(lists);
    for (const { list, health } of this.#watched.values()) this.#schedule(list, health);
    const names = [...this.#watched.keys()];
    void this.#written("retain", () => this.#deps.store.retain(names));
  }

  /** For whoever only wants to know: as they were kept. */
  recall(lists: readonly List[]): void {
    const kept = new Map(this.#deps.store.all().map((one) => [one.list, one.json]));
    const zones = lists.filter((list) => list.source === "zone");
    this.#files = new Set(lists.filter(({ source }) => source === "file").map(({ name }) => name));
    this.#watched = new Map(
      zones.map((list) => [list.name, { list, health: this.#recalled(list, kept.get(list.name)) }]),
    );
  }

  #recalled(list: DnsList, json: string | undefined): ListHealth {
    const known = this.#watched.get(list.name);
    if (known !== undefined && known.list.zone === list.zone) return known.health;
    const now = this.#deps.clock.now();
    const health = readHealth(json, list);
    return health === undefined ? newHealth(now) : afterRestart(health, now, HEALTH_LIMITS);
  }

  stateOf(list: string): ListHealth | ListStanding {
    const watched = this.#watched.get(list);
    if (watched !== undefined) return watched.health;
    return this.#files.has(list) ? FILE : newHealth(this.#deps.clock.now());
  }

  isUsualSince(list: string, at: number): boolean {
    const watched = this.#watched.get(list);
    return watched === undefined
      ? this.#files.has(list)
      : wasUsual(watched.health.hits, at, HEALTH_LIMITS);
  }

  happened(name: string, event: ListEvent): void {
    const watched = this.#watched.get(name);
    if (watched === undefined || !this.#watches) return;
    this.#apply(name, event);
    if (event.kind !== "answer") return;
    if (event.answer.kind === "listed") this.#probeAfterHit(name, event.at);
    for (const { about, ...other } of this.#opinions.after(watched.list, event, (list) =>
      this.#isWell(list),
    ))
      this.#apply(about, { kind: "other list", ...other });
  }

  /** Writes what it knows, and probes no more. */
  async stop(): Promise<void> {
    if (!this.#watches) return;
    this.#watches = false;
    this.#probing.stop();
    await this.#keep([...this.#watched.values()]);
  }

  /** Before a hit can be confirmed, what has it is looked at. */
  #probeAfterHit(name: string, at: number): void {
    const watched = this.#watched.get(name);
    if (watched === undefined) return;
    const { lastProbe } = watched.health;
    const isOld = lastProbe === undefined || at - lastProbe.at >= PROBE_AFTER_HIT_MS;
    if (isOld) this.#probing.scheduleSooner(watched.list);
  }

  #isWell(name: string): boolean {
    return this.#watched.get(name)?.health.state === "well";
  }

  #apply(name: string, event: HealthEvent): void {
    const watched = this.#watched.get(name);
    if (watched === undefined) return;
    const { list, health: before } = watched;
    const health = (this.#deps.reduce ?? afterEvent)(before, event, HEALTH_LIMITS);
    if (health === before) return;
    this.#watched.set(name, { list, health });
    const isTurn = health.state !== before.state;
    if (isTurn || health.ailment !== before.ailment) this.#tell(name, before, health);
    const next = isTurn && event.kind !== "probe" ? this.#next(name) : undefined;
    if (next !== undefined) this.#probing.schedule(next.list, next.delayMs);
    if (isTurn || event.kind === "probe") void this.#keep([{ list, health }]);
  }

  #next(name: string): NextProbe | undefined {
    const watched = this.#watched.get(name);
    if (watched === undefined || !this.#watches) return undefined;
    return { list: watched.list, delayMs: probeDelayMs(watched.health, HEALTH_LIMITS) };
  }

  #schedule(list: DnsList, health: ListHealth): void {
    const { lastProbe, state } = health;
    const now = this.#deps.clock.now();
    const dueMs = (lastProbe?.at ?? 0) + probeDelayMs(health, HEALTH_LIMITS) - now;
    if (state === "unproven" || dueMs <= 0) this.#probing.scheduleSoon(list);
    else this.#probing.schedule(list, Math.min(dueMs, probeDelayMs(health, HEALTH_LIMITS)));
  }

  #tell(list: string, before: ListHealth, health: ListHealth): void {
    const { log } = this.#deps;
    const { state, why, ailment } = health;
    const since = new Date(health.since).toISOString();
    if (state === "well") return log.info("list well", { list, since });
    if (state !== "sick" && before.state === "sick")
      return log.info("list on trial", { list, since, why });
    const wronged = health.windows.length > before.windows.length;
    log.warn(state === "sick" ? "list sick" : "list in doubt", {
      list,
      since,
      ailment,
      why,
      todo: wronged
        ? `it has no vote until it is well again; \`gatepost lists amnesty "${list}"\` shows whom it may have wronged`
        : "it has no vote until it is well again; `gatepost lists health` shows how it is",
    });
  }

  async #keep(watched: readonly Watched[]): Promise<void> {
    const at = this.#deps.clock.now();
    const rows = watched.map(({ list, health }) => ({
      list: list.name,
      at,
      json: writeHealth(health, list),
    }));
    await this.#written("keep", () => this.#deps.store.keep(rows));
  }

  /** What cannot be written is known all the same, until the next start. */
  async #written(what: string, write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      this.#deps.log.error("list health not kept", { what, problem: errorText(error) });
    }
  }
}
