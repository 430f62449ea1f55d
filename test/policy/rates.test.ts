/** How much a network may send: who is counted, what counts as a message, which limit holds for whom, and what is said. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { IdentityLevel } from "../../src/mail/index.ts";
import { stages } from "../../src/policy/checks/index.ts";
import { ManualClock } from "../../src/runtime/index.ts";
import { NetworkRates } from "../../src/service/receive/network-rates.ts";
import type { RatesSettings } from "../../src/service/receive/settings.ts";
import { subjectOf, told, type Asked } from "./stranger.ts";

type Limit = number | "unlimited";

function limits(messages: Limit, recipients: Limit): RatesSettings["none"] {
  return { messages_per_hour: messages, recipients_per_hour: recipients };
}

const UNLIMITED = limits("unlimited", "unlimited");

function setUp(settings: Partial<RatesSettings>) {
  const clock = new ManualClock();
  const known = { "forward-confirmed": UNLIMITED, certificate: UNLIMITED };
  const rates = new NetworkRates({ clock, settings: { none: UNLIMITED, ...known, ...settings } });
  const { recipient } = stages({ rates });
  const judge = async (asked: Asked = {}): Promise<string> =>
    told(await recipient(subjectOf(asked)));
  return { clock, judge };
}

test("beyond its messages a network is put off, until there is room again", async () => {
  const { clock, judge } = setUp({ none: limits(2, "unlimited") });
  for (let i = 0; i < 2; i++) assert.equal(await judge(), "continue");
  const said =
    "rates: 450 4.7.1 your network 9.8.7.0/24 has reached its limit of 2 messages an hour; try again in 90 minutes";
  assert.equal(await judge(), said);
  assert.equal(await judge({ ip: "9.8.7.200" }), said, "a neighbour");
  assert.equal(await judge({ ip: "9.8.6.6" }), "continue");
  clock.advance(89 * 60_000);
  assert.match(await judge(), / again in a minute$/);
  clock.advance(60_000);
  assert.equal(await judge(), "continue", "what was refused was not counted");
});

test("a message that has begun may have its other recipients; of those the limit is another one", async () => {
  const { judge } = setUp({ none: limits(1, 3) });
  for (const recipientsBefore of [0, 1, 2])
    assert.equal(await judge({ recipientsBefore }), "continue");
  assert.match(await judge({ recipientsBefore: 3 }), /limit of 3 recipients an hour/);
});

test("recipients that are refused count, but are no message", async () => {
  const { judge } = setUp({ none: limits(1, 3) });
  for (let i = 0; i < 2; i++)
    assert.match(await judge({ recipient: "unknown mailbox" }), /^relay: 550 5\.1\.1/);
  assert.equal(await judge(), "continue");
  assert.match(await judge({ recipientsBefore: 1 }), /limit of 3 recipients an hour/);
  assert.match(await judge({ recipient: "unknown mailbox" }), /^relay: 550 5\.1\.1/, "for good");
});

test("logins, trusted networks, and addresses within are not counted", async () => {
  const { judge } = setUp({ none: limits(1, 1) });
  const uncounted: readonly Asked[] = [
    { client: { login: "ann@local.example" } },
    { client: { network: "9.8.7.0/28" } },
    { ip: "127.0.0.1" },
    { ip: "10.0.0.1" },
    { ip: "fd00::1" },
  ];
  for (const asked of [...uncounted, ...uncounted])
    assert.doesNotMatch(await judge(asked), /^rates/);
});

test("postmaster has no way round it", async () => {
  const { judge } = setUp({ none: limits(1, 9) });
  await judge();
  assert.match(await judge({ to: "postmaster", recipient: "role" }), /^rates: 450/);
});

test("whoever is known better may send more, and it is asked only when that matters", async () => {
  const { judge } = setUp({ none: limits(1, 9), "forward-confirmed": limits(3, 9) });
  let asked = 0;
  const named = async (level: IdentityLevel): Promise<string> =>
    judge({
      level: async () => {
        asked++;
        return level;
      },
    });
  assert.equal(await named("forward-confirmed"), "continue");
  assert.equal(asked, 0);
  for (let i = 0; i < 2; i++) assert.equal(await named("forward-confirmed"), "continue");
  assert.equal(asked, 2);
  assert.match(await named("forward-confirmed"), /limit of 3 messages an hour/);
  assert.match(await named("none"), /limit of 1 messages an hour/);
  for (const level of ["certificate", "pinned"] as const)
    assert.equal(await named(level), "continue");
});
