/** The server dies between any two steps of its store: a message that was answered 250 survives, once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { newSite } from "../../e2e/site.ts";
import { useAnyPorts } from "./loop.ts";
import { deliverToken, tokensInMailbox, Victim } from "./victim.ts";

/** What a client has seen of the scenario when it ended, or the server died. */
interface Seen {
  readonly answered: readonly string[];
  readonly removed: boolean;
  readonly died: boolean;
}

const MESSAGES = [
  ["small", 500],
  ["large", 600_000],
] as const;

/** A small message, a large one, and a fetch that deletes both. */
async function scenario(victim: Victim): Promise<Seen> {
  const answered: string[] = [];
  for (const [token, octets] of MESSAGES)
    if (await deliverToken(victim.ports.smtp, token, octets)) answered.push(token);
  const removed = await fetchesAll(victim);
  const died = !removed || (await victim.diesSoon());
  return { answered, removed, died };
}

async function fetchesAll(victim: Victim): Promise<boolean> {
  if (victim.gone) return false;
  try {
    return (await tokensInMailbox(victim.ports.pop3, true)) !== undefined;
  } catch {
    return false; // it died between two replies
  }
}

/** Holds what is in the mailbox against what was seen before. */
function check(stored: ReadonlyMap<string, number>, { answered, removed, died }: Seen): void {
  for (const [token] of MESSAGES) {
    const times = stored.get(token) ?? 0;
    const expected = removed ? [0] : answered.includes(token) ? [1] : [0, 1];
    // The answer to QUIT may be lost behind a removal that was done.
    const allowed =
      answered.length === MESSAGES.length && died && !removed ? [...expected, 0] : expected;
    assert.ok(
      allowed.includes(times),
      `${token} is there ${times} times, expected ${allowed.join(" or ")}`,
    );
  }
}

test("dying between any two steps of the store loses nothing that was answered", async () => {
  const site = await newSite();
  useAnyPorts(site.file);
  try {
    let seen: Seen = { answered: [], removed: true, died: true };
    let step = 0;
    for (; seen.died; step++) seen = await liveAndDie(site.file, seen, step + 1);
    assert.ok(step > 10, `the server died at ${step - 1} steps only`);
    await liveAndDie(site.file, seen);
  } finally {
    site.remove();
  }
});

/** A server that is asked what the one before has left, and dies at that step of its own, where one is said. */
async function liveAndDie(file: string, before: Seen, step?: number): Promise<Seen> {
  const victim = await Victim.start(file);
  try {
    check((await tokensInMailbox(victim.ports.pop3, true)) ?? new Map<string, number>(), before);
    if (step === undefined) return before;
    await victim.stopAt({ step });
    return await scenario(victim);
  } finally {
    await victim.kill();
  }
}
