/**
 * One case of the maildrop service: POP3 engines with their real desks, for clients that want the same mailboxes, over a
 * store where everything may be late or fail. The clients are the POP3 fuzzer's.
 */
import assert from "node:assert/strict";
import { parseIp, sessionId } from "../../../src/mail/index.ts";
import { Conversation, MemoryWire } from "../../../src/protocol/dialogue/index.ts";
import type { Pop3Answer, Pop3Ask, Pop3Tell } from "../../../src/protocol/pop3/index.ts";
import { MaildropDesk } from "../../../src/service/maildrop/index.ts";
import { CheckedSession } from "../checked-session.ts";
import { Dice } from "../dice.ts";
import { happen } from "../happen.ts";
import { pop3Happenings } from "../pop3/generator.ts";
import { keepsPromises } from "../pop3/promises.ts";
import { contractOf, POP3, settingsOf } from "../pop3/subject.ts";
import { SWITCH, type Happening, type Scenario } from "../scenario.ts";
import { Trace } from "../trace.ts";
import { ChaosSite } from "./site.ts";
import { LONGEST_TURNS, Visit } from "./visit.ts";

const CLIENTS = 3;

/** The limits here are wide, and passwords may be said: what is tried is the desk. */
const SETTINGS = 1;

/** Promises that may have to be kept before a desk answers. */
const PATIENCE_TURNS = 60;

export function makeMaildrop(seed: number): Scenario {
  const dice = new Dice(seed);
  const clients = Array.from({ length: CLIENTS }, () =>
    pop3Happenings(dice).flatMap((happening) => inTurns(dice, happening)),
  );
  const happenings: Happening[] = [];
  for (let n = 0; clients.some(({ length }) => length > 0); n++) {
    const some = clients[n % CLIENTS]?.splice(0, 1 + dice.below(4)) ?? [];
    happenings.push(...some, SWITCH);
  }
  return { protocol: "maildrop", settings: SETTINGS, mood: dice.next(), happenings };
}

/** Octets that come one after the other, so that others may come between them. */
function inTurns(dice: Dice, happening: Happening): Happening[] {
  if (typeof happening === "string") return [happening];
  const parts: Happening[] = [];
  for (let from = 0; from < happening.length;) {
    const lf = happening.indexOf(10, from + dice.below(120));
    const end = lf < 0 ? happening.length : lf + 1;
    parts.push(happening.subarray(from, end));
    from = end;
  }
  return parts;
}

/** Rejects when anything is not as it must be. */
export async function tryMaildrop(scenario: Scenario): Promise<void> {
  const dice = new Dice(scenario.mood);
  const site = new ChaosSite(dice);
  const clients = Array.from({ length: CLIENTS }, (_, n) => new Client(site, n));
  let turn = 0;
  for (const happening of scenario.happenings) {
    if (happening === SWITCH) turn++;
    else clients[turn % CLIENTS]?.happen(happening);
    await settle(clients, dice.chance(70) ? PATIENCE_TURNS : dice.below(3));
    site.rest();
  }
  for (const client of clients) client.hangUp();
  for (let turns = 3 * LONGEST_TURNS; turns > 0; turns--) await Promise.resolve(); // what is under way ends
  for (const client of clients) client.account();
  site.account();
}

/** Waits until nobody waits for a desk or a wire, or a little while: another session's mailbox may take longer. */
async function settle(clients: readonly Client[], turns: number): Promise<void> {
  while (turns-- > 0 && clients.some((client) => client.waits)) {
    await Promise.resolve();
    for (const client of clients) client.drain();
  }
}

class Client {
  readonly #visit: Visit;
  readonly #wire: MemoryWire;
  readonly #trace = new Trace<Pop3Ask, Pop3Tell, Pop3Answer>();
  readonly #session: CheckedSession<Pop3Ask, Pop3Tell, Pop3Answer>;
  readonly #conversation: Conversation<Pop3Ask, Pop3Tell, Pop3Answer>;

  constructor(site: ChaosSite, number: number) {
    this.#visit = new Visit(site);
    this.#wire = new MemoryWire({ slow: site.dice.chance(30) });
    this.#session = new CheckedSession(POP3.engine(SETTINGS), contractOf(SETTINGS), this.#trace);
    const ip = parseIp(`192.0.2.${number}`);
    assert.ok(ip !== undefined);
    const session = sessionId(new Uint8Array(12).fill(number));
    const peer = { ip, port: 4711, listener: "pop3", session };
    const desk: MaildropDesk = new MaildropDesk(this.#visit.deps, peer, () => conversation);
    const conversation = new Conversation(this.#session, desk, this.#wire);
    this.#conversation = conversation;
    conversation.start();
  }

  get waits(): boolean {
    return this.#session.waitsFor === "desk" || this.#session.waitsFor === "wire";
  }

  happen(happening: Happening): void {
    happen(this.#conversation, this.#wire, happening);
  }

  drain(): void {
    if (this.#wire.drain()) this.#conversation.drained();
  }

  hangUp(): void {
    this.#conversation.closed();
  }

  account(): void {
    this.#trace.flush();
    const { items } = this.#trace;
    keepsPromises(items, settingsOf(SETTINGS));
    const asks = items.flatMap((item) => (item.kind === "asked" ? item.ask : []));
    const asked = asks.flatMap((ask) => (ask.kind === "remove" ? ask.uids : []));
    const said = items.some((item) => item.kind === "answered" && item.answer.kind === "removed");
    const tells = items.flatMap((item) => (item.kind === "told" ? item.tell : []));
    this.#visit.account(asked, said, tells.filter(({ kind }) => kind === "retrieved").length);
  }
}
