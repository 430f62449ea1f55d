/**
 * An attack, and what holds while it goes on and after it: mail from another address is taken and is in its mailbox, and then
 * all connections are gone and the memory is back.
 */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import { USER } from "../../e2e/site.ts";
import { deliver } from "../../e2e/talk.ts";
import { tokensInMailbox } from "../crash/victim.ts";
import { Besieged, type BesiegedOptions, type Memory } from "./besieged.ts";

/** `from` is an address that no other attack comes from. */
export type Attack = (server: Besieged, from: string) => Promise<void>;

/** Milliseconds between two messages of normal mail. */
const PAUSE_MS = 20;

/** Octets by which the heap may have grown for good. Ten thousand sessions that leaked would be thirty million. */
const HEAP_SLACK = 8_000_000;

/** Octets that the system may not have got back: what the allocators keep for the next time. */
const RESIDENT_SLACK = 256_000_000;

/** Runs the attacks against one server, each as a test of its own, all at once where `t` is concurrent. */
export async function siege(
  t: TestContext,
  options: BesiegedOptions,
  attacks: readonly (readonly [string, Attack])[],
): Promise<void> {
  const server = await Besieged.start(options);
  t.after(() => server.end());
  await underSiege(server, async () => {
    await Promise.all(
      attacks.map(([name, attack], i) => t.test(name, () => attack(server, `127.0.0.${10 + i}`))),
    );
  });
}

/** One attack, or several, on a server that stands; it is compared with itself before. */
export async function underSiege(server: Besieged, attack: () => Promise<void>): Promise<Memory> {
  await deliver(server.ports.smtp, USER, "Subject: warm\r\n\r\nx");
  const before = await server.memory();
  const mail = new NormalMail(server);
  try {
    await attack();
  } finally {
    await mail.stop();
  }
  await mail.isThere();
  await server.isEmpty();
  const after = await server.memory();
  assertNear(after.heapOctets, before.heapOctets, HEAP_SLACK, "heap");
  assertNear(after.residentOctets, before.residentOctets, RESIDENT_SLACK, "resident");
  assert.doesNotMatch(server.log, /"level":"error"/);
  return after;
}

export function assertNear(now: number, before: number, slack: number, what: string): void {
  assert.ok(now <= before + slack, `${what}: ${now} octets, ${before} before`);
}

/** Messages from 127.0.0.1, one after the other, each with a token of its own. */
export class NormalMail {
  readonly #server: Besieged;
  readonly #replies = new Map<string, string>();
  #stopped = false;
  readonly #done: Promise<void>;

  constructor(server: Besieged) {
    this.#server = server;
    this.#done = this.#deliver();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
  }

  /** Every message was answered 250, and is in the mailbox once. */
  async isThere(): Promise<void> {
    const tokens = await tokensInMailbox(this.#server.ports.pop3, true);
    assert.ok(this.#replies.size > 0);
    for (const [token, reply] of this.#replies) {
      assert.match(reply, /^250 2\.0\.0 accepted as /, token);
      assert.equal(tokens?.get(token), 1, token);
    }
  }

  async #deliver(): Promise<void> {
    for (let i = 0; !this.#stopped; i++) {
      const content = `Subject: normal-${i}\r\n\r\nx`;
      this.#replies.set(`normal-${i}`, await deliver(this.#server.ports.smtp, USER, content));
      await setTimeout(PAUSE_MS);
    }
  }
}
