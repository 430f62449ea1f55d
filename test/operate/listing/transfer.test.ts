/** A zone for its secondaries: who gets it, in what form, and how they hear that there is a new one. */
import assert from "node:assert/strict";
import packet from "dns-packet";
import { describe, test } from "node:test";
import { notifyMessage, readNotified } from "../../../src/operate/listing/answering/index.ts";
import { answerer, CLIENT, decoded, ip, NOW, octetsTo, query, said, source, spelt, zone } from "./asking.ts"; // prettier-ignore
import { OrdinaryZone } from "./ordinary-zone.ts";

const FILE = source("ip4set", ["192.0.2.1 :3:see $", "198.51.100.0/24 :4:$ is a block", "!198.51.100.7", "198.51.101.0/24", "127.0.0.0/24"]); // prettier-ignore
const ORIGIN = "bl.example.org";
const axfr = query(ORIGIN, { type: "AXFR" });

function ixfr(serial: number): Buffer {
  return packet.encode({
    type: "query",
    id: 9,
    questions: [{ type: "IXFR", name: ORIGIN, class: "IN" }],
    authorities: [{ type: "SOA", name: ORIGIN, class: "IN", ttl: 0, data: { mname: ".", rname: ".", serial, refresh: 0, retry: 0, expire: 0, minimum: 0 } }], // prettier-ignore
  });
}

const to = answerer([zone([FILE], { transferTo: ["192.0.2.0/24", "2001:db8::1"] })]);

