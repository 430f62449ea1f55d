/** `gatepost test` on Postfix: well configured it is closed in all vectors, each hole is proved by a message that came back and named. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { startTestedPostfix } from "./support/tested-postfix.ts";
import {
  assertClosed,
  assertOpen,
  notClosed,
  provedHoles,
  tested,
  testedPlace,
  testedServer,
} from "./support/tested-server.ts";

const TO_ALL =
  "smtpd_relay_restrictions = check_client_access static:OK, reject_unauth_destination";

const TRUSTED_SENDER =
  "smtpd_relay_restrictions = check_sender_access inline:{local.example=OK}, reject_unauth_destination";

const TRUSTS_LOOPBACK = `mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
`;

function passingOnTo(port: number): string {
  return `mydestination = mx.local.example
relay_domains = local.example
allow_untrusted_routing = yes
transport_maps = inline:{ { local.example = smtp:[127.0.0.1]:${port} } }
default_transport = discard
`;
}

describe("Postfix", () => {
  test("well configured: closed in every vector", async (t) => {
    assertClosed(await tested(t, (place) => startTestedPostfix(place)));
  });

  const HOLES = [
    ["to all", "client address", TO_ALL],
    [
      "to a gateway's network",
      "client address",
      "mynetworks = 127.0.0.0/8\nsmtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination",
    ],
    ["to every domain as a backup MX", "client address", "relay_domains = static:all"],
    ["to a trusted sender", "sender", TRUSTED_SENDER],
    [
      "to the percent hack, by a rewriting of aliases",
      "percent hack",
      "mydestination = mx.local.example\nvirtual_alias_domains = local.example\nvirtual_alias_maps = regexp:{{/^(.*)%(.*)@local\\.example$$/ $$1@$$2} {/^user@/ postmaster@mx.local.example} {/^postmaster@/ postmaster@mx.local.example}}\nallow_untrusted_routing = yes",
    ],
  ] as const;
  test("open, and sends in TLS or not at all: proved all the same", async (t) => {
    const settings = `${TO_ALL}\nsmtp_tls_security_level = encrypt\n`;
    assertOpen(await tested(t, (place) => startTestedPostfix(place, settings)), ["client address"]);
  });

  test("a port for users with TLS from the first octet, which wants a login: closed in every vector", async (t) => {
    const place = { ...(await testedPlace()), implicitTls: true } as const;
    const server = await startTestedPostfix(place);
    t.after(() => server.stop());
    const result = await testedServer(place, () => server.log());
    assert.equal(result.verdict, "closed");
    assert.deepEqual(notClosed(result), []);
  });

  test("open as a backup MX that passes routes on to a server that trusts it", async (t) => {
    const place = await testedPlace();
    const inner = await startTestedPostfix({ ...place, port: place.sink + 1 }, TRUSTS_LOOPBACK);
    t.after(() => inner.stop());
    const outer = await startTestedPostfix(place, passingOnTo(inner.port));
    t.after(() => outer.stop());
    const result = await testedServer(place, () => outer.log());
    assert.equal(result.verdict, "open", notClosed(result).join("\n"));
    assert.ok(provedHoles(result).includes("percent hack"));
    const hops = result.endpoints.flatMap(({ cases }) =>
      cases.flatMap(({ returned }) => returned.map(({ received }) => received.length)),
    );
    assert.ok(Math.max(...hops) >= 2, "its way through both servers is shown");
  });

  test("with line ends of LF alone, to smuggling: seen, and proved where it leads to a way out", async (t) => {
    const lenient = "smtpd_forbid_bare_newline = no\nsmtpd_data_restrictions =\n";
    const seen = await tested(t, (place) => startTestedPostfix(place, lenient));
    assert.equal(seen.verdict, "inconclusive");
    assert.deepEqual(
      seen.endpoints[0]?.openings.map(({ name, grade }) => [name, grade]),
      [["smuggling", "accepts"]],
    );
    const trusting = `${lenient}${TRUSTED_SENDER}\n`;
    assertOpen(await tested(t, (place) => startTestedPostfix(place, trusting)), [
      "sender",
      "smuggling",
    ]);
  });

  for (const [how, hole, settings] of HOLES)
    test(`open ${how}`, async (t) => {
      assertOpen(await tested(t, (place) => startTestedPostfix(place, `${settings}\n`)), [hole]);
    });
});
