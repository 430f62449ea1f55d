/** ARC chains (RFC 8617) in real sessions: what they are worth, and whom they rescue. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { dmarcPassed } from "../../../src/service/authentication/chain.ts";
import { ARC_CASES, arcMessage, arcZone, LIST, PASSED } from "./arc-cases.ts";
import { OriginSite } from "./site.ts";

for (const [name, one] of Object.entries(ARC_CASES))
  test(name, async () => {
    const { trusted = [LIST], arc, rescued = false } = one;
    const message = await arcMessage(one);
    const arrived = await new OriginSite(arcZone(one), { trustedSealers: trusted }).arrive({
      message,
    });
    assert.equal(arrived.event?.arc, arc);
    assert.equal(arrived.event.dmarc, "fail");
    assert.match(arrived.reply, rescued ? /^250 / : /^550 5\.7\.26 /);
    if (!rescued) return;
    assert.deepEqual(arrived.marks, [], "nor is it marked for SPF");
    assert.ok(arrived.results.some((text) => text.startsWith("arc=pass")));
    assert.ok(arrived.results.some((text) => text.startsWith("dmarc=fail")));
    assert.equal(arrived.event.level, "none", "vouched for by somebody else");
  });

test("what a sealer says is read as it is written, and not otherwise", () => {
  const read: readonly (readonly [string, string | undefined])[] = [
    [` i=1; mx.example; ${PASSED}`, "author.example"],
    [` i=1; mx.example; DMARC = Pass (p=none) Header.From=AUTHOR.example`, "author.example"],
    [` i=1; mx.example; dmarc=pass header.from=@author.example`, "author.example"],
    [" i=1; mx.example; dmarc=pass", undefined],
    [" i=1; mx.example; dmarc=passed header.from=author.example", undefined],
    [" i=1; mx.example; dmarc=pass header.from=author.example header.from=b.example", undefined],
    [` i=1; mx.example; x="${PASSED}`, undefined],
    [` i=1; mx.example; (${PASSED}`, undefined],
    [` i=1; mx.example; x=dmarc=pass header.from=author.example`, undefined],
    ["", undefined],
  ];
  for (const [text, domain] of read) assert.equal(dmarcPassed(text), domain, text);
});
