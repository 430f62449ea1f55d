/** A timer that runs when it is told to. */
import type { Timer } from "../../src/service/maildrop/index.ts";

interface Alarm {
  readonly at: number;
  readonly ring: () => void;
}

export class ManualTimer implements Timer {
  #now = 0;
  readonly #alarms = new Set<Alarm>();

  /** Alarms that are set. */
  get pending(): number {
    return this.#alarms.size;
  }

  after(ms: number, ring: () => void): () => void {
    const alarm = { at: this.#now + ms, ring };
    this.#alarms.add(alarm);
    return () => {
      this.#alarms.delete(alarm);
    };
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const alarm of this.#alarms) {
      if (alarm.at > this.#now || !this.#alarms.delete(alarm)) continue;
      alarm.ring();
    }
  }
}
