/**
 * The published lists of a running server: made, served, made again when entries or files change, told to secondaries. Promises: what was
 * changed in the store, by whichever process, is served within a second; a configuration that cannot be served changes nothing.
 */
import type { LoadedConfig } from "../config/index.ts";
import { SocketCarrier, type NameServer, type WantedPort } from "../net/index.ts";
import type { ListingZone } from "../operate/listing/index.ts";
import type { PublishedZone } from "../operate/listing/answering/index.ts";
import { ListServer, Notifier } from "../operate/listing/serving/index.ts";
import type { ListSnapshot } from "../policy/lists/index.ts";
import { errorText, systemClock, systemRandom, type Log } from "../runtime/index.ts";
import type { Store } from "../store/index.ts";
import { dnsPorts, servingSettings } from "./dns-listeners.ts";
import { AskedLists } from "./list-questions.ts";
import { ownSubjects } from "./own-subjects.ts";
import { isSame, PublishedZones } from "./published-zones.ts";
import { idleTimer } from "./timer.ts";
import { UnservedTold } from "./unserved.ts";
import { openZoneFiles, type ZoneFiles } from "./zone-files.ts";

/** Milliseconds between two looks whether something has changed. */
const LOOK_MS = 300;

/** Milliseconds until what was asked is written again: to the store, and in a line to the log. */
const KEEP_MS = 60_000;
const TELL_MS = 3_600_000;

/** RFC 9018 §4 */
const COOKIE_SECRET_OCTETS = 16;

export interface PublishingDeps {
  readonly store: Pick<Store, "published" | "directory" | "listQuestions">;
  readonly log: Log;
}

interface State {
  readonly loaded: LoadedConfig;
  readonly files: ZoneFiles;
  readonly zones: readonly PublishedZone[];
  /** Of what they were made. */
  readonly seen: readonly unknown[];
}

export class Publishing {
  readonly #deps: PublishingDeps;
  readonly #zones: PublishedZones;
  readonly #asked: AskedLists;
  readonly #unserved: UnservedTold;
  readonly #notifier: Notifier;
  readonly #cookieSecret = systemRandom.octets(COOKIE_SECRET_OCTETS);
  #server: ListServer | undefined;
  #state: State | undefined;
  /** What is done is done one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #stopLooking: readonly (() => void)[] = [];

  private constructor(deps: PublishingDeps) {
    const { store, log } = deps;
    this.#deps = deps;
    this.#zones = new PublishedZones({ published: store.published, clock: systemClock });
    this.#unserved = new UnservedTold(log);
    this.#asked = new AskedLists({
      store: store.listQuestions,
      clock: systemClock,
      log,
      networks: () => this.#state?.loaded.config.listing.question_networks ?? 0,
    });
    this.#notifier = new Notifier({
      carrier: new SocketCarrier(() => false), // from an address of its own
      timer: idleTimer,
      random: systemRandom,
      log,
    });
  }

  /** Serves what the configuration publishes, which may be nothing. Rejects with a ConfigError or a ListenError, and leaves nothing open then. */
  static async open(loaded: LoadedConfig, deps: PublishingDeps): Promise<Publishing> {
    const publishing = new Publishing(deps);
    try {
      await publishing.change(loaded);
    } catch (error) {
      await publishing.stop(0);
      throw error;
    }
    publishing.#look();
    return publishing;
  }

  /** Where lists are served. */
  get ports(): readonly WantedPort[] {
    return this.#server?.ports ?? [];
  }

  /** As they are served now; of a zone that is not served none. */
  filesOf(zone: ListingZone): readonly ListSnapshot[] {
    return this.#state?.files.of(zone).map(({ snapshot }) => snapshot) ?? [];
  }

  /** From now on by this configuration. Rejects as `open` does; nothing has changed then. */
  change(loaded: LoadedConfig): Promise<void> {
    return this.#inTurn(() => this.#change(loaded));
  }

