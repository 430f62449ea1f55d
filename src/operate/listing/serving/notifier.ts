/**
 * Tells secondaries that a zone has changed (NOTIFY, RFC 1996), each until it has answered: a message can be lost, and who does not hear of it
 * looks again only when the zone's `refresh` is over. Promises: a later change takes the place of one that was not heard yet; who does not
 * answer is asked ever more seldom, and costs nobody else anything.
 */
import type { Carrier, NameServer } from "../../../net/index.ts";
import type { Log, Random } from "../../../runtime/index.ts";
import { notifyMessage, readNotified, type PublishedZone } from "../answering/index.ts";

export interface NotifiedZone {
  readonly zone: PublishedZone;
  readonly secondaries: readonly NameServer[];
}

export interface NotifierDeps {
  readonly carrier: Pick<Carrier, "datagram" | "close">;
  readonly timer: { after(ms: number, then: () => void): () => void };
  readonly random: Random;
  readonly log: Log;
}

/** Milliseconds that an answer may take. */
const ANSWER_MS = 3000;

/** Milliseconds between two tries: at first, and at most; each time twice as many. RFC 1996 §3.6 leaves both to us. */
export const FIRST_PAUSE_MS = 2000;
export const LONGEST_PAUSE_MS = 900_000;

/** Tries after which it is told that a secondary does not answer. */
const TOLD_TRIES = 5;

export class Notifier {
  readonly #deps: NotifierDeps;
  /** What was announced last, by zone and secondary. */
  readonly #told = new Map<string, Telling>();

  constructor(deps: NotifierDeps) {
    this.#deps = deps;
  }

  /** All zones that are served now; whose serial is another than the one announced last is announced. */
  announce(zones: readonly NotifiedZone[]): void {
    const wanted = new Map<string, { readonly zone: PublishedZone; readonly to: NameServer }>(
      zones.flatMap(({ zone, secondaries }) =>
        secondaries.map((to) => [`${zone.origin} ${to.host} ${to.port}`, { zone, to }] as const),
      ),
    );
    for (const [key, telling] of this.#told) if (!wanted.has(key)) this.#forget(key, telling);
    for (const [key, { zone, to }] of wanted) {
      const before = this.#told.get(key);
      if (before?.zone.serial === zone.serial) continue;
      before?.stop();
      const telling = new Telling(zone, to, this.#deps);
      this.#told.set(key, telling);
      void telling.tell();
    }
  }

  stop(): void {
    for (const [key, telling] of this.#told) this.#forget(key, telling);
    this.#deps.carrier.close();
  }

  #forget(key: string, telling: Telling): void {
    telling.stop();
    this.#told.delete(key);
  }
}

/** One change of one zone, to one secondary. */
class Telling {
  readonly zone: PublishedZone;
  readonly #to: NameServer;
  readonly #deps: NotifierDeps;
  #tries = 0;
  #over = false;
  #cancel: (() => void) | undefined;

  constructor(zone: PublishedZone, to: NameServer, deps: NotifierDeps) {
    this.zone = zone;
    this.#to = to;
    this.#deps = deps;
  }

  stop(): void {
    this.#over = true;
    this.#cancel?.();
  }

  /** Does not reject. */
  async tell(): Promise<void> {
    const { carrier, random, timer, log } = this.#deps;
    const [high = 0, low = 0] = random.octets(2);
    const { zone } = this;
    const message = notifyMessage(zone.origin, high * 256 + low);
    const outcome = await carrier.datagram(this.#to, message, ANSWER_MS, (answer) => {
      const code = readNotified(answer, message);
      return code === undefined ? undefined : { code };
    });
    if (this.#over) return;
    const fields = { zone: zone.origin, serial: zone.serial, secondary: this.#to.host };
    if (typeof outcome !== "string") return this.#heard(outcome.code, fields);
    this.#tries++;
    if (this.#tries === TOLD_TRIES)
      log.warn("secondary does not answer", {
        ...fields,
        problem: outcome,
        todo: "look whether it runs, and whether it may be asked at this address by UDP; it is told again until it answers",
      });
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** (this.#tries - 1), LONGEST_PAUSE_MS);
    this.#cancel = timer.after(pause, () => void this.tell());
  }

  #heard(code: number, fields: Readonly<Record<string, unknown>>): void {
    const { log } = this.#deps;
    if (code === 0) return log.info("secondary told", fields);
    log.warn("secondary refuses to be told", {
      ...fields,
      code,
      todo: "there this server must be named as the zone's primary, and be allowed to notify (BIND: primaries, allow-notify; NSD: allow-notify)",
    });
  }
}
