/** DMARC (RFC 9989) in real sessions: whose mail it is, what its author's domain asks for, and what is done. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DMARC_CASES, dmarcArriving, dmarcZone } from "./dmarc-cases.ts";
import { OriginSite } from "./site.ts";

for (const [name, one] of Object.entries(DMARC_CASES))
  test(name, async () => {
    const [arriving, zone] = [dmarcArriving(one), dmarcZone(one)];
    const arrived = await new OriginSite(zone).arrive(arriving);
    const { dmarc, policy: asks, level } = arrived.event ?? {};
    const [result = ""] = one.result.split(" ");
    assert.equal([dmarc, asks].filter((it) => it !== undefined).join(" "), one.result);
    assert.ok(arrived.reply.startsWith(one.reply ?? "250"), arrived.reply);
    if (one.reply === "550") return assert.match(arrived.reply, /^550 5\.7\.26 /);
    assert.deepEqual(arrived.marks, one.marks ?? []);
    assert.equal(level, one.level ?? "none");
    const told = arrived.results.find((text) => text.startsWith("dmarc=")) ?? "";
    assert.ok(told.startsWith(`dmarc=${result}`), told);
    const marked = await new OriginSite(zone, { dmarc: "mark" }).arrive(arriving);
    assert.match(marked.reply, /^250 /);
    const ignored = new OriginSite(zone, { dmarc: "ignore", spf: "ignore" });
    assert.deepEqual((await ignored.arrive(arriving)).marks, []);
  });

for (const [name, one] of Object.entries(DMARC_CASES))
  if (one.result.startsWith("temperror"))
    test(`${name}: later, where that is set`, async () => {
      const site = new OriginSite(dmarcZone(one), { dnsFailure: "defer" });
      const arrived = await site.arrive(dmarcArriving(one));
      const harmless = one.result.endsWith("none"); // then SPF is what is not known
      assert.match(arrived.reply, harmless ? /^451 4\.7\.24 / : /^451 4\.4\.3 /);
      assert.equal(arrived.stored, "");
    });