  async stop(graceMs: number): Promise<void> {
    for (const stop of this.#stopLooking) stop();
    this.#notifier.stop();
    await this.#inTurn(async () => {
      this.#state?.files.files.close();
      await Promise.all([this.#server?.stop(graceMs), this.#zones.stop()]);
      this.#server = undefined;
    });
    await this.#asked.keep();
    this.#asked.tell();
  }

  async #change(loaded: LoadedConfig): Promise<void> {
    const before = this.#state;
    const files = await openZoneFiles(loaded, this.#deps.log, before?.files);
    const state = await this.#made(loaded, files);
    await this.#serve(loaded, state.zones);
    before?.files.files.close();
    files.files.watch();
    this.#state = state;
    this.#announce(state.zones);
  }

  async #serve(loaded: LoadedConfig, zones: readonly PublishedZone[]): Promise<void> {
    const { config } = loaded;
    const ports = zones.length === 0 ? [] : dnsPorts(config);
    const lists = { zones, ports, ...servingSettings(config, this.#cookieSecret) };
    if (ports.length > 0 && this.#server !== undefined) await this.#server.serve(lists);
    else if (ports.length > 0) this.#server = await ListServer.open(lists, this.#serverDeps());
    else {
      await this.#server?.stop(0);
      this.#server = undefined;
    }
  }

  #serverDeps(): Parameters<typeof ListServer.open>[1] {
    return { log: this.#deps.log, count: (counts) => this.#asked.count(counts) };
  }

  /** What it is made of is looked at first: what changes meanwhile is seen at the next look. */
  async #made(loaded: LoadedConfig, files: ZoneFiles): Promise<State> {
    const seen = this.#seen(loaded, files);
    const own = ownSubjects(loaded.config, this.#deps.store.directory);
    const zones = await this.#zones.make(loaded.config, own, files.of);
    this.#unserved.tell(loaded.config.listing.zone, files.of);
    return { loaded, files, seen, zones };
  }

  #seen({ config }: LoadedConfig, files: ZoneFiles): readonly unknown[] {
    const { published, directory } = this.#deps.store;
    const snapshots = config.listing.zone.flatMap((zone) => files.of(zone)).map(({ snapshot }) => snapshot); // prettier-ignore
    return [published.revision(), directory.revision(), ...snapshots];
  }

  // ---- What changes by itself ----

  #look(): void {
    const { log } = this.#deps;
    const failed = (error: unknown): void =>
      log.error("published lists not looked after", { problem: errorText(error) });
    this.#stopLooking = [
      every(LOOK_MS, () => this.#inTurn(() => this.#again()), failed),
      every(KEEP_MS, () => this.#asked.keep(), failed),
      every(TELL_MS, async () => this.#asked.tell(), failed),
    ];
  }

  async #again(): Promise<void> {
    const before = this.#state;
    // Most sites publish nothing: their store is not asked three times a second.
    if (before === undefined || before.zones.length === 0) return;
    if (isSame(before.seen, this.#seen(before.loaded, before.files))) return;
    const state = await this.#made(before.loaded, before.files);
    this.#state = state;
    if (isSame(before.zones, state.zones)) return;
    await this.#server?.replace(state.zones);
    this.#announce(state.zones);
    for (const { origin, serial } of state.zones.filter((zone) => !before.zones.includes(zone)))
      this.#deps.log.info("list published", { zone: origin, serial });
  }

  #announce(zones: readonly PublishedZone[]): void {
    this.#notifier.announce(
      zones.map((zone) => ({
        zone,
        secondaries: this.#zones.notifiedOf(zone).map((to) => heardFrom(to, this.ports)),
      })),
    );
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {}); // whoever wanted it is told
    return turn;
  }
}

/** A secondary believes the address that it transfers from, so it is told from the first one of its family where lists are served. */
function heardFrom(to: NameServer, ports: readonly WantedPort[]): NameServer {
  const own = ports.map(({ address }) => address);
  const from = own.find((address) => address.includes(":") === to.host.includes(":"));
  return { ...to, ...(from !== undefined && { from }) };
}

/** Again and again, so many milliseconds after it has ended; returns how to stop. */
function every(
  ms: number,
  work: () => Promise<void>,
  failed: (error: unknown) => void,
): () => void {
  let stop = (): void => {};
  let stopped = false;
  const again = (): void => {
    stop = idleTimer.after(ms, () => {
      void work()
        .catch(failed)
        .then(() => stopped || again());
    });
  };
  again();
  return () => {
    stopped = true;
    stop();
  };
}
