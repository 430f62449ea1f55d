/** unbound as our resolver's server, over zones that the test has signed: what is validated, what is not, and what cannot be. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openResolver, type NetResolver } from "../../src/net/index.ts";
import { dnsSchema } from "../../src/net/settings.ts";
import type { RecordType, Resolution } from "../../src/protocol/dns/index.ts";
import { systemClock, systemRandom } from "../../src/runtime/index.ts";
import { name } from "../service/delivery/rig.ts";
import type { ZonePlan } from "./support/signed-zones.ts";
import { freePortBase } from "./support/site.ts";
import { startUnbound, type Unbound } from "./support/unbound.ts";

const KEY = "ab".repeat(32);
const RECORDS = `
@ IN MX 10 mx
mx IN A 9.9.9.9
alias IN CNAME mx
outside IN CNAME mx.unsigned.example.
_25._tcp.mx IN TLSA 3 1 1 ${KEY}
_25._tcp.alias IN CNAME _25._tcp.mx
*.any IN TLSA 2 0 1 ${KEY}
many IN TXT ${Array.from({ length: 20 }, (_, i) => `"${i}${"x".repeat(200)}"`).join(" ")}
`;

const ZONES: readonly ZonePlan[] = [
  { name: "signed.example", records: RECORDS },
  { name: "unsigned.example", records: RECORDS, signatures: "unsigned" },
  { name: "stale.example", records: RECORDS, signatures: "stale" },
  { name: "forged.example", records: RECORDS, forged: ["_25._tcp.mx.forged.example. TLSA"] },
];

/** What is asked, and what comes: its kind, and whether it is authentic or why it failed. */
const ANSWERS: readonly (readonly [string, RecordType, string])[] = [
  ["signed.example", "MX", "found, authentic"],
  ["mx.signed.example", "A", "found, authentic"],
  ["_25._tcp.mx.signed.example", "TLSA", "found, authentic"],
  ["_25._tcp.alias.signed.example", "TLSA", "found, authentic"],
  ["_25._tcp.x.any.signed.example", "TLSA", "found, authentic"],
  ["many.signed.example", "TXT", "found, authentic"], // over TCP
  ["mx.signed.example", "AAAA", "no-data, authentic"],
  ["_26._tcp.mx.signed.example", "TLSA", "no-such-name, authentic"],
  ["nowhere.example", "MX", "no-such-name, authentic"],
  ["outside.signed.example", "CNAME", "found, authentic"],
  ["outside.signed.example", "A", "found"],
  ["unsigned.example", "MX", "found"],
  ["mx.unsigned.example", "AAAA", "no-data"],
  ["_25._tcp.mx.unsigned.example", "TLSA", "found"],
  ["_26._tcp.mx.unsigned.example", "TLSA", "no-such-name"],
  ["stale.example", "MX", "failed, servfail"],
  ["_26._tcp.mx.stale.example", "TLSA", "failed, servfail"],
  ["mx.forged.example", "A", "found, authentic"],
  ["_25._tcp.mx.forged.example", "TLSA", "failed, servfail"],
];

describe("unbound", () => {
  let port: number;
  let unbound: Unbound;
  before(async () => {
    port = await freePortBase();
    unbound = await startUnbound(ZONES, { port });
  });
  after(() => unbound.stop());

  /** Of a resolver that trusts the server, or does not. */
  async function ask<Answer>(
    trust_ad: boolean,
    question: (resolver: NetResolver) => Promise<Answer>,
  ): Promise<Answer> {
    const settings = dnsSchema.parse({ servers: [`127.0.0.1:${port}`], trust_ad });
    const resolver = openResolver(settings, { clock: systemClock, random: systemRandom });
    try {
      return await question(resolver);
    } finally {
      resolver.close();
    }
  }

  const askAll = (trusting: boolean): Promise<string[]> =>
    ask(trusting, (resolver) =>
      Promise.all(ANSWERS.map(async ([at, type]) => words(await resolver.resolve(name(at), type)))),
    );

  test("is believed about what it has validated where it is trusted", async () => {
    const expected = ANSWERS.map(([, , answer]) => answer);
    assert.deepEqual(await askAll(true), expected, unbound.log());
  });

  test("is not believed where it is not, and what is false stays unknown", async () => {
    const expected = ANSWERS.map(([, , answer]) => answer.replace(", authentic", ""));
    assert.deepEqual(await askAll(false), expected, unbound.log());
  });

  test("an answer says what stands in the zone, and where its aliases end", async () => {
    const alias = name("_25._tcp.alias.signed.example");
    const found = await ask(true, (resolver) => resolver.resolve(alias, "TLSA"));
    const data = Uint8Array.from(Buffer.from(KEY, "hex"));
    assert.ok(found.kind === "found");
    assert.equal(found.name, "_25._tcp.mx.signed.example");
    assert.deepEqual(found.records, [{ usage: 3, selector: 1, matchingType: 1, data }]);
    assert.ok(found.ttl > 0 && found.ttl <= 300);
  });
});

function words(resolution: Resolution<RecordType>): string {
  if (resolution.kind === "failed") return `failed, ${resolution.why}`;
  return resolution.authentic ? `${resolution.kind}, authentic` : resolution.kind;
}