describe("a transfer", () => {
  test("has the zone's records, each address, and whole blocks as wildcards", () => {
    const messages = [...(to.transfer(axfr, CLIENT, NOW) ?? [])];
    const transferred = new OrdinaryZone(ORIGIN, messages);
    const owners = transferred.owners().map((owner) => owner.replace(`.${ORIGIN}`, ""));
    assert.deepEqual(owners.filter((owner) => !/^[0-9]+\.(?:100\.51\.198|0\.0\.127)$/.test(owner)), [ORIGIN, "1.2.0.192", "*.101.51.198", `2.0.0.0.0.0.f.7.f.f.f.f${".0".repeat(20)}`]); // prettier-ignore
    assert.ok(owners.includes("8.100.51.198") && !owners.includes("7.100.51.198"));
    assert.ok(owners.includes("2.0.0.127") && !owners.includes("1.0.0.127"), "RFC 5782 §5");
    const texts = (owner: string): string[] =>
      transferred.records.flatMap((record) => record.type === "TXT" && record.name === `${owner}.${ORIGIN}` ? [String(record.data)] : []); // prettier-ignore
    assert.deepEqual(texts("1.2.0.192"), ["see 192.0.2.1"]);
    assert.equal(decoded(messages[0] ?? axfr).id, 0x1234);
    assert.deepEqual(
      transferred.records.slice(0, 2).map(({ type }) => type),
      ["NS", "NS"],
    );
  });

  test("says of a block what it is", () => {
    const block = answerer([zone([source("ip4set", "198.51.101.0/24 :4:$ is a block"), source("ip6trie", "2001:db8::/36 :4:$")], { transferTo: [CLIENT] })]); // prettier-ignore
    const { records } = new OrdinaryZone(ORIGIN, [...(block.transfer(axfr, CLIENT, NOW) ?? [])]);
    const texts = records.flatMap((record) => (record.type === "TXT" ? [String(record.data)] : []));
    assert.ok(texts.includes("198.51.101.0/24 is a block") && texts.includes("2001:db8::/36"), texts.join("; ")); // prettier-ignore
  });

  test("comes in as many messages as it takes", () => {
    const lines = Array.from({ length: 3000 }, (_, i) => `10.0.${i >> 8}.${i & 255} :2:words`).filter((_, i) => i % 2 === 0); // prettier-ignore
    const large = answerer([zone([source("ip4set", lines)], { transferTo: [CLIENT] })]);
    const messages = [...(large.transfer(axfr, CLIENT, NOW) ?? [])];
    assert.ok(messages.length > 3);
    assert.ok(messages.every(({ length }) => length <= 16_384));
    const { records } = new OrdinaryZone(ORIGIN, messages);
    assert.equal(records.length, 2 + 2 * 1500 + 4, "and two test points with their texts");
  });

  test("is for who may have it, over TCP, and of a zone that is good", () => {
    assert.ok(to.transfer(axfr, ip("2001:db8::1"), NOW) !== undefined);
    assert.equal(to.transfer(axfr, ip("192.0.3.1"), NOW), undefined);
    assert.equal(
      said(to, ORIGIN, { type: "AXFR", over: "tcp", client: ip("192.0.3.1") }),
      "REFUSED",
    );
    assert.equal(said(to, ORIGIN, { type: "AXFR", over: "udp" }), "REFUSED");
    assert.equal(to.transfer(query(`192.${ORIGIN}`, { type: "AXFR" }), CLIENT, NOW), undefined);
    assert.equal(said(to, `192.${ORIGIN}`, { type: "AXFR", over: "tcp" }), "REFUSED");
    assert.equal(to.transfer(query(ORIGIN), CLIENT, NOW), undefined);
    const late = answerer([zone([FILE], { transferTo: [CLIENT], validUntil: NOW })]);
    assert.ok(late.transfer(axfr, CLIENT, NOW - 1) !== undefined);
    assert.equal(late.transfer(axfr, CLIENT, NOW), undefined);
    assert.equal(said(late, ORIGIN, { type: "AXFR", over: "tcp" }), "SERVFAIL");
  });

  test("of a retired zone has nobody in it", () => {
    const old = answerer([zone([FILE], { transferTo: [CLIENT], retired: true })]);
    const { records } = new OrdinaryZone(ORIGIN, [...(old.transfer(axfr, CLIENT, NOW) ?? [])]);
    assert.deepEqual(
      records.map(({ type }) => type),
      ["NS", "NS", "TXT"],
    );
  });

  test("asked for in part comes whole, or not at all where there is nothing new", () => {
    assert.ok(to.transfer(ixfr(6), CLIENT, NOW) !== undefined);
    assert.ok(to.transfer(ixfr(2 ** 32 - 1), CLIENT, NOW) !== undefined, "RFC 1982");
    assert.equal(to.transfer(ixfr(7), CLIENT, NOW), undefined);
    assert.equal(spelt(octetsTo(to, ixfr(7), { over: "tcp" }) ?? axfr), "NOERROR SOA ");
    // RFC 1995 §2: over UDP the SOA says that there is something new.
    assert.equal(spelt(octetsTo(to, ixfr(6), { over: "udp" }) ?? axfr), "NOERROR SOA ");
    assert.equal(spelt(octetsTo(to, ixfr(7), { over: "tcp", client: ip("192.0.3.1") }) ?? axfr), "REFUSED"); // prettier-ignore
  });
});

describe("a NOTIFY", () => {
  const message = notifyMessage(ORIGIN, 0xabcd);

  test("names the zone", () => {
    assert.equal((message[2] ?? 0) >> 3, 4, "its opcode");
    const { id, flag_aa: aa, questions } = packet.decode(Buffer.from(message));
    assert.deepEqual({ id, aa, questions }, { id: 0xabcd, aa: true, questions: [{ name: ORIGIN, type: "SOA", class: "IN" }] }); // prettier-ignore
  });

  test("is answered, or what comes is no answer to it", () => {
    const answer = message.slice();
    answer[2] = 0xa4;
    assert.equal(readNotified(answer, message), 0);
    answer[3] = 9;
    assert.equal(readNotified(answer, message), 9);
    assert.equal(readNotified(message, message), undefined, "a question");
    assert.equal(readNotified(answer.subarray(0, 11), message), undefined);
    answer[0] = 0;
    assert.equal(readNotified(answer, message), undefined, "another id");
  });
});
