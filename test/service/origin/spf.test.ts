/** SPF in real sessions: the result, what the reader and the journal are told of it, and what follows. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { OriginSite } from "./site.ts";
import { senderOf, SPF_CASES, spfZone, V4 } from "./spf-cases.ts";

const MARKS: Readonly<Record<string, readonly string[]>> = {
  fail: ["spf=fail"],
  softfail: ["spf=softfail"],
  temperror: ["spf=temperror"],
};

const REFUSED: Readonly<Record<string, string>> = { fail: "550 5.7.23 SPF: " };
const DEFERRED: Readonly<Record<string, string>> = { temperror: "451 4.7.24 " };

for (const [name, one] of Object.entries(SPF_CASES))
  test(name, async () => {
    const { ip = V4, helo = "client.example", sender = senderOf(name), result } = one;
    const zone = spfZone(name, one);
    const arriving = { ip, helo, sender };
    const arrived = await new OriginSite(zone).arrive(arriving);
    assert.match(arrived.reply, /^250 2\.0\.0 /);
    assert.equal(arrived.event?.spf, result);
    const identity = sender === "" ? `smtp.helo=` : `smtp.mailfrom=`;
    const told = arrived.results.find((text) => text.startsWith("spf=")) ?? "";
    assert.ok(told.startsWith(`spf=${result} (`), told);
    assert.ok(told.includes(identity), told);
    assert.deepEqual(arrived.marks, MARKS[result] ?? []);
    const strict = await new OriginSite(zone, { spf: "refuse", dnsFailure: "defer" }).arrive(
      arriving,
    );
    const expected = REFUSED[result] ?? DEFERRED[result] ?? "250 ";
    assert.ok(strict.reply.startsWith(expected), strict.reply);
  });
