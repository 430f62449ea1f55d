/** `gatepost test` on OpenSMTPD: closed in every vector as its manual has it, open by rules that people write. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startTestedOpenSmtpd } from "./support/tested-opensmtpd.ts";
import { notClosed, provedHoles, tested } from "./support/tested-server.ts";

test("well configured: closed in every vector", async (t) => {
  const result = await tested(t, (place) => startTestedOpenSmtpd(place));
  assert.deepEqual(notClosed(result), []);
  assert.equal(result.verdict, "closed");
  assert.ok((result.endpoints[0]?.cases.length ?? 0) > 500);
});

const HOLES = [
  [
    "to all",
    "client address",
    'match from any for any action "out"',
    /no rule `match from any for any/,
  ],
  [
    "to a network that the test comes from",
    "client address",
    'match from src { 127.0.0.0/8 } for any action "out"',
    /take the network out of `match from src`/,
  ],
  [
    "to a trusted sender",
    "sender",
    'match from any mail-from regex "@local[.]example$" for any action "out"',
    /needs `auth` or `from local`/,
  ],
  [
    "to domains by a pattern, as their backup MX",
    "client address",
    'match from any for domain "*.example" action "out"',
    /whose `for domain` fits more than your own/,
  ],
] as const;

for (const [how, hole, rules, mended] of HOLES)
  test(`open ${how}`, async (t) => {
    const result = await tested(t, (place) => startTestedOpenSmtpd(place, rules));
    assert.equal(result.verdict, "open", notClosed(result).join("\n"));
    assert.deepEqual(provedHoles(result), [hole]);
    const [opening] = result.endpoints[0]?.openings ?? [];
    assert.match(opening?.todo.join("\n") ?? "", mended);
  });
