/** Where a list is served on all addresses of a machine, each that others ask has a socket of its own, beside the one for all. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { withOwnAddresses } from "../../../../src/operate/listing/serving/own-addresses.ts";
import { ip } from "../asking.ts";

const MACHINE = ["127.0.0.1", "192.0.2.1", "198.51.100.1", "::1", "fe80::1", "2001:db8::1", "2001:db8::2"].map(ip); // prettier-ignore

function opened(addresses: readonly string[], machine = MACHINE): readonly string[] {
  const ports = addresses.map((address) => ({ setting: "listen.dns", address, port: 53 }));
  return withOwnAddresses(ports, () => machine).map(({ address, port }) => `${address} ${port}`);
}

test("all addresses of the family, but those that nobody else asks", () => {
  const four = ["0.0.0.0 53", "192.0.2.1 53", "198.51.100.1 53"];
  const six = [":: 53", "2001:db8::1 53", "2001:db8::2 53"];
  assert.deepEqual(opened(["0.0.0.0"]), four);
  assert.deepEqual(opened(["::"]), six);
  assert.deepEqual(opened(["0.0.0.0", "::"]).toSorted(), [...four, ...six].toSorted());
});

test("none twice, and none where the system has one to pick, or single ones are named", () => {
  assert.deepEqual(opened(["198.51.100.1", "0.0.0.0"]), ["198.51.100.1 53", "0.0.0.0 53", "192.0.2.1 53"]); // prettier-ignore
  assert.deepEqual(opened(["0.0.0.0"], [ip("127.0.0.1"), ip("192.0.2.1")]), ["0.0.0.0 53"]);
  assert.deepEqual(opened(["192.0.2.1", "2001:db8::1"]), ["192.0.2.1 53", "2001:db8::1 53"]);
});

test("of very many so many", () => {
  const many = Array.from({ length: 200 }, (_, i) => ip(`192.0.2.${i}`));
  assert.equal(opened(["0.0.0.0"], many).length, 65);
});
