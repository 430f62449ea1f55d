/** What the queue has done since the start, counted. */
import { outcomeKind, type OutcomeKind } from "../../mail/index.ts";
import type { Report, WhomToTell } from "../../store/index.ts";
import type { Attempted } from "./settle.ts";

export interface QueueFigures {
  /** Attempts that ended, and what became of their recipients. */
  readonly attempts: number;
  readonly outcomes: Readonly<Record<OutcomeKind, number>>;
  /** Reports by what is known of their addressee. To "nobody" there is none: that would be backscatter. */
  readonly reports: Readonly<Record<WhomToTell, number>>;
  /** Reports that left for an address of which nothing that was kept shows that it is the sender's: 0. */
  readonly backscatter: number;
}

export class Figures {
  #attempts = 0;
  #backscatter = 0;
  readonly #outcomes: Record<OutcomeKind, number> = { delivered: 0, deferred: 0, failed: 0 };
  readonly #reports: Record<WhomToTell, number> = { "own user": 0, "proved sender": 0, nobody: 0 };

  settled(attempted: readonly Attempted[]): void {
    this.#attempts++;
    for (const { outcome } of attempted) this.#outcomes[outcomeKind(outcome)]++;
  }

  reported(to: WhomToTell, { proof, departure }: Pick<Report, "proof" | "departure">): void {
    this.#reports[to]++;
    if (proof === "none" && departure !== undefined) this.#backscatter++;
  }

  now(): QueueFigures {
    const outcomes = { ...this.#outcomes };
    const reports = { ...this.#reports };
    return { attempts: this.#attempts, outcomes, reports, backscatter: this.#backscatter };
  }
}
