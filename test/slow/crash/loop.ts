/**
 * kill -9 under load, again and again. Each attempt to deliver carries a token of its own; one that was
 * answered 250 is in its mailbox exactly once, one that was not once or not at all.
 */
import { newSite } from "../../e2e/site.ts";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { deliverToken, tokensInMailbox, Victim } from "./victim.ts";

export interface CrashReport {
  readonly rounds: number;
  readonly answered: number;
  readonly unanswered: number;
  /** Unanswered attempts that are in the mailbox all the same: the answer was lost, not the message. */
  readonly unansweredButStored: number;
  /** Tokens that break the promise, with what is wrong. */
  readonly broken: readonly string[];
}

/** Clients that deliver at the same time. */
const CLIENTS = 8;

/** Sizes in turn: in one piece, in the header's slice, in parts. */
const SIZES = [500, 4096, 70_000, 600_000];

/** A round is killed this many milliseconds after its server was ready, at most. */
const ROUND_MS = 250;

export async function crashLoop(rounds: number, random: () => number): Promise<CrashReport> {
  const site = await newSite();
  useAnyPorts(site.file);
  const answered = new Set<string>();
  const unanswered = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    const victim = await Victim.start(site.file);
    const clients = Array.from({ length: CLIENTS }, async (_, client) => {
      for (let i = 0; !victim.gone; i++) {
        const token = `r${round}c${client}n${i}`;
        const size = SIZES[(client + i) % SIZES.length] ?? 500;
        const kept = await deliverToken(victim.ports.smtp, token, size);
        (kept ? answered : unanswered).add(token);
      }
    });
    await new Promise((resolve) => setTimeout(resolve, random() * ROUND_MS));
    await victim.kill();
    await Promise.all(clients);
  }
  const victim = await Victim.start(site.file);
  const stored = (await tokensInMailbox(victim.ports.pop3)) ?? new Map<string, number>();
  await victim.kill();
  site.remove();
  return report(rounds, answered, unanswered, stored);
}

/** Every service on a port of the system's choice, in the file: the child has no overrides. */
export function useAnyPorts(file: string): void {
  const text = readFileSync(file, "utf8").replaceAll(
    /^(smtp|submission|submissions|pop3|pop3s) = .*$/gm,
    '$1 = [{ address = "127.0.0.1", port = 0 }]',
  );
  writeFileSync(file, text);
  appendFileSync(file, "\n[limits]\nconnections_per_address = 1000\n");
}

function report(
  rounds: number,
  answered: ReadonlySet<string>,
  unanswered: ReadonlySet<string>,
  stored: ReadonlyMap<string, number>,
): CrashReport {
  const broken = [];
  for (const token of answered)
    if (stored.get(token) !== 1)
      broken.push(`${token}: answered 250, stored ${stored.get(token) ?? 0} times`);
  for (const [token, times] of stored)
    if (times > 1 || !(answered.has(token) || unanswered.has(token)))
      broken.push(`${token}: stored ${times} times`);
  return {
    rounds,
    answered: answered.size,
    unanswered: unanswered.size,
    unansweredButStored: [...unanswered].filter((token) => stored.has(token)).length,
    broken,
  };
}
