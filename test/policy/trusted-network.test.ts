/** Trusted networks: which may not be trusted as they stand, what is said about them, and whom they hold. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCidr, parseIp, type Cidr, type Ip } from "../../src/mail/index.ts";
import {
  ACCEPTABLE_DANGERS,
  trustedNetwork,
  unsafeNetworks,
  type AcceptableDanger,
  type MachineFacts,
  type TrustedNetwork,
} from "../../src/policy/checks/index.ts";

function block(text: string): Cidr {
  return parseCidr(text) ?? assert.fail(text);
}

function ip(text: string): Ip {
  return parseIp(text) ?? assert.fail(text);
}

function entry(text: string, ...accepts: AcceptableDanger[]): TrustedNetwork {
  return { network: block(text), reason: "the old scanner", accepts };
}

const MACHINE: MachineFacts = {
  gateways: [ip("192.0.2.1"), ip("fe80::1")],
  addresses: [ip("192.0.2.5"), ip("2001:db8:1::5"), ip("127.0.0.1"), ip("::1")],
  networks: [
    { on: "eth0", network: block("192.0.2.5/24") },
    { on: "docker0", network: block("172.17.0.1/16") },
    { on: "docker0", network: block("fd00:17::1/64") },
    { on: "br-4f2e8a9b3c1d", network: block("172.18.0.0/16") },
    { on: "cni0", network: block("10.42.0.1/24") },
  ],
};
const PROXIES = [block("192.0.2.200"), block("198.51.100.0/24")];

function problem(one: TrustedNetwork, machine = MACHINE): string {
  const found = unsafeNetworks([entry("203.0.113.0/28"), one], machine, PROXIES);
  assert.ok(found.every(({ index }) => index === 1));
  return found.map((unsafe) => unsafe.problem).join("\n");
}

/** A network, and the dangers that have to be accepted for it. */
const NETWORKS: readonly (readonly [string, ...AcceptableDanger[]])[] = [
  ["192.0.2.16/28"],
  ["203.0.113.0/24"],
  ["203.0.113.0/23", "wide"],
  ["2001:db8:7::/64"],
  ["2001:db8:7::/63", "wide"],
  ["10.0.0.0/8", "container-bridge", "wide"],
  ["192.0.2.0/28", "default-gateway", "this-machine"],
  ["192.0.2.1", "default-gateway"],
  ["::ffff:192.0.2.1", "default-gateway"],
  ["fe80::/64", "default-gateway"],
  ["192.0.2.5", "this-machine"],
  ["2001:db8:1::/64", "this-machine"],
  ["127.0.0.1", "this-machine"],
  ["127.0.0.53", "this-machine"],
  ["::1", "this-machine"],
  ["::/120", "this-machine"],
  ["172.17.0.1", "container-bridge"],
  ["172.17.9.9", "container-bridge"],
  ["172.18.0.0/24", "container-bridge"],
  ["fd00:17::7", "container-bridge"],
  ["10.42.0.0/25", "container-bridge"],
  ["192.0.2.192/28", "proxy"],
  ["198.51.100.7", "proxy"],
  // A translator shows each IPv4 address in an IPv6 one.
  ["64:ff9b::192.0.2.0/120"],
  ["64:ff9b::192.0.0.0/112", "wide"],
];

test("each danger of a network is named, with the text that accepts it, which then does", () => {
  for (const [text, ...dangers] of NETWORKS) {
    const said = problem(entry(text));
    if (dangers.length === 0) {
      assert.equal(said, "", text);
      continue;
    }
    const accept = `; to accept that, write: accepts = ${JSON.stringify(dangers)}`;
    assert.equal(said.slice(said.indexOf("; to accept")), accept, text);
    assert.equal(problem(entry(text, ...dangers)), "", text);
    for (const missing of dangers) {
      const some = dangers.filter((danger) => danger !== missing);
      assert.notEqual(problem(entry(text, ...some)), "", `${text} without ${missing}`);
    }
  }
});

test("what a danger is, is said in words", () => {
  const lines = ["192.0.2.0/28", "172.17.0.0/16", "198.51.100.7", "127.0.0.1"].map((text) =>
    problem(entry(text)),
  );
  assert.deepEqual(lines, [
    "192.0.2.0/28 holds 192.0.2.1, the default gateway, behind which may be everybody; " +
      "192.0.2.0/28 holds 192.0.2.5, this machine itself, from where every program on it speaks, also a broken web page; " +
      'to accept that, write: accepts = ["default-gateway","this-machine"]',
    "172.17.0.0/16 holds addresses of docker0, a bridge whose host may stand for everybody; " +
      "172.17.0.0/16 is more than 256 addresses; " +
      'to accept that, write: accepts = ["container-bridge","wide"]',
    "198.51.100.7/32 holds the proxy 198.51.100.0/24 of a listener, which speaks for everybody; " +
      'to accept that, write: accepts = ["proxy"]',
    "127.0.0.1/32 holds loopback, from where every program of this machine speaks, also a broken web page; " +
      'to accept that, write: accepts = ["this-machine"]',
  ]);
});

test("what is accepted already stays in the text to write", () => {
  const said = problem(entry("192.0.2.0/28", "wide", "this-machine"));
  assert.match(said, /accepts = \["wide","this-machine","default-gateway"\]$/);
});

test("where the gateway cannot be known, every network may hold it", () => {
  const { addresses, networks } = MACHINE;
  const elsewhere = { addresses, networks };
  const unknown = unsafeNetworks([entry("203.0.113.7")], elsewhere, []);
  assert.match(unknown[0]?.problem ?? "", /cannot be known.*accepts = \["unknown-gateway"\]$/);
  assert.deepEqual(unsafeNetworks([entry("203.0.113.7", "unknown-gateway")], elsewhere, []), []);
});

test("loopback is this machine, whatever its interfaces are", () => {
  for (const text of ["127.0.0.1", "127.8.0.0/24", "::1", "::ffff:127.0.0.1"])
    assert.match(
      problem(entry(text), { gateways: [], addresses: [], networks: [] }),
      /accepts = \["this-machine"\]$/,
      text,
    );
});

test("everybody is accepted by no word", () => {
  for (const text of [
    "0.0.0.0/0",
    "::/0",
    "::ffff:0:0/96",
    "0.0.0.0/1",
    "128.0.0.0/7",
    "2000::/3",
    "64:ff9b::/96",
    "64:ff9b::/103",
  ])
    assert.match(
      problem(entry(text, ...ACCEPTABLE_DANGERS)),
      /is everybody; nothing accepts/,
      text,
    );
  assert.equal(problem(entry("10.0.0.0/8", "container-bridge", "wide")), "");
});

test("an address is held by the first entry that has it, in whichever way it is written", () => {
  const entries = [entry("192.0.2.16/28"), entry("192.0.2.0/24"), entry("2001:db8:7::/64")];
  const held = (text: string) => trustedNetwork(entries, ip(text))?.network.text;
  assert.equal(held("192.0.2.17"), "192.0.2.16/28");
  assert.equal(held("::ffff:192.0.2.17"), "192.0.2.16/28");
  assert.equal(held("192.0.2.99"), "192.0.2.0/24");
  assert.equal(held("2001:db8:7::99"), "2001:db8:7::/64");
  for (const text of ["192.0.3.1", "::192.0.2.17", "2001:db8:8::1", "64:ff9b::192.0.2.17"])
    assert.equal(held(text), undefined, text);
  assert.equal(trustedNetwork([], ip("127.0.0.1")), undefined);
});
