/**
 * Servers of SMTP and of LMTP that answer anything at any time. Whatever they do: each attempt ends, with one outcome for each recipient;
 * "delivered" is said of a message only that a server took with a 2xx; "failed" only where one said 5xx; and no connection is left.
 */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { outcomeKind } from "../../../src/mail/index.ts";
import { Dice } from "../../fuzz/dice.ts";
import { until } from "../../net/echo.ts";
import { ip, name, Rig } from "./rig.ts";
import { ScriptedServer, SERVER_TLS } from "../../support/scripted-server.ts";

const ATTEMPTS = 300;

/** A server says yes this often, of ten times; so that sessions get far. */
const USUAL = 8;

const ANSWERS: readonly [string, ...string[]] = [
  "250 2.0.0 ok",
  "354 go ahead",
  "220 go ahead",
  "421 4.3.2 leaving",
  "LEAVE 421 4.3.2 leaving",
  "450 4.7.1 later",
  "452 4.5.3 too many",
  "550 5.1.1 no",
  "552 too many",
  "DROP",
  "RESET",
  "rubbish",
  "250-one\r\n251 two",
  "250 ok\r\n250 twice",
  "250 bare\n250 LF",
  "999 no such class",
  "",
];

const OFFERS = [
  "PIPELINING",
  "8BITMIME",
  "DSN",
  "SIZE 1000",
  "LIMITS RCPTMAX=1",
  "LIMITS MAILMAX=1",
];

for (const protocol of ["smtp", "lmtp"] as const)
  test(`whatever servers of ${protocol} answer, outcomes are true and nothing is left open`, (t) =>
    tryServers(t, protocol));

async function tryServers(t: TestContext, protocol: "smtp" | "lmtp"): Promise<void> {
  const dice = new Dice(20_261_128);
  const answer = (): string | undefined =>
    dice.below(10) < USUAL ? undefined : dice.pick(ANSWERS);
  const offers = OFFERS.filter(() => dice.below(2) === 0);
  const first = await ScriptedServer.open(t, { protocol, answer, offers });
  const second = await ScriptedServer.open(
    t,
    { protocol, answer, tls: await SERVER_TLS },
    { address: "127.0.0.2", port: first.port },
  );
  const third = await ScriptedServer.open(
    t,
    { protocol, answer, tls: "broken" },
    { address: "127.0.0.3", port: first.port },
  );
  const rig = new Rig(t, {
    port: first.port,
    connections: 3,
    recipients: 2,
    clear_seconds: 1,
    command_seconds: 1,
    data_seconds: 1,
    final_seconds: 1,
    greeting_seconds: 1,
  });
  const addresses = ["127.0.0.1", "127.0.0.2", "127.0.0.3"];
  if (protocol === "smtp") {
    rig.mx("foreign.example", ...addresses.map((one, i) => `${i < 2 ? 10 : 20} mx${i} ${one}`));
  } else {
    const host = { kind: "name", name: name("inner.example") } as const;
    rig.dns.has(host.name, "A", addresses.map(ip));
    rig.routes.set("*", { protocol, host, port: first.port, tls: "opportunistic" });
  }
  const to = ["a", "b", "c"].map((local) => `${local}@foreign.example`);
  const messages = () => [first, second, third].flatMap((server) => server.messages);
  const seen = new Set<string>();
  for (let i = 0; i < ATTEMPTS; i += 5) {
    const attempts = Array.from({ length: 5 }, async (_, j) => {
      const subject = `Subject: ${i + j}!`;
      const content = Buffer.from(`${subject}\r\n\r\ntext\r\n`);
      const { outcomes } = await rig.attempt(to, {
        octets: content.length,
        read: (offset, limit) => content.subarray(offset, offset + limit),
      });
      assert.equal(outcomes.length, to.length);
      for (const outcome of outcomes) {
        const kind = outcomeKind(outcome);
        seen.add(outcome.inDoubt === true ? "in doubt" : kind);
        if (kind === "delivered" || outcome.inDoubt === true)
          assert.ok(
            messages().some((text) => text.startsWith(subject)),
            "it came whole",
          );
        if (kind === "delivered") assert.match(outcome.reply?.lines[0] ?? "", /^2/);
        if (kind === "failed") assert.match(outcome.reply?.lines[0] ?? "", /^5/);
        if (outcome.inDoubt === true) assert.equal(kind, "deferred");
      }
    });
    await Promise.all(attempts);
  }
  assert.deepEqual([...seen].toSorted(), ["deferred", "delivered", "failed", "in doubt"]);
  assert.deepEqual(rig.log.events("error"), []);
  await rig.delivery.close(5000);
  await until(() => first.open + second.open + third.open === 0);
}
