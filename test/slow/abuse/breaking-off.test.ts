/** Clients that break off with a RST, or close their side, in every state: nothing of them stays, and nothing breaks. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { PASSWORD } from "../../e2e/site.ts";
import { Attacker } from "./attacker.ts";
import { Besieged } from "./besieged.ts";
import { underSiege } from "./siege.ts";
import {
  deliverLarge,
  GREETING_DELAY_MS,
  LARGE_MAILBOX,
  POP3_STATES,
  SMTP_STATES,
  type State,
} from "./states.ts";

/** Times in each state: the RST comes at another moment each time. */
const TIMES = 5;

/** A mailbox or a place for a body that stayed held would be missed: nobody is expelled, and places are few. */
const SETTINGS = [
  `limits.greeting_delay_ms=${GREETING_DELAY_MS}`,
  "pop3.takeover_ms=60000",
  "limits.bodies=15",
];

/** Every state, each from an address of its own; those of POP3 in turn, for they have one mailbox. */
async function inEveryState(
  t: TestContext,
  act: (server: Besieged, state: State, from: string) => Promise<void>,
): Promise<void> {
  const server = await Besieged.start({ settings: SETTINGS, mailbox: LARGE_MAILBOX });
  t.after(() => server.end());
  await deliverLarge(server);
  const addresses: string[] = [];
  const inState = async (service: string, state: State): Promise<void> => {
    const from = `127.0.1.${addresses.length + 1}`;
    addresses.push(from);
    await t.test(`${service} ${state[0]}`, () => act(server, state, from));
  };
  await underSiege(server, async () => {
    await Promise.all(SMTP_STATES.map((state) => inState("SMTP", state)));
    for (const state of POP3_STATES) await inState("POP3", state);
    for (const from of addresses) await server.logged(new RegExp(`"ip":"${from}"`));
    await hasNothingHeld(server);
  });
}

/** The mailbox can be opened, and its message is there. */
async function hasNothingHeld({ ports }: Besieged): Promise<void> {
  const lines = [`USER ${LARGE_MAILBOX}`, `PASS ${PASSWORD}`];
  const client = await Attacker.upTo(ports.pop3, "127.0.0.2", lines);
  assert.match(await client.ask("STAT"), /^\+OK 1 20\d{6}\r\n$/);
  client.close();
}

test("a RST in every state", { concurrency: true, timeout: 60_000 }, (t) =>
  inEveryState(t, async (server, [, reach], from) => {
    for (let i = 0; i < TIMES; i++) {
      const client = await reach(server, from);
      client.reset();
      await client.ends();
    }
  }),
);

test("a side closed in every state", { concurrency: true, timeout: 60_000 }, (t) =>
  inEveryState(t, async (server, [, reach, lastWords = /^$|\r\n$/], from) => {
    const client = await reach(server, from);
    client.closeSide();
    assert.match((await client.ends()).slice(-500), lastWords); // the server closes the other one
  }),
);
