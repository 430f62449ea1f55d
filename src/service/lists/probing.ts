/** When which list is probed: each by itself, a bounded number at once, never two of one list, and not all in the same moment. */
import type { DnsList, ProbeFindings, Timer } from "../../policy/lists/index.ts";
import { Turns, type Random } from "../../runtime/index.ts";
import { probeList, type ProbeDeps } from "./probe.ts";

export interface ProbingDeps extends ProbeDeps {
  readonly timer: Timer;
  readonly random: Random;
  /** What a probe has found; says when the next one is due, if there is to be one. */
  found(list: DnsList, findings: ProbeFindings): NextProbe | undefined;
}

/** `list`: as it is by now. */
export interface NextProbe {
  readonly list: DnsList;
  readonly delayMs: number;
}

/** Lists that are probed at once. */
const AT_ONCE = 4;
/** More lists than a configuration may have. */
const WAITING = 1000;

/** Of a delay, by which it is shorter at most. */
const JITTER = 0.1;

/** At a start all are due: within so many milliseconds. */
export const START_MS = 1000;

export class Probing {
  readonly #deps: ProbingDeps;
  readonly #turns = new Turns({ atOnce: AT_ONCE, waiting: WAITING });
  readonly #due = new Map<string, () => void>();
  /** Of those that are due, the ones that are so in a moment. */
  readonly #soon = new Set<string>();
  readonly #running = new Set<string>();

  constructor(deps: ProbingDeps) {
    this.#deps = deps;
  }

  /** In place of when it was due before. While it is being probed, that probe says when the next one is. */
  schedule(list: DnsList, delayMs: number): void {
    this.cancel(list.name);
    if (this.#running.has(list.name)) return;
    const [chance = 0] = this.#deps.random.octets(1);
    const early = delayMs * JITTER * (chance / 256);
    const stop = this.#deps.timer.after(Math.round(delayMs - early), () => void this.#probe(list));
    this.#due.set(list.name, stop);
  }

  /** Somewhere in the first moments. */
  scheduleSoon(list: DnsList): void {
    const [chance = 0] = this.#deps.random.octets(1);
    this.schedule(list, START_MS * (chance / 256));
  }

  /** Likewise, once, whatever else is due. */
  scheduleSooner(list: DnsList): void {
    if (this.#soon.has(list.name)) return;
    this.scheduleSoon(list);
    if (this.#due.has(list.name)) this.#soon.add(list.name);
  }

  cancel(name: string): void {
    this.#due.get(name)?.();
    this.#due.delete(name);
    this.#soon.delete(name);
  }

  stop(): void {
    for (const name of this.#due.keys()) this.cancel(name);
  }

  async #probe(list: DnsList): Promise<void> {
    this.#due.delete(list.name);
    this.#soon.delete(list.name);
    this.#running.add(list.name);
    const findings = await this.#turns.run(() => probeList(list, this.#deps));
    this.#running.delete(list.name);
    if (findings === undefined) return;
    const next = this.#deps.found(list, findings);
    if (next !== undefined) this.schedule(next.list, next.delayMs);
  }
}
