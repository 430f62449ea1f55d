/** kill -9 under load, again and again: what the loops have in common, whatever their clients do. */
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { SERVICES } from "../../../src/app/index.ts";
import type { Victim } from "./victim.ts";

export interface CrashReport {
  readonly rounds: number;
  readonly answered: number;
  readonly unanswered: number;
  /** Of the unanswered, what is there all the same: the answer was lost, not the message. */
  readonly unansweredButStored: number;
  /** What breaks the promise, and how. */
  readonly broken: readonly string[];
}

/** Before every fifth server there is one that dies while it starts, within so many milliseconds. */
const STILLBORN = 5;
const START_MS = 1000;

export interface Rounds {
  readonly rounds: number;
  /** A server is killed so many milliseconds after it was ready, at most. */
  readonly roundMs: number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly start: () => Promise<Victim>;
  /** Starts one and kills it so many milliseconds later. */
  readonly stillborn: (ms: number) => Promise<void>;
  /** Loads a server that has just started, until it is gone. */
  readonly load: (victim: Victim, round: number) => Promise<unknown>;
}

export async function killAgainAndAgain(loop: Rounds): Promise<void> {
  for (let round = 0; round < loop.rounds; round++) {
    if (round % STILLBORN === STILLBORN - 1) await loop.stillborn(loop.random() * START_MS);
    const victim = await loop.start();
    const load = loop.load(victim, round);
    await setTimeout(loop.random() * loop.roundMs);
    await victim.kill();
    await load;
  }
}

/** Every service on a port of the system's choice, in the file: the child has no overrides. */
export function useAnyPorts(file: string): void {
  const text = readFileSync(file, "utf8").replaceAll(
    new RegExp(`^(${SERVICES.join("|")}) = .*$`, "gm"),
    '$1 = [{ address = "127.0.0.1", port = 0 }]',
  );
  writeFileSync(file, text);
  appendFileSync(file, "\n[limits]\nconnections_per_address = 1000\n");
}
