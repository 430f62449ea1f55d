/**
 * The other servers, as delivery sees them: each destination has good days, days on which it defers, greylists, refuses
 * or is gone, and days on which connections break after the final dot. What happens follows from the seed, from who and
 * when alone, so it stays the same whatever else changes.
 */
import { status, type Outcome } from "../../../src/mail/index.ts";
import type { Attempt, Delivery, Parcel } from "../../../src/service/delivery/index.ts";
import type { Store } from "../../../src/store/index.ts";
import { Dice } from "../../fuzz/dice.ts";
import type { Ledger } from "./ledger.ts";
import type { SimulatedTime } from "./time.ts";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

type Mood = "fine" | "greylists" | "defers" | "refuses" | "is gone" | "loses";

export class Network implements Delivery {
  readonly #seed: number;
  readonly #time: SimulatedTime;
  readonly #ledger: Ledger;
  readonly #store: () => Store;
  readonly #seen = new Map<string, number>();
  /** Attempts that take their time. */
  readonly #slow = new Set<() => void>();
  connections = 0;

  constructor(seed: number, time: SimulatedTime, ledger: Ledger, store: () => Store) {
    this.#seed = seed;
    this.#time = time;
    this.#ledger = ledger;
    this.#store = store;
  }

  async attempt(parcel: Parcel): Promise<Attempt> {
    this.connections++;
    await this.#checkRepeats(parcel);
    const dice = this.#dice(`${parcel.message} ${parcel.destination} ${this.#time.elapsed()}`);
    if (dice.chance(15) && (await this.#takesLong(dice.below(30) * MINUTE_MS)))
      return everybody(parcel, STOPPED);
    const mood = this.#mood(parcel.destination);
    if (mood === "is gone") return { ...everybody(parcel, NO_ANSWER), unreachable: true };
    if (mood === "loses" && dice.chance(50)) return this.#lose(parcel, dice);
    const outcomes = parcel.recipients.map(({ forwardPath }) =>
      this.#ask(parcel, forwardPath, mood),
    );
    return { outcomes, unreachable: false };
  }

  /** What is slow is told that the server stops. */
  close(): Promise<void> {
    for (const stop of this.#slow) stop();
    return Promise.resolve();
  }

  /** The server died: nobody waits for these any more. */
  reset(): void {
    this.#slow.clear();
  }

  /** True: it was ended before its time. */
  #takesLong(ms: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const stop = () => resolve(true);
    this.#slow.add(stop);
    this.#time.after(ms, () => resolve(false));
    return promise.finally(() => this.#slow.delete(stop));
  }

  #ask({ message, destination }: Parcel, forwardPath: string, mood: Mood): Outcome {
    if (forwardPath.startsWith("nobody")) return said(550, "5.1.1", "no such user", destination);
    switch (mood) {
      case "defers":
        return said(451, "4.3.2", "not today", destination);
      case "refuses":
        return said(554, "5.7.1", "we do not like you", destination);
      case "greylists":
        if (!this.#isKnown(`${message} ${forwardPath}`))
          return said(450, "4.7.1", "come again", destination);
        break;
      case "fine":
      case "loses":
      case "is gone":
        break;
    }
    this.#take(message, forwardPath);
    return said(250, "2.0.0", "Ok", destination);
  }

  #lose(parcel: Parcel, dice: Dice): Attempt {
    const arrived = dice.chance(50);
    for (const { forwardPath } of parcel.recipients) {
      const promised = this.#ledger.find(parcel.message, forwardPath);
      if (promised !== undefined) promised.doubted = true;
      if (arrived) this.#take(parcel.message, forwardPath);
    }
    return everybody(parcel, LOST);
  }

  #take(message: string, forwardPath: string): void {
    const promised = this.#ledger.find(message, forwardPath);
    if (promised === undefined) this.#ledger.complain(`${message} ${forwardPath}: nobody sent it`);
    else promised.taken++;
  }

  /** Only what is in doubt may be sent to somebody who has it. */
  async #checkRepeats({ message, recipients }: Parcel): Promise<void> {
    const again = recipients.flatMap(({ forwardPath }) => {
      const promised = this.#ledger.find(message, forwardPath);
      return promised !== undefined && promised.taken > 0 ? [promised] : [];
    });
    if (again.length === 0) return;
    const { rows } = await this.#store().queue.list({ message }, { limit: 100 });
    for (const promised of again) {
      const row = rows.find(({ forwardPath }) => forwardPath === promised.forwardPath);
      if (row?.inDoubt !== true)
        this.#ledger.complain(`${message} ${promised.forwardPath}: sent again without doubt`);
      promised.doubted = true;
    }
  }

  #isKnown(name: string): boolean {
    const first = this.#seen.get(name);
    if (first === undefined) this.#seen.set(name, this.#time.elapsed());
    return first !== undefined && this.#time.elapsed() - first > 10 * MINUTE_MS;
  }

  #mood(destination: string): Mood {
    if (destination === "dead.example") return "is gone";
    const day = Math.floor(this.#time.elapsed() / DAY_MS / 2);
    return this.#dice(`${destination} ${day}`).weighted<Mood>([
      [50, "fine"],
      [12, "greylists"],
      [12, "defers"],
      [6, "refuses"],
      [10, "is gone"],
      [10, "loses"],
    ]);
  }

  #dice(about: string): Dice {
    let mixed = this.#seed;
    for (let i = 0; i < about.length; i++)
      mixed = Math.imul(mixed ^ about.charCodeAt(i), 0x01000193);
    return new Dice(mixed);
  }
}

function everybody({ recipients }: Parcel, outcome: Outcome): Attempt {
  return { outcomes: recipients.map(() => outcome), unreachable: false };
}

function said(code: number, enhanced: string, text: string, host: string): Outcome {
  const lines = [`${code} ${enhanced} ${text}`];
  return { status: status(code, enhanced, text, "remote"), reply: { host, lines } };
}

const NO_ANSWER: Outcome = { status: status(451, "4.4.1", "no answer", "delivery") };
const STOPPED: Outcome = { status: status(451, "4.4.2", "this server stops", "delivery") };
const LOST: Outcome = {
  status: status(451, "4.4.2", "the connection broke after the final dot", "delivery"),
  inDoubt: true,
};
