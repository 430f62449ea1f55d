/** The simulation's time: it jumps from one alarm to the next. A server that died leaves no alarm behind. */
import type { Clock } from "../../../src/runtime/index.ts";
import type { Timer } from "../../../src/service/queue/index.ts";

interface Alarm {
  readonly at: number;
  readonly ring: () => void;
}

export class SimulatedTime implements Clock, Timer {
  readonly began = Date.UTC(2026, 0, 1);
  #elapsed = 0;
  readonly #alarms = new Set<Alarm>();

  now(): number {
    return this.began + this.#elapsed;
  }

  elapsed(): number {
    return this.#elapsed;
  }

  after(ms: number, ring: () => void): () => void {
    const alarm = { at: this.#elapsed + ms, ring };
    this.#alarms.add(alarm);
    return () => {
      this.#alarms.delete(alarm);
    };
  }

  forgetAlarms(): void {
    this.#alarms.clear();
  }

  /** To the next alarm or to `most` (elapsed), whichever is first; what is due then rings. */
  jump(most: number): void {
    const first = Math.min(most, ...[...this.#alarms].map(({ at }) => at));
    this.#elapsed = Math.max(this.#elapsed, first);
    for (const alarm of this.#alarms)
      if (alarm.at <= this.#elapsed && this.#alarms.delete(alarm)) alarm.ring();
  }
}
